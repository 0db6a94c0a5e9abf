/**
 * Browsers refuse WebAuthn to a page without the focus. Where a person chose "Use another way" in tallykey's window, the
 * focus is on its way back from there.
 */

/** How long the focus may take, in milliseconds. After it the browser is asked all the same, and says what it says. */
export const FOCUS_WITHIN = 5000;

/** Runs then once the page has the focus, or after FOCUS_WITHIN, unless the returned function is called before. */
export function whenFocused(scope: Window, then: () => void): () => void {
  const stop = () => {
    clearTimeout(timer);
    scope.removeEventListener("focus", go);
  };
  const go = () => {
    stop();
    then();
  };
  const timer = setTimeout(go, scope.document.hasFocus() ? 0 : FOCUS_WITHIN);
  scope.addEventListener("focus", go);
  return stop;
}
