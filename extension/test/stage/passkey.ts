/** A passkey of the browser's own: what answers when tallykey does not. */
import type { Page } from "puppeteer-core";
import { FIREFOX, marionetteOf } from "./browser.ts";

const WITH = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true } as const;

interface Credential {
  credentialId: string;
}

/** An authenticator in the computer that always agrees: in Chromium for one page, in Firefox for all. */
export class NativePasskey {
  readonly #credentials: () => Promise<Credential[]>;
  /** Takes it out again. */
  readonly remove: () => Promise<void>;

  private constructor(credentials: () => Promise<Credential[]>, remove: () => Promise<void>) {
    this.#credentials = credentials;
    this.remove = remove;
  }

  static add(page: Page): Promise<NativePasskey> {
    return FIREFOX ? inFirefox(page) : inChromium(page);
  }

  static of(credentials: () => Promise<Credential[]>, remove: () => Promise<void>): NativePasskey {
    return new NativePasskey(credentials, remove);
  }

  /** The ids of its credentials, base64url. */
  async ids(): Promise<string[]> {
    const all = await this.#credentials();
    return all.map(({ credentialId }) => Buffer.from(credentialId, "base64").toString("base64url"));
  }
}

async function inChromium(page: Page): Promise<NativePasskey> {
  const devtools = await page.createCDPSession();
  await devtools.send("WebAuthn.enable", { enableUI: false });
  const options = { ...WITH, isUserVerified: true, automaticPresenceSimulation: true };
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options });
  return NativePasskey.of(
    async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    () => devtools.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId }),
  );
}

async function inFirefox(page: Page): Promise<NativePasskey> {
  const marionette = await marionetteOf(page.browser());
  const options = { ...WITH, isUserVerified: true, isUserConsenting: true };
  const authenticatorId = await marionette.call("WebAuthn:AddVirtualAuthenticator", options);
  return NativePasskey.of(
    async () => (await marionette.call("WebAuthn:GetCredentials", { authenticatorId })) as Credential[],
    async () => void (await marionette.call("WebAuthn:RemoveVirtualAuthenticator", { authenticatorId })),
  );
}
