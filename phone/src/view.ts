// What screens are shown: the places a person can be at, and requests and desktops as they are read.
import type { Action, Mode } from "./link/message";
import type { Offer } from "./link/offer";
import { harmless } from "./link/text";
import type { PinChange } from "./pinchange.svelte";
import type { Item } from "./request/inbox";
import type { PromptState } from "./request/prompt";
import type { Website } from "./request/website";
import type { Cause } from "./session/cause";
import type { Reach } from "./session/session";
import type { Desktop } from "./store/records";

/** Where the person is when no request waits. */
export type View =
  | { name: "home" }
  | { name: "pair"; offer?: Offer; bad?: boolean }
  | { name: "pin"; offer?: Offer }
  | { name: "pinChange"; change: PinChange }
  | { name: "site"; rpId: string }
  | { name: "desktop"; id: string }
  | { name: "activity" }
  | { name: "phone"; said?: string };

/** The request on the screen. */
export interface RequestView {
  id: string;
  action: Action;
  website: Website | undefined;
  rpId: string;
  desktop: string;
  browser: string;
  accounts: string[];
  account: number;
  mode: Mode;
  numbers: string[];
  state: PromptState;
  chosen: string;
  /** As Date.now() counts. */
  deadline: number;
  /** Seconds that the whole ruler stands for. */
  total: number;
}

/** A desktop as it is listed. */
export interface DesktopView {
  desktop: Desktop;
  reach: Reach;
  code: string;
  /** Why it is away. */
  cause: Cause;
}

const year = 365 * 86_400_000; // milliseconds: so early the end of a pairing is told

/** Whether a pairing ends soon, or has ended. One that an early version of the desktop made does, the others never. */
export function ending({ ends }: Desktop, now = Date.now()): "" | "soon" | "over" {
  if (!ends || ends > now + year) return "";
  return ends > now ? "soon" : "over";
}

/** The request on the screen, as it is read: names lose what would make them look like other names. */
export function requestView(item: Item | undefined): RequestView | undefined {
  if (!item) return undefined;
  const { request, ceremony, state, chosen, deadline, account } = item.prompt;
  const { id, action, rpId, mode, numbers, secondsLeft } = request;
  const accounts = ceremony.accounts.map((a) => harmless(a.name));
  const total = secondsLeft > 60 ? 120 : 60;
  const [desktop, browser] = [harmless(item.source.name), harmless(request.browser)];
  const shown = { website: item.website, rpId, desktop, browser, accounts, account };
  return { id, action, ...shown, mode, numbers, state, chosen, deadline, total };
}
