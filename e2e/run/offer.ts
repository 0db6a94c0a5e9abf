import { join } from "node:path";
import { Tenant } from "../lib/tenant.ts";
import { World } from "../lib/world.ts";

/**
 * Opens everything on the person's display and steps back. The phone is a second window of phone size. Its session bus,
 * keyring, browser profiles and network are its own, so the person's are not touched.
 */
export async function offer(display: Record<string, string>): Promise<void> {
  await using world = await World.start("run", { desktop: { display, window: true }, phone: { display } });
  const tenant = await Tenant.start(world.desktop, join(world.folder, "tenant"));
  await tenant.open();
  const pairing = await world.desktop.pair();
  await world.phone.open(pairing.link);
  console.log(`
  Two windows are open: a desktop's browser and a phone.

  1. Phone: press the button to pair, then tap the number that the desktop shows.
  2. Desktop: sign in as alice@contoso.example, password ${tenant.password}
     then Security, "Enable phone sign-in", and the password once more.
  3. Sign out, and sign in with the phone.

  To pair again, or to look around, in another terminal:
    ${world.desktop.commandLine}

  Close the desktop's browser, or press Ctrl-C here, to end everything.
`);
  await Promise.race([world.desktop.browser.closed(), interrupted()]);
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
}
