import { join } from "node:path";
import { Tenant } from "../lib/tenant.ts";
import { World } from "../lib/world.ts";

/**
 * Opens everything on the person's display and steps back. The phone is a second window of phone size. Its session bus,
 * keyring, browser profiles and network are its own, so the person's are not touched.
 */
export async function offer(display: Record<string, string>): Promise<void> {
  // In /tmp, and not where only this process tree sees it: the person may want to use the command line.
  await using world = await World.start("run", { desktop: { display, window: true }, phone: { display }, in: "/tmp" });
  const tenant = await Tenant.start(world.desktop, join(world.folder, "tenant"));
  await tenant.open();
  console.log(`
  Two windows are open: a desktop's browser, and a phone. First the phone is paired:`);
  await Promise.race([use(world, tenant), world.desktop.browser.closed(), interrupted()]);
}

/** Pairs with the person's help, then says what there is to do. It never ends: the person does. */
async function use(world: World, tenant: Tenant): Promise<never> {
  while (!(await paired(world))) console.log("  That did not pair. Another try:");
  console.log(`
  Now, in the desktop's browser:
  1. Sign in as alice@contoso.example, password ${tenant.password}
  2. Choose "Sign-in methods", enable phone sign-in, and answer on the phone.
  3. Sign out, and sign in with the phone.

  The command line of this desktop, in another terminal:
    ${world.desktop.commandLine}

  Close the desktop's browser, or press Ctrl-C here, to end everything.
`);
  return new Promise(() => {});
}

/** Opens a pairing link on the phone, and tells the number as "tallykey pair" does in a terminal. */
async function paired(world: World): Promise<boolean> {
  const { desktop, phone } = world;
  const pairing = await desktop.pair();
  await phone.open(pairing.link);
  const number = desktop.number().then((shown) => console.log(`  On the phone, tap the desktop's number: ${shown}`));
  const { code } = await pairing.cli.ended;
  await number.catch(() => {});
  return code === 0;
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
}
