// Screens that are not needed at first sight come later: when they are asked for, and in any case soon after the start,
// so that a newer version of the app can't take them away from an open page.
import type { Component } from "svelte";

const loads = {
  activity: () => import("./Activity.svelte"),
  connecting: () => import("./Connecting.svelte"),
  desktop: () => import("./Desktop.svelte"),
  install: () => import("./Install.svelte"),
  outcome: () => import("./Outcome.svelte"),
  pair: () => import("./Pair.svelte"),
  phone: () => import("./Phone.svelte"),
  pin: () => import("./Pin.svelte"),
  pinChange: () => import("./PinChange.svelte"),
  pinEntry: () => import("./PinEntry.svelte"),
  site: () => import("./Registrations.svelte"),
  trouble: () => import("./Trouble.svelte"),
} as const;

export type LazyScreen = keyof typeof loads;

type AnyScreen = Component<Record<string, unknown>>;

const screens = $state<{ [Name in LazyScreen]?: AnyScreen | "missing" }>({});

/** The screen; undefined while it is on its way, "missing" where it did not come. */
export function screen(name: LazyScreen): AnyScreen | "missing" | undefined {
  return screens[name];
}

/** Brings a screen. */
export async function bring(name: LazyScreen): Promise<void> {
  if (screens[name] && screens[name] !== "missing") return;
  try {
    screens[name] = (await loads[name]()).default as unknown as AnyScreen;
  } catch {
    screens[name] = "missing";
  }
}

/** Brings all of them. */
export async function bringAll(): Promise<void> {
  await Promise.all((Object.keys(loads) as LazyScreen[]).map(bring));
}
