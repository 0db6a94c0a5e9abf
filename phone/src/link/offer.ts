import type { Bytes } from "./bytes";
import { decodeBase64url } from "./bytes";
import { maxAddresses, maxName, offerSecretBytes, version } from "./limits";
import { printable, validAddress, validID } from "./text";

/** What the QR code holds: everything to reach a desktop and to know it again; see phone/link/offer.go. */
export interface Offer {
  desktop: string;
  name: string;
  port: number;
  addresses: string[];
  /** SHA-256 of the desktop's DTLS certificate. */
  certificate: Bytes;
  /** Opens one pairing within two minutes. */
  secret: Bytes;
}

/** A text is not a pairing link of this version. Its message never quotes the text, which may hold a secret. */
export class OfferError extends Error {
  override name = "OfferError";
}

const maxLink = 3 << 10; // a QR code holds less

/** Reads a pairing link, or its fragment alone. Throws OfferError. */
export function parseOffer(link: string): Offer {
  rule(link.length <= maxLink, "length");
  const q = parseQuery(link.slice(link.indexOf("#") + 1));
  const get = (key: string) => q.get(key) ?? "";
  rule(get("v") === String(version), "version");
  const port = /^\d{1,8}$/.test(get("p")) ? Number(get("p")) : 0;
  rule(port > 0 && port <= 0xffff, "port");
  const certificate = decodeBase64url(get("f"));
  rule(certificate?.length === 32, "certificate");
  const secret = decodeBase64url(get("s"));
  rule(secret?.length === offerSecretBytes, "secret");
  rule(validID(get("d")) && get("n") !== "" && printable(get("n"), maxName), "desktop");
  const addresses = get("a").split(",");
  rule(addresses.length <= maxAddresses && addresses.every((a) => a === "" || validAddress(a)), "addresses");
  return {
    desktop: get("d"),
    name: get("n"),
    port,
    addresses: addresses.filter((a) => a !== ""),
    certificate: certificate as Bytes,
    secret: secret as Bytes,
  };
}

function rule(ok: boolean, what: string): void {
  if (!ok) throw new OfferError(`not a pairing link: ${what}`);
}

/** URLSearchParams would repair what is broken; a link that is broken is not one. The first of a key counts. */
function parseQuery(text: string): Map<string, string> {
  const out = new Map<string, string>();
  for (const pair of text.split("&")) {
    rule(!pair.includes(";"), "separator");
    const [key, ...value] = pair.split("=").map(unescapeForm);
    if (key !== undefined && !out.has(key)) out.set(key, value.join("="));
  }
  return out;
}

function unescapeForm(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new OfferError("not a pairing link: encoding");
  }
}
