import { expect } from "vitest";
import { fill, tap } from "./see.ts";
import { until } from "./wait.ts";
import type { World } from "./world.ts";

/** The app PIN of the person with the phone. */
export const PIN = "correct horse";

/**
 * Opens the app at the desktop that serves it, chooses the PIN and pairs. Returns the app's address. Somebody has turned
 * the trial on, and looked at the browser's warning.
 */
export async function pairTrial(world: World): Promise<string> {
  const { desktop, phone } = world;
  const pairing = await desktop.pair();
  expect(pairing.link).toMatch(/^https:\/\/(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):\d+\//);
  // A browser drops what it loads while a network is coming up, as this one is; a person loads the page again.
  const seen = async () => {
    await phone.open(pairing.link);
    return phone.sees(/weaker than your screen lock/, 5000);
  };
  await until(90_000, "the desktop's page", () => seen().catch(() => false));
  await fill(phone.page, "#pin-first", PIN);
  await fill(phone.page, "#pin-second", PIN);
  await tap(phone.page, "#pin-set");
  await approveTrial(world);
  expect((await pairing.cli.ended).code).toBe(0);
  await desktop.phoneConnected(60_000);
  return new URL("/", pairing.link).href;
}

/** Enters a PIN that the phone asks for. */
export async function enterPin({ phone }: World, pin = PIN): Promise<void> {
  await fill(phone.page, "#pin", pin);
  await tap(phone.page, "#pin-enter");
}

/** Answers the request on both screens as the person who started it and knows the PIN. */
export async function approveTrial(world: World): Promise<void> {
  await world.approve(60_000);
  await enterPin(world);
}
