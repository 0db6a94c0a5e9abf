// The checks bound every field by size and grammar, rule for rule as phone/link/check.go; the tests of both read the
// same examples. They say nothing about truth: who may say what, and when, is for the side that receives it.

import type { Bytes } from "./bytes";
import { utf8 } from "./bytes";
import {
  maxAccounts,
  maxAddresses,
  maxAlgorithms,
  maxCeremony,
  maxClientData,
  maxEndpoint,
  maxKept,
  maxName,
  maxOrigin,
  maxPage,
  maxPublicKey,
  maxText,
  maxUserID,
  offerSeconds,
  phoneSecretBytes,
  removalToken,
} from "./limits";
import type { Account, Answer, Item, Message, PushSubscription, Registrations, Request } from "./message";
import { declineCodes, MessageError } from "./message";
import { printable, twoDigits, validAddress, validCredential, validID, validRequestID } from "./text";

function rule(ok: boolean, what: string): void {
  if (!ok) throw new MessageError(what);
}

const name = (s: string) => s !== "" && printable(s, maxName);
const short = (s: string) => s !== "" && printable(s, 32);

const checks: { [T in Message["type"]]: (m: Extract<Message, { type: T }>) => void } = {
  hello: (m) => {
    rule(validID(m.phone), "hello: phone id");
    rule(name(m.name) && short(m.app), "hello: name or app");
    rule(m.signature.length === 64, "hello: signature");
  },
  pairWith: (m) => {
    rule(name(m.name) && short(m.app), "pairWith: name or app");
    rule(m.origin !== "" && printable(m.origin, maxOrigin), "pairWith: origin");
  },
  received: () => {},
  number: (m) => {
    rule(twoDigits(m.number), "number: not two digits");
    rule(m.credential === "" || validCredential(m.credential), "number: credential");
  },
  answer: checkAnswer,
  decline: (m) => rule(declineCodes.includes(m.code), "decline: code"),
  welcome: (m) => {
    rule(validID(m.desktop) && name(m.name), "welcome: desktop");
    rule(m.port > 0 && m.port <= 0xffff && m.addresses.length <= maxAddresses, "welcome: port or addresses");
    rule(m.addresses.every(validAddress), "welcome: address");
    rule((m.ends ?? 0) >= 0 && (m.ends ?? 0) <= Number.MAX_SAFE_INTEGER, "welcome: end");
  },
  request: checkRequest,
  numberRight: () => {},
  ended: (m) => rule(short(m.code), "ended: code"),
  paired: (m) => {
    rule(validID(m.phone), "paired: phone id");
    rule(m.secret.length === phoneSecretBytes, "paired: secret");
  },
  refused: (m) => rule(short(m.code), "refused: code"),
  registrations: checkRegistrations,
  forget: (m) => rule(validCredential(m.credential), "forget: credential"),
  goodbye: () => {},
  pushSubscription: checkPushSubscription,
  ping: () => {},
  pong: () => {},
};

/** Throws MessageError where a message breaks a rule. */
export function check<M extends Message>(m: M): void {
  if ("id" in m) rule(validRequestID(m.id), `${m.type}: request id`);
  (checks[m.type] as (m: M) => void)(m);
}

function checkAnswer(m: Answer): void {
  rule(m.credential === "" || validCredential(m.credential), "answer: credential");
  rule(utf8(JSON.stringify(m.verification)).length <= maxCeremony, "answer: verification");
  rule(m.deviceSignature.length === 64, "answer: device signature");
  rule(m.authenticatorData.length <= 1024, "answer: authenticatorData");
  rule(m.signature.length === 0 || m.signature.length === 64, "answer: signature");
  rule(m.deviceKey.length <= 256, "answer: device key");
  rule(m.platformKey.length <= maxPublicKey, "answer: platform key");
  rule(["", "prf", "device", "pin"].includes(m.keyProtection), "answer: key protection");
  rule(salts(m.prf?.results), "answer: prf");
}

/** What the prf extension takes and gives: none, one or two values of 32 bytes. */
function salts(list: Bytes[] = []): boolean {
  return list.length <= 2 && list.every((b) => b.length === 32);
}

/** None, or one of its size. */
function token(b: Bytes | undefined): boolean {
  return !b?.length || b.length === removalToken;
}

function checkPushSubscription(m: PushSubscription): void {
  if (m.endpoint === "") {
    rule(m.p256dh.length + m.auth.length + m.vapid.length === 0, "pushSubscription: keys without an endpoint");
    return;
  }
  rule(m.endpoint.startsWith("https://") && printable(m.endpoint, maxEndpoint), "pushSubscription: endpoint");
  rule(m.p256dh.length === 65 && m.auth.length === 16 && m.vapid.length === 32, "pushSubscription: keys");
}

function checkRegistrations(m: Registrations): void {
  rule(m.items.length <= maxPage && m.kept.length <= maxKept, "registrations: too many");
  rule(m.kept.every(validCredential), "registrations: kept credential");
  for (const i of m.items) checkItem(i);
}

function checkItem(i: Item): void {
  rule(validCredential(i.credential), "registration: credential");
  rule(i.rpId !== "" && printable(i.rpId, 253), "registration: RP ID");
  rule(i.userId.length > 0 && i.userId.length <= maxUserID, "registration: user id");
  rule(printable(i.name, maxText) && printable(i.displayName, maxText), "registration: name");
  rule(i.publicKey.length > 0 && i.publicKey.length <= maxPublicKey, "registration: public key");
  rule(["prf", "device", "pin"].includes(i.keyProtection), "registration: key protection");
  rule(i.created >= 0 && i.created <= Number.MAX_SAFE_INTEGER, "registration: time");
  rule(token(i.unregister), "registration: unregister");
}

function checkRequest(m: Request): void {
  rule(["pair", "create", "get"].includes(m.action), "request: action");
  const website = m.origin !== "" && m.rpId !== "" && m.clientDataJSON.length > 0;
  rule(m.action === "pair" || website, "request: no website");
  rule(printable(m.origin, maxOrigin) && printable(m.domain, 253) && printable(m.rpId, 253), "request: website");
  rule(m.clientDataJSON.length <= maxClientData, "request: clientDataJSON");
  rule(printable(m.browser, maxName), "request: browser");
  rule(m.secondsLeft >= 0 && m.secondsLeft <= offerSeconds, "request: seconds left");
  rule((m.algorithms?.length ?? 0) <= maxAlgorithms, "request: algorithms");
  rule(token(m.unregister) && (m.action === "create" || !m.unregister?.length), "request: unregister");
  checkAccounts(m);
  checkNumbers(m);
}

function checkAccounts(m: Request): void {
  const n = m.accounts.length;
  const fits = { pair: n === 0, create: n === 1, get: n >= 1 && n <= maxAccounts }[m.action];
  rule(fits, "request: number of accounts");
  const ok = (a: Account) =>
    printable(a.name, maxText) &&
    printable(a.displayName, maxText) &&
    (a.userId?.length ?? 0) <= maxUserID &&
    salts(a.prf) &&
    (m.action !== "get" || validCredential(a.credential));
  rule(m.accounts.every(ok), "request: account");
}

function checkNumbers(m: Request): void {
  const none = (m.mode === "type" || (m.mode === "approve" && m.action === "get")) && m.numbers.length === 0;
  const three = m.mode === "choose" && m.numbers.length === 3 && new Set(m.numbers).size === 3;
  rule((none || three) && m.numbers.every(twoDigits), "request: numbers");
}
