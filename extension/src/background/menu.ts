/** The context menu of editable fields: one entry for each registration that a waiting conditional request can use. */
import type { Offered } from "./tabs.ts";

/** One entry. */
export interface Entry {
  /** The credential ID. */
  id: string;
  account: string;
  /** Match patterns of the pages that it is for. */
  pages: string[];
}

/** The entries for what is offered: a registration once, on the pages of every origin that it is offered to. */
export function entriesOf(offers: readonly Offered[]): Entry[] {
  const entries = new Map<string, Entry>();
  for (const { origin, registrations } of offers)
    for (const { id, account } of registrations) {
      const entry = entries.get(id) ?? { id, account, pages: [] };
      const page = patternOf(origin);
      if (!entry.pages.includes(page)) entry.pages.push(page);
      entries.set(id, entry);
    }
  return [...entries.values()];
}

/** Firefox knows no ports in patterns; an entry on another port of the host finds no offer in its tab. */
function patternOf(origin: string): string {
  const { protocol, hostname } = new URL(origin);
  return `${protocol}//${hostname}/*`;
}

/** A title with the account's own characters: "&" marks a key there, and "%s" is what is selected on the page. */
export function plain(text: string): string {
  return text.replaceAll("&", "&&").replaceAll("%s", "%\u200bs");
}
