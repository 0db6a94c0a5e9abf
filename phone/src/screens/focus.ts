/** Moves the focus to a screen's heading when it appears, so that a screen reader begins there and Enter does nothing. */
export function focusHeading(heading: HTMLElement): void {
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  scrollTo(0, 0);
}
