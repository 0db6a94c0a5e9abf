/** What the shop's page does when its buttons are pressed, for a test to press. Nothing here knows of tallykey. */

/** How an attempt ended, as the page saw it. Times are milliseconds. */
export interface Attempt {
  ok: boolean;
  account?: string;
  /** The error's name, and whether it is what the page aborted with. */
  error?: string;
  message?: string;
  aborted?: boolean;
  /** From the call of create() or get() to its end. */
  ms: number;
  /** When it ended, by the system's clock. */
  at: number;
  /** What the website's server said besides. */
  server?: Record<string, unknown>;
  /** What the page looks at: is it a real PublicKeyCredential? */
  genuine?: boolean;
  id?: string;
}

/** What an attempt may ask for beyond the usual. */
export interface Wish {
  /** Signs in with an allow list of this account; without it the account is found by the credential. */
  account?: string;
  /** Credential IDs instead of what the server sends. */
  allow?: string[];
  rpId?: string;
  /** Aborts after this time. */
  abortAfter?: number;
}

type Json = Record<string, unknown>;

class Shop {
  /** Asks for a ceremony whose challenge no server knows, so only how it is refused is of interest. */
  async probe(ceremony: "create" | "get", wish: Wish = {}): Promise<Attempt> {
    const challenge = crypto.getRandomValues(new Uint8Array(32));
    const rpId = wish.rpId ? { rpId: wish.rpId } : {};
    const allow = wish.allow?.map((id) => ({ id: bytes(id), type: "public-key" as const }));
    return attempt(wish, async (signal) => {
      const credential =
        ceremony === "create"
          ? await navigator.credentials.create({ publicKey: creation(challenge, wish), signal })
          : await navigator.credentials.get({
              publicKey: { challenge, ...rpId, ...(allow && { allowCredentials: allow }) },
              signal,
            });
      return { credential, check: "", ceremony: "" };
    });
  }

  async register(account: string, wish: Wish = {}): Promise<Attempt> {
    const { ceremony, options } = await post("/register/options", { account });
    if (wish.rpId) (options["rp"] as Json)["id"] = wish.rpId;
    return attempt(wish, async (signal) => {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
        options as unknown as PublicKeyCredentialCreationOptionsJSON,
      );
      const credential = await navigator.credentials.create({ publicKey, signal });
      return { credential, check: "/register/verify", ceremony };
    });
  }

  async signIn(wish: Wish = {}): Promise<Attempt> {
    const { ceremony, options } = await post(
      "/signin/options",
      wish.account === undefined ? {} : { account: wish.account },
    );
    if (wish.rpId) options["rpId"] = wish.rpId;
    if (wish.allow) options["allowCredentials"] = wish.allow.map((id) => ({ id, type: "public-key" }));
    return attempt(wish, async (signal) => {
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
        options as unknown as PublicKeyCredentialRequestOptionsJSON,
      );
      const credential = await navigator.credentials.get({ publicKey, signal });
      return { credential, check: "/signin/verify", ceremony };
    });
  }
}

function creation(challenge: BufferSource, wish: Wish): PublicKeyCredentialCreationOptions {
  return {
    challenge,
    rp: { name: "Shop", ...(wish.rpId && { id: wish.rpId }) },
    user: { id: new Uint8Array([1]), name: wish.account ?? "nobody", displayName: "" },
    pubKeyCredParams: [{ type: "public-key", alg: -7 }],
  };
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

interface Done {
  credential: Credential | null;
  check: string;
  ceremony: string;
}

async function attempt(wish: Wish, ask: (signal: AbortSignal) => Promise<Done>): Promise<Attempt> {
  const abort = new AbortController();
  const reason = new Error("the person went to another page");
  if (wish.abortAfter !== undefined) setTimeout(() => abort.abort(reason), wish.abortAfter);
  const start = performance.now();
  try {
    const { credential, check, ceremony } = await ask(abort.signal);
    const time = since(start);
    return { ...time, ...(await verify(credential, check, ceremony)) };
  } catch (failure) {
    const { name, message } = failure as Error;
    return { ok: false, error: name, message, aborted: failure === reason, ...since(start) };
  }
}

function since(start: number): { ms: number; at: number } {
  const now = performance.now();
  return { ms: now - start, at: performance.timeOrigin + now };
}

async function verify(
  credential: Credential | null,
  check: string,
  ceremony: string,
): Promise<Omit<Attempt, "ms" | "at">> {
  if (!(credential instanceof PublicKeyCredential)) return { ok: false, error: "not a PublicKeyCredential" };
  if (!check) return { ok: true, id: credential.id };
  const response = PublicKeyCredential.prototype.toJSON.call(credential);
  const server = (await post(check, { ceremony, response })) as unknown as Json;
  const genuine = Object.getOwnPropertyNames(credential).length === 0;
  const account = String(server["account"]);
  return { ok: server["verified"] === true, account, server, genuine, id: credential.id };
}

async function post(path: string, ask: Json): Promise<{ ceremony: string; options: Json }> {
  const answer = await fetch(path, { method: "POST", body: JSON.stringify(ask) });
  return (await answer.json()) as { ceremony: string; options: Json };
}

declare global {
  var shop: Shop;
}
globalThis.shop = new Shop();
