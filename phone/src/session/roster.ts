import { maxKept, maxPage, maxText } from "../link/limits";
import type { Item, Registrations } from "../link/message";
import { printable } from "../link/text";
import type { Desktop, Registration } from "../store/records";
import { opens } from "../store/records";

/**
 * What this phone tells a desktop that it holds, in as many messages as it takes. The desktop drops what is not among
 * it, so everything that the desktop could still ask for must be: also what is not confirmed yet, if it was made there.
 */
export function roster(desktop: Desktop, all: Registration[]): Registrations[] {
  const usable = all.filter((r) => opens(r, desktop) && (!r.pending || r.desktop === desktop.id));
  const items = usable.map(item).filter((i) => i !== undefined);
  const told = new Set(items.map((i) => i.credential));
  const kept = usable.map((r) => r.credential).filter((c) => !told.has(c));
  const pages = Math.max(1, Math.ceil(items.length / maxPage), Math.ceil(kept.length / maxKept));
  return Array.from({ length: pages }, (_, n) => ({
    type: "registrations",
    items: items.slice(n * maxPage, (n + 1) * maxPage),
    kept: kept.slice(n * maxKept, (n + 1) * maxKept),
    more: n < pages - 1,
  }));
}

function item(r: Registration): Item | undefined {
  const { credential, rpId, account: name, displayName, userId, publicKey, created, pending } = r;
  if (pending || !userId || !publicKey) return undefined;
  // An early version took names that turn text around, and a desktop would end the connection for one.
  if (!printable(name, maxText) || !printable(displayName, maxText)) return undefined;
  const told = r.unregister ? { unregister: r.unregister } : {};
  return { credential, rpId, userId, name, displayName, publicKey, keyProtection: r.key.protection, created, ...told };
}
