import type { Registration } from "./records";

/** Registrations, the newest first. */
export function newestFirst(list: Registration[]): Registration[] {
  return [...list].sort((a, b) => b.created - a.created);
}

/**
 * The credentials of registrations that a newer one took the place of: the same account, by the website's own handle, at
 * the same relying party. Which of them the website takes is for the website to say; until it does, both stay.
 */
export function replaced(list: Registration[]): Set<string> {
  const newest = new Map<string, Registration>();
  const old = new Set<string>();
  for (const r of newestFirst(list)) {
    if (!r.userId) continue; // an early version did not write whose it is
    const key = `${r.rpId} ${r.userId.join(",")}`;
    if (newest.has(key)) old.add(r.credential);
    else newest.set(key, r);
  }
  return old;
}
