// JSON to messages and back. Reading follows Go's encoding/json where the two could differ: an absent or null member is
// the empty value, an unknown member is ignored, a member of another type is a malformed message.
import type { Bytes } from "./bytes";
import { decodeBase64url, encodeBase64url, utf8, wellFormed } from "./bytes";
import { check } from "./check";
import { maxMessage } from "./limits";
import type { Account, Item, KeyProtection, Message } from "./message";
import { MessageError } from "./message";

type Json = Record<string, unknown>;

/** How one member is read; required says that it is written even when it is empty. */
interface Field {
  read(value: unknown): unknown;
  required: boolean;
}

function malformed(what: string): never {
  throw new MessageError(what);
}

const text = (v: unknown): string => (v == null ? "" : typeof v === "string" ? wellFormed(v) : malformed("not a text"));
const int = (v: unknown): number => (v == null ? 0 : Number.isInteger(v) ? (v as number) : malformed("not a number"));
const bytes = (v: unknown): Bytes => decodeBase64url(text(v)) ?? malformed("not base64url");
const list =
  <T>(read: (v: unknown) => T) =>
  (v: unknown): T[] =>
    v == null ? [] : Array.isArray(v) ? v.map(read) : malformed("not a list");
const flag = (v: unknown): boolean => (v == null ? false : typeof v === "boolean" ? v : malformed("not true or false"));
const object = (v: unknown): Json =>
  typeof v === "object" && v !== null && !Array.isArray(v) ? (v as Json) : malformed("not an object");

function account(v: unknown): Account {
  const a = v == null ? {} : object(v);
  const userId = a.userId == null ? {} : { userId: bytes(a.userId) };
  const prf = a.prf == null ? {} : { prf: list(bytes)(a.prf) };
  return { credential: text(a.credential), name: text(a.name), displayName: text(a.displayName), ...userId, ...prf };
}

function prfOutput(v: unknown): { results: Bytes[] } | undefined {
  return v == null ? undefined : { results: list(bytes)(object(v).results) };
}

function item(v: unknown): Item {
  const i = v == null ? {} : object(v);
  return {
    ...{ credential: text(i.credential), rpId: text(i.rpId), userId: bytes(i.userId), name: text(i.name) },
    ...{ displayName: text(i.displayName), publicKey: bytes(i.publicKey), created: int(i.created) },
    keyProtection: text(i.keyProtection) as KeyProtection,
    ...(i.unregister == null ? {} : { unregister: bytes(i.unregister) }),
  };
}

const must = (read: Field["read"]): Field => ({ read, required: true });
const may = (read: Field["read"]): Field => ({ read, required: false });

const id = { id: must(text) };
const opening = { v: must(int), name: must(text), app: must(text) };

const shapes: Record<Message["type"], Record<string, Field>> = {
  hello: { ...opening, phone: must(text), signature: must(bytes) },
  pairWith: { ...opening, origin: must(text) },
  received: id,
  number: { ...id, number: must(text), credential: may(text) },
  answer: {
    ...id,
    credential: may(text),
    verification: must(object),
    deviceSignature: must(bytes),
    authenticatorData: may(bytes),
    signature: may(bytes),
    deviceKey: may(bytes),
    platformKey: may(bytes),
    keyProtection: may(text),
    prf: may(prfOutput),
  },
  decline: { ...id, code: must(text) },
  welcome: {
    ...{ v: must(int), desktop: must(text), name: must(text), port: must(int), addresses: must(list(text)) },
    ...{ sync: may(flag), push: may(flag), ends: may(int) },
  },
  request: {
    ...id,
    action: must(text),
    origin: may(text),
    domain: may(text),
    rpId: may(text),
    accounts: may(list(account)),
    browser: may(text),
    mode: must(text),
    numbers: may(list(text)),
    secondsLeft: must(int),
    clientDataJSON: may(bytes),
    ...{ algorithms: may(list(int)), numberMatch: may(flag), prf: may(flag), related: may(flag) },
    unregister: may(bytes),
  },
  numberRight: id,
  ended: { ...id, code: must(text) },
  paired: { ...id, phone: must(text), secret: must(bytes) },
  refused: { code: must(text) },
  registrations: { items: must(list(item)), kept: may(list(text)), more: may(flag) },
  forget: { credential: must(text) },
  goodbye: {},
  pushSubscription: { endpoint: may(text), p256dh: may(bytes), auth: may(bytes), vapid: may(bytes) },
  ping: { n: must(int) },
  pong: { n: must(int) },
};

/** Reads one message. Throws MessageError where it breaks the protocol. */
export function decode(data: string): Message {
  if (utf8(data).length > maxMessage) malformed("too long");
  const json = parse(data);
  const type = text(json.type);
  const shape = Object.hasOwn(shapes, type) ? shapes[type as Message["type"]] : malformed("type");
  const out: Json = { type };
  for (const [member, field] of Object.entries(shape)) out[member] = field.read(json[member]);
  const message = out as unknown as Message;
  check(message);
  return message;
}

function parse(data: string): Json {
  try {
    return object(JSON.parse(data));
  } catch {
    return malformed("not a JSON object");
  }
}

/** Writes a message. Throws MessageError where it breaks a limit, so that nothing is sent that must be refused. */
export function encode(message: Message): string {
  check(message);
  const values = message as unknown as Json;
  const out: Json = { type: message.type };
  for (const [member, field] of Object.entries(shapes[message.type])) {
    const value = values[member];
    if (field.required || !empty(value)) out[member] = value;
  }
  const data = JSON.stringify(out, (_, v) => (v instanceof Uint8Array ? encodeBase64url(v) : v));
  return utf8(data).length > maxMessage ? malformed("too long") : data;
}

function empty(value: unknown): boolean {
  return (
    value === undefined || value === "" || value === false || value === 0 || (value as ArrayLike<unknown>).length === 0
  );
}
