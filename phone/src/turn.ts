/**
 * Of several windows of the app only one talks to desktops: the one that was opened or brought to the front last. A
 * desktop keeps one connection to a phone, so two windows would push each other aside for as long as both are open.
 *
 * Which one has the turn is a Web Lock; a browser that has none lets every window have it.
 */
export class Turn {
  private give: () => void = () => {};

  /** What happens when another window takes the turn. */
  constructor(private readonly lost: () => void) {}

  /** Takes the turn from whichever window has it. */
  take(): void {
    const held = () =>
      new Promise<void>((resolve) => {
        this.give = resolve;
      });
    navigator.locks?.request("tallykey", { steal: true }, held).catch((e) => e?.name === "AbortError" && this.lost());
  }

  /** Gives it back: a page that holds a lock can't be put aside by the browser. */
  end(): void {
    this.give();
  }
}
