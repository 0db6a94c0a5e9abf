import type { Registration } from "../types";

/** byRelyingParty groups the first registrations, at most so many, by RP ID: by its name, and inside by account. */
export function byRelyingParty(list: Registration[], most: number): [string, Registration[]][] {
  const groups = new Map<string, Registration[]>();
  const sorted = [...list].sort((a, b) => a.rpId.localeCompare(b.rpId) || a.account.localeCompare(b.account));
  for (const r of sorted.slice(0, most)) {
    const group = groups.get(r.rpId);
    if (group) group.push(r);
    else groups.set(r.rpId, [r]);
  }
  return [...groups];
}
