/**
 * Credentials for the page that no property tells from the browser's own: real prototypes, no own properties, getters
 * and methods that work when borrowed, and a DataCloneError for whoever tries to clone one.
 */
import type { AssertionJSON, AttestationJSON, CredentialJSON } from "../messages.ts";
import { decode } from "./base64url.ts";
import {
  apply,
  clone,
  construct,
  defineProperty,
  getOwnPropertyDescriptor,
  keep,
  lookUp,
  PageTypeError,
  Weak,
} from "./primordials.ts";

/** The interfaces of a window that credentials are made of. */
export interface CredentialScope {
  Credential: Interface;
  PublicKeyCredential: Interface;
  AuthenticatorResponse: Interface;
  AuthenticatorAttestationResponse: Interface;
  AuthenticatorAssertionResponse: Interface;
}

type Interface = abstract new (...args: never[]) => object;
/** What stands behind one object: attributes as values, operations as functions. */
type Members = { readonly [name: string]: unknown };

/** Makes credentials. */
export class Credentials {
  readonly #scope: CredentialScope;
  readonly #members = new Weak<object, Members>();

  /** Teaches the prototypes of scope to answer for our objects first, and natively for all others. */
  constructor(scope: CredentialScope) {
    this.#scope = scope;
    this.#teach(scope.Credential, ["id", "type"]);
    this.#teach(scope.PublicKeyCredential, ["rawId", "response", "authenticatorAttachment"]);
    this.#teach(scope.PublicKeyCredential, ["getClientExtensionResults", "toJSON"]);
    this.#teach(scope.AuthenticatorResponse, ["clientDataJSON"]);
    this.#teach(scope.AuthenticatorAttestationResponse, ["attestationObject", "getAuthenticatorData"]);
    this.#teach(scope.AuthenticatorAttestationResponse, ["getPublicKey", "getPublicKeyAlgorithm", "getTransports"]);
    this.#teach(scope.AuthenticatorAssertionResponse, ["authenticatorData", "signature", "userHandle"]);
  }

  /** Makes a PublicKeyCredential. Throws where the JSON is not one. */
  make(json: CredentialJSON): object {
    const response =
      "attestationObject" in json.response ? this.#attestation(json.response) : this.#assertion(json.response);
    return this.#bless(this.#scope.PublicKeyCredential, {
      id: text(json.id),
      type: "public-key",
      rawId: decode(json.rawId),
      authenticatorAttachment: json.authenticatorAttachment ?? null,
      response,
      getClientExtensionResults: extensionResults(json.clientExtensionResults),
      toJSON: () => clone(json),
    });
  }

  #attestation(json: AttestationJSON): object {
    const { authenticatorData, publicKey } = json;
    const data = decode(authenticatorData);
    const key = publicKey ? decode(publicKey) : null;
    return this.#bless(this.#scope.AuthenticatorAttestationResponse, {
      clientDataJSON: decode(json.clientDataJSON),
      attestationObject: decode(json.attestationObject),
      getAuthenticatorData: () => data,
      getPublicKey: () => key,
      getPublicKeyAlgorithm: () => json.publicKeyAlgorithm,
      getTransports: () => clone(json.transports),
    });
  }

  #assertion(json: AssertionJSON): object {
    return this.#bless(this.#scope.AuthenticatorAssertionResponse, {
      clientDataJSON: decode(json.clientDataJSON),
      authenticatorData: decode(json.authenticatorData),
      signature: decode(json.signature),
      userHandle: json.userHandle ? decode(json.userHandle) : null,
    });
  }

  /**
   * Makes an object of the interface with these members behind it. Underneath it is an empty WeakMap: the structured
   * clone algorithm refuses any object with internal slots that it does not know, as it refuses a platform object.
   */
  #bless(type: Interface, members: Members): object {
    const object: object = construct(Weak, [], type as never);
    keep(this.#members, object, { __proto__: null, ...members });
    return object;
  }

  #teach(type: Interface, names: readonly string[]): void {
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      const known = getOwnPropertyDescriptor(type.prototype, name);
      if (!known) continue; // an older browser: what it lacks, our objects lack too
      const half = known.get ? "get" : "value";
      defineProperty(type.prototype, name, { ...known, [half]: this.#answering(name, known[half], half === "get") });
    }
  }

  /** A proxy keeps name, length and the look of a native function. */
  #answering(name: string, native: (...args: unknown[]) => unknown, attribute: boolean): unknown {
    const members = this.#members;
    return new Proxy(native, {
      apply(_, self: unknown, args: unknown[]) {
        const ours = typeof self === "object" && self !== null ? lookUp(members, self) : undefined;
        if (!ours || !(name in ours)) return apply(native, self, args);
        return attribute ? ours[name] : (ours[name] as () => unknown)();
      },
    });
  }
}

type Dictionary = { [name: string]: unknown };
type Path = readonly string[];

/** Outputs that are bytes to a page, by where they stand. */
const BYTES: readonly Path[] = [
  ["prf", "results", "first"],
  ["prf", "results", "second"],
  ["largeBlob", "blob"],
];

/** A function that gives new objects with the same buffers each time, as the browser's own does. */
function extensionResults(json: object): () => object {
  const buffers: (ArrayBuffer | undefined)[] = [];
  // No destructuring of lists here: it would run the page's own iterator.
  for (let i = 0; i < BYTES.length; i++) {
    const value = holderOf(json, BYTES[i] as Path)?.[nameOf(BYTES[i] as Path)];
    buffers[i] = typeof value === "string" ? decode(value) : undefined;
  }
  return () => {
    const results = clone(json);
    for (let i = 0; i < BYTES.length; i++) {
      const holder = holderOf(results, BYTES[i] as Path);
      if (holder && buffers[i]) holder[nameOf(BYTES[i] as Path)] = buffers[i];
    }
    return results;
  };
}

/** The object at the end of a path, which holds its last name. */
function holderOf(json: object, path: Path): Dictionary | undefined {
  let holder: Dictionary | undefined = json as Dictionary;
  for (let i = 0; holder && i < path.length - 1; i++) {
    const next: unknown = holder[path[i] as string];
    holder = typeof next === "object" && next !== null ? (next as Dictionary) : undefined;
  }
  return holder;
}

const nameOf = (path: Path): string => path[path.length - 1] as string;

function text(value: unknown): string {
  if (typeof value !== "string") throw new PageTypeError("not a string");
  return value;
}
