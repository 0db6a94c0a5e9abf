/**
 * PublicKeyCredential's static functions, by which sites decide whether to offer a passkey at all: with a paired phone
 * there is a user-verifying authenticator here, whatever the computer itself has.
 */
import type { SignalKind } from "../protocol.ts";
import type { Channel } from "./channel.ts";
import { signalToJSON } from "./options.ts";
import { apply, defineProperty, getOwnPropertyDescriptor, later, Pledge } from "./primordials.ts";

/** The part of a window that this needs. */
export interface StaticsScope {
  PublicKeyCredential: object;
}

/** How long a page waits for our word, in milliseconds; then the browser's own answer stands. */
export const WORD_WITHIN = 200;

type Native = () => Promise<unknown>;
type Answer = (native: Native, args: unknown[]) => Promise<unknown>;

const SIGNALS = {
  signalUnknownCredential: "unknownCredential",
  signalAllAcceptedCredentials: "allAcceptedCredentials",
  signalCurrentUserDetails: "currentUserDetails",
} as const;

/** Wraps the functions that the browser has; what it lacks stays lacking. */
export function installStatics(scope: StaticsScope, channel: Pick<Channel, "paired" | "signal">): void {
  const wrap = (name: string, answer: Answer) => {
    const known = getOwnPropertyDescriptor(scope.PublicKeyCredential, name);
    if (typeof known?.value !== "function") return;
    const value = new Proxy(known.value as Native, {
      apply: (native, self: unknown, args: unknown[]) =>
        answer(() => apply(native, self, args) as Promise<unknown>, args),
    });
    defineProperty(scope.PublicKeyCredential, name, { ...known, value });
  };
  wrap("isUserVerifyingPlatformAuthenticatorAvailable", async (native) => (await native()) || paired(channel));
  wrap("getClientCapabilities", async (native) => withPhone(await native(), channel));
  for (const name of ["signalUnknownCredential", "signalAllAcceptedCredentials", "signalCurrentUserDetails"] as const)
    wrap(name, (native, args) => signal(SIGNALS[name], native, args[0], channel));
}

/**
 * The browser runs its own and judges: what it refuses reaches nobody. Its promise says nothing of what became of the
 * signal, so nothing of ours waits for it either.
 */
async function signal(kind: SignalKind, native: Native, argument: unknown, channel: Pick<Channel, "signal">) {
  const options = attempt(() => signalToJSON(kind, argument)); // the page may change its object afterwards
  const answer = await native();
  if (options) channel.signal(kind, options);
  return answer;
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined; // the browser's own conversion throws the error that the page expects
  }
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
