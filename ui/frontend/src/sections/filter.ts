import type { Activity } from "../types";

/** Wanted is what a person looks for in the activity; empty members mean everything. */
export interface Wanted {
  code: string;
  website: string;
  text: string;
}

/** hostOf is the website of a request as it is shown: the host of its origin, or else its RP ID; none for a pairing. */
export function hostOf(a: Activity): string {
  return URL.canParse(a.origin ?? "") ? new URL(a.origin ?? "").host : (a.rpId ?? "");
}

/** codesOf are the codes that occur, the most frequent first. */
export function codesOf(list: Activity[]): string[] {
  const counts = new Map<string, number>();
  for (const { code } of list) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts].sort(([a, n], [b, m]) => m - n || a.localeCompare(b)).map(([code]) => code);
}

/** filter keeps what fits all that is wanted. Text is looked for in website, account, browser, code and request id. */
export function filter(list: Activity[], { code, website, text }: Wanted): Activity[] {
  const part = text.trim().toLowerCase();
  return list.filter(
    (a) =>
      (!code || a.code === code) &&
      (!website || hostOf(a) === website) &&
      (!part || [hostOf(a), a.rpId, a.account, a.browser, a.code, a.request].join(" ").toLowerCase().includes(part)),
  );
}
