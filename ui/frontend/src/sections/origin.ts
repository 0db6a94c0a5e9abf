/**
 * originOf is the origin of what a person types for a website: a host, or an address with a path that does not matter.
 * Undefined where it is none, and for anything but https.
 */
export function originOf(typed: string): string | undefined {
  const text = typed.trim();
  const address = text.includes("://") ? text : `https://${text}`;
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  return url.protocol === "https:" && url.hostname.includes(".") && !url.username ? url.origin : undefined;
}
