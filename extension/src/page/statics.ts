/**
 * PublicKeyCredential's static functions, by which sites decide whether to offer a passkey at all: with a paired phone
 * there is a user-verifying authenticator here, whatever the computer itself has.
 */
import type { Channel } from "./channel.ts";
import { apply, defineProperty, getOwnPropertyDescriptor, later, Pledge } from "./primordials.ts";

/** The part of a window that this needs. */
export interface StaticsScope {
  PublicKeyCredential: object;
}

/** How long a page waits for our word, in milliseconds; then the browser's own answer stands. */
export const WORD_WITHIN = 200;

type Native = () => Promise<unknown>;

/** Wraps the functions that the browser has; what it lacks stays lacking. */
export function installStatics(scope: StaticsScope, channel: Pick<Channel, "paired">): void {
  const wrap = (name: string, answer: (native: Native) => Promise<unknown>) => {
    const known = getOwnPropertyDescriptor(scope.PublicKeyCredential, name);
    if (typeof known?.value !== "function") return;
    const value = new Proxy(known.value as Native, {
      apply: (native, self: unknown, args: unknown[]) => answer(() => apply(native, self, args) as Promise<unknown>),
    });
    defineProperty(scope.PublicKeyCredential, name, { ...known, value });
  };
  wrap("isUserVerifyingPlatformAuthenticatorAvailable", async (native) => (await native()) || paired(channel));
  wrap("getClientCapabilities", async (native) => withPhone(await native(), channel));
}

/** Says the same as isUserVerifyingPlatformAuthenticatorAvailable(). */
async function withPhone(capabilities: unknown, channel: Pick<Channel, "paired">): Promise<unknown> {
  const known = capabilities as { [name: string]: unknown };
  if (known["userVerifyingPlatformAuthenticator"] === true || !(await paired(channel))) return known;
  const more = ["userVerifyingPlatformAuthenticator", "passkeyPlatformAuthenticator"];
  for (let i = 0; i < more.length; i++) {
    const name = more[i] as string;
    if (name in known) known[name] = true;
  }
  return known;
}

function paired(channel: Pick<Channel, "paired">): Promise<boolean> {
  return new Pledge((resolve) => {
    later(() => resolve(false), WORD_WITHIN);
    channel.paired(resolve);
  });
}
