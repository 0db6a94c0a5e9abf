// Chrome offers to install the app by an event that a page keeps and plays back in a tap.

interface InstallEvent extends Event {
  prompt(): Promise<unknown>;
}

class Installer {
  /** The browser's offer; undefined where there is none, or the app is installed. */
  event = $state.raw<InstallEvent | undefined>();

  /** Has the browser ask the person. Its offer is good once. */
  async ask(): Promise<void> {
    const { event } = this;
    this.event = undefined;
    await event?.prompt();
  }
}

/** The browser's offer to put the app on the home screen. */
export const installer = new Installer();

/** Keeps the offer for the moment that the person wants it. */
export function followInstall(): void {
  addEventListener("beforeinstallprompt", (e) => {
    e.preventDefault();
    installer.event = e as InstallEvent;
  });
  addEventListener("appinstalled", () => {
    installer.event = undefined;
  });
}
