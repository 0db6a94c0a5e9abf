// e2e/rp/page.ts
var Shop = class {
  /** Asks for a ceremony whose challenge no server knows, so only how it is refused is of interest. */
  async probe(ceremony, wish = {}) {
    const challenge = crypto.getRandomValues(new Uint8Array(32));
    const rpId = wish.rpId ? { rpId: wish.rpId } : {};
    const allow = wish.allow?.map((id) => ({ id: bytes(id), type: "public-key" }));
    return attempt(wish, async (signal) => {
      const credential = ceremony === "create" ? await navigator.credentials.create({ publicKey: creation(challenge, wish), signal }) : await navigator.credentials.get({
        publicKey: { challenge, ...rpId, ...allow && { allowCredentials: allow } },
        signal
      });
      return { credential, check: "", ceremony: "" };
    });
  }
  async register(account, wish = {}) {
    const { ceremony, options } = await post("/register/options", { account });
    if (wish.rpId) options["rp"]["id"] = wish.rpId;
    return attempt(wish, async (signal) => {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
        options
      );
      const credential = await navigator.credentials.create({ publicKey, signal });
      return { credential, check: "/register/verify", ceremony };
    });
  }
  async signIn(wish = {}) {
    const { ceremony, options } = await post(
      "/signin/options",
      wish.account === void 0 ? {} : { account: wish.account }
    );
    if (wish.rpId) options["rpId"] = wish.rpId;
    if (wish.allow) options["allowCredentials"] = wish.allow.map((id) => ({ id, type: "public-key" }));
    return attempt(wish, async (signal) => {
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
        options
      );
      const credential = await navigator.credentials.get({ publicKey, signal });
      return { credential, check: "/signin/verify", ceremony };
    });
  }
};
function creation(challenge, wish) {
  return {
    challenge,
    rp: { name: "Shop", ...wish.rpId && { id: wish.rpId } },
    user: { id: new Uint8Array([1]), name: wish.account ?? "nobody", displayName: "" },
    pubKeyCredParams: [{ type: "public-key", alg: -7 }]
  };
}
function bytes(base64url) {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
async function attempt(wish, ask) {
  const abort = new AbortController();
  const reason = new Error("the person went to another page");
  if (wish.abortAfter !== void 0) setTimeout(() => abort.abort(reason), wish.abortAfter);
  const start = performance.now();
  try {
    const { credential, check, ceremony } = await ask(abort.signal);
    const ms = performance.now() - start;
    return { ms, ...await verify(credential, check, ceremony) };
  } catch (failure) {
    const { name, message } = failure;
    return { ok: false, error: name, message, aborted: failure === reason, ms: performance.now() - start };
  }
}
async function verify(credential, check, ceremony) {
  if (!(credential instanceof PublicKeyCredential)) return { ok: false, error: "not a PublicKeyCredential" };
  if (!check) return { ok: true, id: credential.id };
  const response = PublicKeyCredential.prototype.toJSON.call(credential);
  const server = await post(check, { ceremony, response });
  const genuine = Object.getOwnPropertyNames(credential).length === 0;
  const account = String(server["account"]);
  return { ok: server["verified"] === true, account, server, genuine, id: credential.id };
}
async function post(path, ask) {
  const answer = await fetch(path, { method: "POST", body: JSON.stringify(ask) });
  return await answer.json();
}
globalThis.shop = new Shop();
