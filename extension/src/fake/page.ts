/** A window's WebAuthn, for tests: interfaces that refuse foreign receivers, and native functions that keep what they got. */
import type { HookScope } from "../page/hook.ts";

/** An interface with getters and methods that work on its own objects only. */
function interfaceOf(name: string, attributes: string[], operations: string[], parent?: new () => object) {
  const own = new WeakSet<object>();
  const made = {
    [name]: class extends (parent ?? Object) {
      constructor() {
        super();
        own.add(this);
      }
    },
  }[name] as new () => object;
  const guard = (self: object, member: string) => {
    if (!own.has(self)) throw new TypeError("Illegal invocation");
    return `native ${member}`;
  };
  for (const member of attributes) {
    const get = {
      [member](this: object) {
        return guard(this, member);
      },
    }[member] as () => string;
    Object.defineProperty(made.prototype, member, { get, enumerable: true, configurable: true });
  }
  for (const member of operations) {
    const value = {
      [member](this: object) {
        return guard(this, member);
      },
    }[member];
    Object.defineProperty(made.prototype, member, { value, enumerable: true, configurable: true, writable: true });
  }
  return made;
}

/** A fresh window. */
export function fakeScope() {
  const calls: { op: string; args: unknown[] }[] = [];
  const answer: { with: () => unknown } = { with: () => "native credential" };
  const credentials = container(calls, answer);
  class FakeNavigator {
    get credentials() {
      return credentials;
    }
  }
  const Credential = interfaceOf("Credential", ["id", "type"], []);
  const AuthenticatorResponse = interfaceOf("AuthenticatorResponse", ["clientDataJSON"], []);
  const attributes = ["rawId", "response", "authenticatorAttachment"];
  const attestation = ["getAuthenticatorData", "getPublicKey", "getPublicKeyAlgorithm", "getTransports"];
  const scope = {
    CredentialsContainer: credentials.constructor as unknown as HookScope["CredentialsContainer"],
    Credential,
    AuthenticatorResponse,
    PublicKeyCredential: interfaceOf(
      "PublicKeyCredential",
      attributes,
      ["getClientExtensionResults", "toJSON"],
      Credential,
    ),
    AuthenticatorAttestationResponse: interfaceOf(
      "AuthenticatorAttestationResponse",
      ["attestationObject"],
      attestation,
      AuthenticatorResponse,
    ),
    AuthenticatorAssertionResponse: interfaceOf(
      "AuthenticatorAssertionResponse",
      ["authenticatorData", "signature", "userHandle"],
      [],
      AuthenticatorResponse,
    ),
    Navigator: FakeNavigator,
    navigator: new FakeNavigator(),
  } satisfies HookScope;
  return { scope, credentials, calls, answer };
}

type Argument = { publicKey?: { wrong?: boolean; [name: string]: unknown }; signal?: AbortSignal };

/** Native create and get: they refuse options that say they are wrong, then an aborted signal, as browsers do. */
function container(calls: { op: string; args: unknown[] }[], answer: { with: () => unknown }) {
  const native = async (op: string, args: unknown[]) => {
    const argument = args[0] as Argument | null | undefined;
    if (!argument?.signal?.aborted) calls.push({ op, args });
    if (argument?.publicKey?.wrong) throw new TypeError("the browser's own word");
    if (argument?.signal?.aborted) throw argument.signal.reason;
    return answer.with();
  };
  class CredentialsContainer {
    create(...args: unknown[]): Promise<unknown> {
      return native("create", args);
    }
    get(...args: unknown[]): Promise<unknown> {
      return native("get", args);
    }
  }
  return new CredentialsContainer();
}

/** A RegistrationResponseJSON. */
export const registration = {
  id: "AQID",
  rawId: "AQID",
  type: "public-key",
  authenticatorAttachment: "cross-platform",
  clientExtensionResults: { credProps: { rk: true } },
  response: {
    clientDataJSON: "e30",
    authenticatorData: "BAUG",
    attestationObject: "BwgJ",
    transports: ["internal"],
    publicKey: "CgsM",
    publicKeyAlgorithm: -7,
  },
};

/** An AuthenticationResponseJSON. */
export const assertion = {
  id: "AQID",
  rawId: "AQID",
  type: "public-key",
  authenticatorAttachment: "cross-platform",
  clientExtensionResults: {},
  response: { clientDataJSON: "e30", authenticatorData: "BAUG", signature: "DQ4P", userHandle: "EBES" },
};
