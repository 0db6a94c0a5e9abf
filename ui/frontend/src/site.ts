/** Site is a host as it is shown: the registrable domain carries the weight. */
export interface Site {
  before: string[]; // labels, each with its dot
  domain: string;
  port: string; // ":8443", or empty
  letters: boolean; // a label is Punycode: its letters can look like others
}

/**
 * siteOf splits what the daemon says; it decides nothing. A host that does not end with the domain (an IP address)
 * carries all the weight itself.
 */
export function siteOf(host: string, domain: string): Site {
  const [, name = host, port = ""] = /^(.*?)(:\d+)?$/.exec(host) ?? [];
  const letters = name.split(".").some((l) => l.startsWith("xn--"));
  if (!domain || !name.endsWith(`.${domain}`)) return { before: [], domain: name, port, letters };
  const before = name.slice(0, -domain.length - 1).split(".");
  return { before: before.map((l) => `${l}.`), domain, port, letters };
}
