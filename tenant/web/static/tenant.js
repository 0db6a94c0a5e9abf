// The tenant's only script. It runs the WebAuthn ceremony that the page describes and hands what comes out to the server
// as an ordinary form, so that everything is decided, shown and logged there. The password path works without it.
const PATIENCE = 60_000; // what the page promises
const GRACE = 5_000; // for an answer on its way; then the page gives up by itself

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

// The JSON forms of WebAuthn Level 3, section 5.1.8 and 5.1.10, by hand: not every browser that has WebAuthn reads them.
const withBytes = (list) => list?.map((d) => ({ ...d, id: bytes(d.id) }));
const fromJSON = {
  get: (o) => ({ ...o, challenge: bytes(o.challenge), allowCredentials: withBytes(o.allowCredentials) }),
  create: (o) => ({
    ...o,
    challenge: bytes(o.challenge),
    user: { ...o.user, id: bytes(o.user.id) },
    excludeCredentials: withBytes(o.excludeCredentials),
  }),
};
const responseJSON = {
  get: (r) => ({
    authenticatorData: text(r.authenticatorData),
    signature: text(r.signature),
    userHandle: r.userHandle ? text(r.userHandle) : undefined,
  }),
  create: (r) => ({ attestationObject: text(r.attestationObject), transports: r.getTransports?.() ?? [] }),
};
const toJSON = (kind, c) =>
  JSON.stringify({
    id: c.id,
    rawId: text(c.rawId),
    type: c.type,
    authenticatorAttachment: c.authenticatorAttachment ?? undefined,
    clientExtensionResults: c.getClientExtensionResults(),
    response: { clientDataJSON: text(c.response.clientDataJSON), ...responseJSON[kind](c.response) },
  });

// ceremony resolves to the credential as JSON, or rejects with what the browser says.
async function ceremony(kind, options, signal) {
  if (!navigator.credentials?.[kind]) throw new DOMException("no WebAuthn", "NotSupportedError");
  const credential = await navigator.credentials[kind]({ publicKey: fromJSON[kind](options), signal });
  if (!credential) throw new DOMException("no credential", "NotAllowedError");
  return toJSON(kind, credential);
}

// countdown lets the twelve cuts go out one by one, and speaks at 30 and at 10 seconds only.
function countdown(card, since) {
  const [ruler, left, spoken] = [".ruler", "#left", "#spoken"].map((s) => card.querySelector(s));
  const show = () => {
    const seconds = Math.max(0, Math.ceil((PATIENCE - (performance.now() - since)) / 1000));
    left.textContent = left.dataset.text.replace("{}", seconds);
    if (seconds === 30 || seconds === 10) spoken.textContent = left.textContent;
    [...ruler.children].forEach((cut, i) => {
      cut.classList.toggle("off", i * 5 >= seconds);
    });
  };
  show();
  return setInterval(show, 1000);
}

// ask runs the card's ceremony and sends the form, whatever comes out.
async function ask(card) {
  const form = document.getElementById("answer");
  card.querySelector(".pending").hidden = false;
  const since = performance.now();
  const timer = countdown(card, since);
  const stop = new AbortController();
  const limit = setTimeout(() => stop.abort(), PATIENCE + GRACE);
  try {
    form.credential.value = await ceremony(card.dataset.ceremony, JSON.parse(card.dataset.options), stop.signal);
  } catch (error) {
    form.failure.value = error.name || "Error";
  }
  clearInterval(timer);
  clearTimeout(limit);
  form.waited.value = Math.round(performance.now() - since);
  form.submit();
}

// signals tells authenticators what the tenant knows, where the browser can: which keys it still takes, and that one is
// good for nothing. Nothing depends on it.
function signals() {
  const told = (selector, key) => document.querySelector(selector)?.dataset[key];
  const [accepted, unknown] = [told("[data-accepted]", "accepted"), told("[data-unknown]", "unknown")];
  const keys = globalThis.PublicKeyCredential;
  if (accepted) keys?.signalAllAcceptedCredentials?.(JSON.parse(accepted)).catch(() => {});
  if (unknown) keys?.signalUnknownCredential?.(JSON.parse(unknown)).catch(() => {});
}

// invited takes the one-time pass from the address into its field. The person sends it.
function invited() {
  const field = document.querySelector("#invite #pass");
  if (!field || location.hash.length < 2) return;
  field.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}

function begin() {
  signals();
  invited();
  const card = document.querySelector("[data-ceremony]");
  if (card?.dataset.ceremony === "get") ask(card);
  if (card?.dataset.ceremony !== "create") return;
  document.getElementById("answer").addEventListener("submit", (event) => {
    event.preventDefault();
    document.getElementById("register").hidden = true;
    ask(card);
  });
}

begin();
