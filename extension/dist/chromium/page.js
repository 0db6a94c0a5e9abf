"use strict";
(() => {
  // src/messages.ts
  var HELLO = "tallykey";

  // src/page/primordials.ts
  var { apply, construct, defineProperty, getOwnPropertyDescriptor } = Reflect;
  var { keys } = Object;
  var { isArray } = Array;
  var { isView } = ArrayBuffer;
  var Bytes = Uint8Array;
  var Buffer = ArrayBuffer;
  var Weak = WeakMap;
  var PageError = DOMException;
  var PageTypeError = TypeError;
  var clone = structuredClone;
  var Pledge = Promise;
  var weakGet = WeakMap.prototype.get;
  var weakSet = WeakMap.prototype.set;
  var charCodeAt = String.prototype.charCodeAt;
  var abort = AbortSignal.abort.bind(AbortSignal);
  var addListener = EventTarget.prototype.addEventListener;
  var removeListener = EventTarget.prototype.removeEventListener;
  var abortedOf = getter(AbortSignal.prototype, "aborted");
  var reasonOf = getter(AbortSignal.prototype, "reason");
  var dataOf = getter(MessageEvent.prototype, "data");
  var post = MessagePort.prototype.postMessage;
  function getter(prototype, name) {
    const found = getOwnPropertyDescriptor(prototype, name)?.get;
    if (!found) throw new TypeError(`no getter ${name}`);
    return found;
  }
  var lookUp = (map, key) => apply(weakGet, map, [key]);
  var keep = (map, key, value2) => void apply(weakSet, map, [key, value2]);
  var codeAt = (text3, at) => apply(charCodeAt, text3, [at]);
  var deadSignal = () => abort();
  var aborted = (signal) => apply(abortedOf, signal, []);
  var reason = (signal) => apply(reasonOf, signal, []);
  var onAbort = (signal, listener) => apply(addListener, signal, ["abort", listener]);
  var offAbort = (signal, listener) => apply(removeListener, signal, ["abort", listener]);
  var send = (port, message) => apply(post, port, [message]);
  var dataIn = (event) => apply(dataOf, event, []);

  // src/page/channel.ts
  function openGate(scope) {
    const { port1, port2 } = new MessageChannel();
    const hello = new MessageEvent(HELLO, { ports: [port2], cancelable: true });
    if (scope.dispatchEvent(hello)) return void 0;
    return askThrough(port1);
  }
  function askThrough(port) {
    const waiting = {};
    let last = 0;
    port.onmessage = (event) => {
      const { n, verdict } = dataIn(event);
      waiting[n]?.(verdict);
      delete waiting[n];
    };
    return (op, options, settle) => {
      const n = ++last;
      waiting[n] = settle;
      send(port, { kind: "ask", n, op, options });
      return () => {
        delete waiting[n];
        send(port, { kind: "cancel", n });
      };
    };
  }

  // src/page/base64url.ts
  var ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  var VALUES = (() => {
    const values = new Bytes(128).fill(255);
    for (let i = 0; i < ALPHABET.length; i++) values[ALPHABET.charCodeAt(i)] = i;
    return values;
  })();
  function encode(source) {
    const bytes2 = isView(source) ? new Bytes(source.buffer, source.byteOffset, source.byteLength) : new Bytes(source);
    let text3 = "";
    for (let i = 0; i < bytes2.length; i += 3) text3 += group(bytes2, i);
    return text3;
  }
  function group(bytes2, at) {
    const left = bytes2.length - at;
    const bits = (bytes2[at] ?? 0) << 16 | (bytes2[at + 1] ?? 0) << 8 | (bytes2[at + 2] ?? 0);
    let text3 = digit(bits >> 18) + digit(bits >> 12);
    if (left > 1) text3 += digit(bits >> 6);
    if (left > 2) text3 += digit(bits);
    return text3;
  }
  var digit = (bits) => ALPHABET[bits & 63] ?? "";
  function decode(text3) {
    if (typeof text3 !== "string" || text3.length % 4 === 1) throw new PageTypeError("not base64url");
    const buffer = new Buffer(text3.length * 3 >> 2);
    const bytes2 = new Bytes(buffer);
    for (let i = 0, bits = 0, held = 0, at = 0; i < text3.length; i++) {
      bits = bits << 6 | value(codeAt(text3, i));
      held += 6;
      if (held >= 8) bytes2[at++] = bits >> (held -= 8);
    }
    return buffer;
  }
  function value(code) {
    const found = VALUES[code] ?? 255;
    if (found === 255) throw new PageTypeError("not base64url");
    return found;
  }

  // src/page/credential.ts
  var Credentials = class {
    #scope;
    #members = new Weak();
    /** Teaches the prototypes of scope to answer for our objects first, and natively for all others. */
    constructor(scope) {
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
    make(json) {
      const response = "attestationObject" in json.response ? this.#attestation(json.response) : this.#assertion(json.response);
      return this.#bless(this.#scope.PublicKeyCredential, {
        id: text(json.id),
        type: "public-key",
        rawId: decode(json.rawId),
        authenticatorAttachment: json.authenticatorAttachment ?? null,
        response,
        getClientExtensionResults: () => clone(json.clientExtensionResults),
        toJSON: () => clone(json)
      });
    }
    #attestation(json) {
      const { authenticatorData, publicKey } = json;
      const data = decode(authenticatorData);
      const key = publicKey ? decode(publicKey) : null;
      return this.#bless(this.#scope.AuthenticatorAttestationResponse, {
        clientDataJSON: decode(json.clientDataJSON),
        attestationObject: decode(json.attestationObject),
        getAuthenticatorData: () => data,
        getPublicKey: () => key,
        getPublicKeyAlgorithm: () => json.publicKeyAlgorithm,
        getTransports: () => clone(json.transports)
      });
    }
    #assertion(json) {
      return this.#bless(this.#scope.AuthenticatorAssertionResponse, {
        clientDataJSON: decode(json.clientDataJSON),
        authenticatorData: decode(json.authenticatorData),
        signature: decode(json.signature),
        userHandle: json.userHandle ? decode(json.userHandle) : null
      });
    }
    /**
     * Makes an object of the interface with these members behind it. Underneath it is an empty WeakMap: the structured
     * clone algorithm refuses any object with internal slots that it does not know, as it refuses a platform object.
     */
    #bless(type, members) {
      const object = construct(Weak, [], type);
      keep(this.#members, object, { __proto__: null, ...members });
      return object;
    }
    #teach(type, names) {
      for (let i = 0; i < names.length; i++) {
        const name = names[i];
        const known = getOwnPropertyDescriptor(type.prototype, name);
        if (!known) continue;
        const half = known.get ? "get" : "value";
        defineProperty(type.prototype, name, { ...known, [half]: this.#answering(name, known[half], half === "get") });
      }
    }
    /** A proxy keeps name, length and the look of a native function. */
    #answering(name, native, attribute) {
      const members = this.#members;
      return new Proxy(native, {
        apply(_, self, args) {
          const ours = typeof self === "object" && self !== null ? lookUp(members, self) : void 0;
          if (!ours || !(name in ours)) return apply(native, self, args);
          return attribute ? ours[name] : ours[name]();
        }
      });
    }
  };
  function text(value2) {
    if (typeof value2 !== "string") throw new PageTypeError("not a string");
    return value2;
  }

  // src/page/options.ts
  var text2 = (value2) => `${value2}`;
  var bytes = (value2) => encode(value2);
  var flag = (value2) => !!value2;
  var long = (value2) => Number(value2) | 0;
  var unsignedLong = (value2) => Number(value2) >>> 0;
  function list(item) {
    return (value2) => {
      const out = [];
      let length = 0;
      for (const member of value2) out[length++] = item(member);
      return out;
    };
  }
  function dictionary(members) {
    const names = keys(members);
    return (value2) => {
      const out = { __proto__: null };
      for (let i = 0; value2 !== void 0 && value2 !== null && i < names.length; i++) {
        const name = names[i];
        const member = value2[name];
        if (member !== void 0) out[name] = members[name]?.(member);
      }
      return out;
    };
  }
  var DEEPEST = 8;
  var extensions = (value2) => {
    const out = { __proto__: null };
    if (typeof value2 !== "object" || value2 === null) return out;
    const names = keys(value2);
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      const json = plain(value2[name], DEEPEST);
      if (json !== void 0) out[name] = json;
    }
    return out;
  };
  function plain(value2, depth) {
    if (value2 === null || typeof value2 === "string" || typeof value2 === "number" || typeof value2 === "boolean") return value2;
    if (typeof value2 !== "object" || depth === 0) return void 0;
    if (value2 instanceof Buffer || isView(value2)) return encode(value2);
    return isArray(value2) ? plainList(value2, depth) : plainObject(value2, depth);
  }
  function plainList(values, depth) {
    const out = [];
    for (let i = 0; i < values.length; i++) {
      const json = plain(values[i], depth - 1);
      if (json === void 0) return void 0;
      out[i] = json;
    }
    return out;
  }
  function plainObject(value2, depth) {
    const out = { __proto__: null };
    const names = keys(value2);
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      const json = plain(value2[name], depth - 1);
      if (json === void 0) return void 0;
      out[name] = json;
    }
    return out;
  }
  var descriptors = list(dictionary({ type: text2, id: bytes, transports: list(text2) }));
  var creation = dictionary({
    rp: dictionary({ id: text2, name: text2 }),
    user: dictionary({ id: bytes, name: text2, displayName: text2 }),
    challenge: bytes,
    pubKeyCredParams: list(dictionary({ type: text2, alg: long })),
    timeout: unsignedLong,
    excludeCredentials: descriptors,
    authenticatorSelection: dictionary({
      authenticatorAttachment: text2,
      residentKey: text2,
      requireResidentKey: flag,
      userVerification: text2
    }),
    hints: list(text2),
    attestation: text2,
    attestationFormats: list(text2),
    extensions
  });
  var request = dictionary({
    challenge: bytes,
    timeout: unsignedLong,
    rpId: text2,
    allowCredentials: descriptors,
    userVerification: text2,
    hints: list(text2),
    extensions
  });
  var ceremonies = { create: creation, get: request };
  function toJSON(op, publicKey) {
    return ceremonies[op](publicKey);
  }

  // src/page/request.ts
  var OTHERS = ["password", "federated", "identity", "otp", "digital"];
  function readRequest(op, args) {
    const argument = args[0];
    if (typeof argument !== "object" || argument === null) return void 0;
    const { publicKey, mediation, uiMode, signal } = argument;
    if (typeof publicKey !== "object" || publicKey === null || asksForOthers(argument)) return void 0;
    if (uiMode !== void 0 || !(mediation === void 0 || mediation === "optional" || mediation === "required")) return void 0;
    if (signal !== void 0 && aborted(signal)) return void 0;
    return { op, argument, options: toJSON(op, publicKey), signal };
  }
  function asksForOthers(argument) {
    for (let i = 0; i < OTHERS.length; i++) {
      const wanted = argument[OTHERS[i]];
      if (wanted !== void 0 && wanted !== false) return true;
    }
    return false;
  }

  // src/page/hook.ts
  var NATIVE = { kind: "native" };
  function installHook(scope, gate) {
    const hook = new Hook(new Credentials(scope), gate);
    const own = scope.navigator.credentials;
    const wrap = (op) => {
      const known = getOwnPropertyDescriptor(scope.CredentialsContainer.prototype, op);
      if (!known) return;
      const native = known.value;
      const value2 = new Proxy(native, {
        apply(_, self, args) {
          const call = (argument) => apply(native, self, argument ? [argument] : args);
          return self === own ? hook.call(op, args, call) : call();
        }
      });
      defineProperty(scope.CredentialsContainer.prototype, op, { ...known, value: value2 });
    };
    wrap("create");
    wrap("get");
  }
  var Hook = class {
    #credentials;
    #gate;
    /** The request that tallykey has; the object only tells one from the next. */
    #current;
    /** Requests that went on to the browser and wait there. */
    #handedOn = 0;
    constructor(credentials, gate) {
      this.#credentials = credentials;
      this.#gate = gate;
    }
    /** Answers one call of the page. */
    call(op, args, native) {
      let request2;
      try {
        request2 = this.#handedOn > 0 ? void 0 : readRequest(op, args);
      } catch {
      }
      return request2 ? this.#answer(request2, native) : native();
    }
    async #answer(request2, native) {
      if (this.#current) throw new PageError("A request is already pending.", "OperationError");
      const outcome = await this.#ask(request2, native);
      switch (outcome.kind) {
        case "aborted":
          throw reason(outcome.signal);
        case "error":
          throw exception(outcome.name, outcome.message);
        case "credential":
          return this.#credential(outcome, native);
        default:
          return this.#handOn(native);
      }
    }
    #credential(outcome, native) {
      try {
        return this.#credentials.make(outcome.credential);
      } catch {
        return this.#handOn(native);
      }
    }
    async #handOn(native) {
      this.#handedOn++;
      try {
        return await native();
      } finally {
        this.#handedOn--;
      }
    }
    #ask(request2, native) {
      const { signal } = request2;
      return new Pledge((resolve) => {
        const me = {};
        let cancel = () => {
        };
        const settle = (outcome) => {
          if (signal) offAbort(signal, abort2);
          if (this.#current === me) this.#current = void 0;
          resolve(outcome);
        };
        const abort2 = () => {
          cancel();
          settle({ kind: "aborted", signal });
        };
        this.#current = me;
        if (signal) onAbort(signal, abort2);
        const start = async () => {
          try {
            const valid = await acceptable(request2, native);
            if (signal && aborted(signal)) return;
            if (!valid) settle(NATIVE);
            else cancel = this.#gate(request2.op, request2.options, settle);
          } catch {
            settle(NATIVE);
          }
        };
        void start();
      });
    }
  };
  async function acceptable(request2, native) {
    const signal = deadSignal();
    try {
      await native({ __proto__: request2.argument, signal });
      return false;
    } catch (error) {
      return error === reason(signal) || error?.name === "AbortError";
    }
  }
  function exception(name, message) {
    return name === "TypeError" ? new PageTypeError(message) : new PageError(message, name);
  }

  // src/page/main.ts
  if (window.isSecureContext && "PublicKeyCredential" in window && "credentials" in navigator) {
    try {
      const gate = openGate(window);
      if (gate) installHook(window, gate);
    } catch {
    }
  }
})();
