"use strict";
(() => {
  // src/platform.ts
  var api = globalThis.browser ?? chrome;

  // src/messages.ts
  var HELLO = "tallykey";
  var REQUEST_PORT = "request";

  // src/gate/frame.ts
  function hasForeignAncestor() {
    if (window.top === window) return false;
    const ancestors = location.ancestorOrigins;
    if (ancestors) return Array.from(ancestors).some((origin) => origin !== self.origin);
    try {
      return window.top?.origin !== self.origin;
    } catch {
      return true;
    }
  }
  function mayAsk(op, framed) {
    if (self.origin === "null" || hidden()) return false;
    return op === "get" || !framed || navigator.userActivation.isActive;
  }
  function hidden() {
    const state = Object.getOwnPropertyDescriptor(Document.prototype, "visibilityState")?.get?.call(document);
    return state !== "visible";
  }

  // src/gate/policy.ts
  async function policyAllows(op) {
    const policy = policyOf(document);
    return policy ? policy.allowsFeature(`publickey-credentials-${op}`) : browserAllows(op);
  }
  function policyOf(document2) {
    for (const name of ["permissionsPolicy", "featurePolicy"]) {
      const getter = Object.getOwnPropertyDescriptor(Document.prototype, name)?.get;
      if (getter) return getter.call(document2);
    }
    return void 0;
  }
  async function browserAllows(op) {
    const controller = new AbortController();
    const attempt = dummyCall(op, controller.signal);
    controller.abort();
    try {
      await attempt;
      return false;
    } catch (error) {
      return error.name === "AbortError";
    }
  }
  function dummyCall(op, signal) {
    const challenge = new Uint8Array(16);
    if (op === "get") return navigator.credentials.get({ publicKey: { challenge }, signal });
    const user = { id: new Uint8Array(1), name: "", displayName: "" };
    const pubKeyCredParams = [{ type: "public-key", alg: -7 }];
    return navigator.credentials.create({ publicKey: { rp: { name: "" }, user, challenge, pubKeyCredParams }, signal });
  }

  // src/gate/relay.ts
  var SILENCE = 3e3;
  var NATIVE = { kind: "native" };
  function relay(connect, ask, settle) {
    const port = connect(REQUEST_PORT);
    const timer = setTimeout(() => end(NATIVE), SILENCE);
    const close = () => {
      clearTimeout(timer);
      port.disconnect();
    };
    const end = (verdict) => {
      close();
      settle(verdict);
    };
    port.onMessage.addListener((message) => {
      const progress = message;
      if (progress.kind === "taken") clearTimeout(timer);
      else end(progress);
    });
    port.onDisconnect.addListener(() => end(NATIVE));
    port.postMessage(ask);
    return close;
  }

  // src/gate/gate.ts
  function openGate(scope, connect) {
    const hello = (event) => {
      event.stopImmediatePropagation();
      scope.removeEventListener(HELLO, hello, true);
      const port = event.ports[0];
      if (!port) return;
      event.preventDefault();
      new Gate(port, connect).serve(scope);
    };
    scope.addEventListener(HELLO, hello, true);
  }
  var Gate = class {
    #page;
    #connect;
    /** Requests by number, with what cancels each. */
    #open = /* @__PURE__ */ new Map();
    constructor(page, connect) {
      this.#page = page;
      this.#connect = connect;
    }
    serve(scope) {
      this.#page.onmessage = (event) => {
        const message = event.data;
        if (message.kind === "cancel") this.#cancel(message.n);
        else void this.#ask(message);
      };
      scope.addEventListener("pagehide", () => this.#leave());
    }
    async #ask({ n, op, options }) {
      const settle = (verdict) => this.#settle(n, verdict);
      this.#open.set(n, () => {
      });
      try {
        const framed = hasForeignAncestor();
        const allowed = mayAsk(op, framed) && await policyAllows(op);
        if (!this.#open.has(n)) return;
        if (!allowed) settle({ kind: "native" });
        else this.#open.set(n, relay(this.#connect, { op, options, framed }, settle));
      } catch {
        settle({ kind: "native" });
      }
    }
    #settle(n, verdict) {
      if (this.#open.delete(n)) this.#page.postMessage({ n, verdict });
    }
    #cancel(n) {
      const close = this.#open.get(n);
      this.#open.delete(n);
      close?.();
    }
    #leave() {
      for (const [n, close] of [...this.#open]) {
        close();
        this.#settle(n, { kind: "error", name: "NotAllowedError", message: "The page was left while it waited." });
      }
    }
  };

  // src/gate/main.ts
  if (window.isSecureContext) openGate(window, (name) => api.runtime.connect({ name }));
})();
