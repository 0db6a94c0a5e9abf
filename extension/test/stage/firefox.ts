/** Firefox's own window, which WebDriver BiDi lets scripts into where the browser was started with system access. */
import type { Browser } from "puppeteer-core";

interface Bidi {
  connection: { send(method: string, params: object): Promise<{ result: Answered }> };
}

interface Answered {
  contexts: { context: string }[];
  type: string;
  result: { value: string };
  exceptionDetails: { text: string };
}

/** What a script in Firefox's own window says. */
export async function inFirefox(browser: Browser, expression: string): Promise<string> {
  const { connection } = browser as unknown as Bidi;
  const tree = await connection.send("browsingContext.getTree", { "moz:scope": "chrome" });
  const target = { context: tree.result.contexts[0]?.context };
  const { result } = await connection.send("script.evaluate", { expression, target, awaitPromise: true });
  if (result.type !== "success") throw new Error(result.exceptionDetails.text);
  return result.result.value;
}

/** Loads an address that pages may not go to into the tab in front. */
export const load = (browser: Browser, address: string): Promise<string> =>
  inFirefox(
    browser,
    `new Promise((resolve) => {
      const tab = gBrowser.selectedBrowser;
      const listener = {
        onStateChange(browser, { isTopLevel }, _, flags) {
          const { STATE_STOP, STATE_IS_NETWORK } = Ci.nsIWebProgressListener;
          const over = (flags & STATE_STOP) && (flags & STATE_IS_NETWORK);
          if (browser !== tab || !isTopLevel || !over || browser.currentURI.spec !== "${address}") return;
          gBrowser.removeTabsProgressListener(listener);
          resolve("loaded");
        },
      };
      gBrowser.addTabsProgressListener(listener);
      const triggeringPrincipal = Services.scriptSecurityManager.getSystemPrincipal();
      tab.fixupAndLoadURIString("${address}", { triggeringPrincipal });
    })`,
  );
