import { describe, expect, it } from "vitest";
import { utf8 } from "../link/bytes";
import type { Request } from "../link/message";
import { WebsiteError, website } from "./website";

interface Case {
  origin?: string;
  rpId?: string;
  domain?: string;
  action?: "create" | "get";
  data?: Record<string, unknown>;
}

function request({ origin = "https://mail.contoso.example", action = "get", data = {}, ...more }: Case): Request {
  const clientData = { type: `webauthn.${action}`, challenge: "AAEC", origin, crossOrigin: false, ...data };
  return {
    ...{ type: "request", id: "AAECAwQFBgcICQoLDA0ODw", action, origin, domain: "contoso.example" },
    ...{ rpId: "contoso.example", accounts: [], browser: "Firefox", mode: "choose", numbers: ["01", "02", "03"] },
    ...{ secondsLeft: 60, clientDataJSON: utf8(JSON.stringify(clientData)) },
    ...more,
  };
}

describe("a website", () => {
  it("is shown by its host, the registrable domain apart", () => {
    expect(website(request({}))).toEqual({
      ...{ host: "mail.contoso.example", labels: ["mail."], domain: "contoso.example", port: "" },
      ...{ inside: "", lookalike: false },
    });
  });

  it("is shown with a port that is not the usual one", () => {
    const site = website(request({ origin: "https://a.b.contoso.example:8443" }));
    expect(site).toMatchObject({ host: "a.b.contoso.example:8443", labels: ["a.", "b."], port: ":8443" });
  });

  it("may be this machine", () => {
    const local = { origin: "http://localhost:8080", rpId: "localhost", domain: "localhost" };
    expect(website(request(local))).toMatchObject({ domain: "localhost", port: ":8080", labels: [] });
  });

  it("may use the RP ID of another one that lists it", () => {
    const r = { ...request({ rpId: "fabrikam.example" }), related: true };
    expect(website(r)).toMatchObject({ domain: "contoso.example" });
    expect(() => website({ ...r, domain: "fabrikam.example" })).toThrow(WebsiteError);
  });

  it("tells of letters that look like others, and of the page around a frame", () => {
    const odd = { origin: "https://xn--contso-zqf.example", rpId: "xn--contso-zqf.example" };
    const frame = { crossOrigin: true, topOrigin: "https://shop.example" };
    expect(website(request({ ...odd, domain: "xn--contso-zqf.example", data: frame }))).toMatchObject({
      lookalike: true,
      inside: "shop.example",
    });
  });
});

describe("a request is refused", () => {
  const cases: Record<string, Case> = {
    "for another origin in clientDataJSON": { data: { origin: "https://evil.example" } },
    "for the other ceremony in clientDataJSON": { data: { type: "webauthn.create" } },
    "without a challenge": { data: { challenge: "" } },
    "with a challenge that is no text": { data: { challenge: 7 } },
    "for an RP ID of another site": { rpId: "fabrikam.example" },
    "for an RP ID that only ends alike": { origin: "https://evilcontoso.example", domain: "evilcontoso.example" },
    "for an RP ID below the host": { origin: "https://contoso.example", rpId: "mail.contoso.example" },
    "for an RP ID that begins with a dot": { rpId: ".contoso.example" },
    "for a domain that is not the host's": { domain: "evil.example" },
    "without a domain": { domain: "" },
    // A desktop that lies would have the person read another name in bold than the one that is signed for.
    "for an RP ID wider than the domain": { rpId: "contoso.example", domain: "mail.contoso.example" },
    "for an origin with a path": { origin: "https://mail.contoso.example/" },
    "for an origin with a user": { origin: "https://contoso.example@evil.example" },
    "for an origin of another scheme": { origin: "ftp://mail.contoso.example" },
    "for an origin in capitals": { origin: "https://MAIL.contoso.example" },
    "for no origin at all": { origin: "null" },
  };
  for (const [name, c] of Object.entries(cases)) {
    it(name, () => expect(() => website(request(c))).toThrow(WebsiteError));
  }

  it("when clientDataJSON is no JSON, or not UTF-8", () => {
    for (const clientDataJSON of [utf8("{"), Uint8Array.of(0xff), utf8("null"), utf8("7")]) {
      expect(() => website({ ...request({}), clientDataJSON })).toThrow(WebsiteError);
    }
  });

  it("when clientDataJSON could be read in two ways: a member twice, spaces, a byte order mark", () => {
    const good = new TextDecoder().decode(request({}).clientDataJSON);
    const twice = good.replace("{", '{"origin":"https://evil.example",');
    expect(JSON.parse(twice).origin).toBe("https://mail.contoso.example");
    for (const text of [twice, good.replace(":", ": "), `\ufeff${good}`, good.replace("mail", "\\u006dail")]) {
      expect(() => website({ ...request({}), clientDataJSON: utf8(text) })).toThrow(WebsiteError);
    }
    expect(() => website({ ...request({}), clientDataJSON: utf8(good) })).not.toThrow();
  });
});
