import type { Bytes } from "../link/bytes";
import type { Request } from "../link/message";

/** The website of a request as the person is shown it, in ASCII. */
export interface Website {
  /** The host name, with a port that isn't the usual one. */
  host: string;
  /** Labels before the registrable domain, each with its dot. */
  labels: string[];
  domain: string;
  /** ":8443", or empty. */
  port: string;
  /** The host of the page around the frame, where it is another; or empty. */
  inside: string;
  /** The name has letters outside ASCII, written as xn--: they can look like others. */
  lookalike: boolean;
}

/** The request names a website that does not fit what would be signed for it. */
export class WebsiteError extends Error {
  override name = "WebsiteError";
}

/**
 * Checks a request before a person sees it. What the signature covers is clientDataJSON and the RP ID; what the person
 * sees is the origin. A desktop that lets the two differ would have people approve one website and sign for another.
 * Throws WebsiteError.
 */
export function website(r: Request): Website {
  const url = originURL(r.origin);
  const host = url.hostname;
  const data = clientData(r.clientDataJSON);
  rule(data.origin === r.origin, "clientDataJSON names another origin");
  rule(data.type === `webauthn.${r.action}`, "clientDataJSON is for another ceremony");
  rule(typeof data.challenge === "string" && data.challenge !== "", "clientDataJSON has no challenge");
  rule(r.related === true || within(host, r.rpId), "the RP ID is no suffix of the host");
  rule(within(host, r.domain), "the domain is no suffix of the host");
  rule(r.related === true || within(r.rpId, r.domain), "the RP ID is wider than the domain");
  return shown(url, r.domain, typeof data.topOrigin === "string" ? data.topOrigin : "");
}

function shown(url: URL, domain: string, top: string): Website {
  const before = url.hostname.slice(0, url.hostname.length - domain.length);
  const port = url.port === "" ? "" : `:${url.port}`;
  const inside = top === "" ? "" : originURL(top).host;
  const lookalike = url.hostname.split(".").some((label) => label.startsWith("xn--"));
  return { host: url.host, labels: before.match(/[^.]+\./g) ?? [], domain, port, inside, lookalike };
}

/** An origin is a scheme, a host and a port, and nothing else: what a URL parser would drop must not be there. */
function originURL(origin: string): URL {
  const url = URL.parse ? URL.parse(origin) : tryURL(origin);
  rule(url !== null && url.origin === origin && /^https?:$/.test(url.protocol), "not an origin");
  return url as URL;
}

function tryURL(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function within(host: string, domain: string): boolean {
  return domain !== "" && !domain.startsWith(".") && (host === domain || host.endsWith(`.${domain}`));
}

function clientData(bytes: Bytes): Record<string, unknown> {
  const text = read(() => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  const data = read(() => JSON.parse(text));
  // A member that stands there twice is read one way here and maybe another way by the website.
  rule(JSON.stringify(data) === text, "clientDataJSON is not in its one form");
  return typeof data === "object" && data !== null ? data : {};
}

function read<T>(how: () => T): T {
  try {
    return how();
  } catch {
    throw new WebsiteError("clientDataJSON can't be read");
  }
}

function rule(ok: boolean, what: string): void {
  if (!ok) throw new WebsiteError(what);
}
