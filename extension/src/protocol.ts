/**
 * The part of the daemon's local API that the extension uses: JSON-RPC 2.0, one object a frame, through the native
 * messaging host. The contract is the Go package daemon/api; nothing here may differ from it.
 */

/** The name under which browsers know the native messaging host. */
export const HOST_NAME = "org.tallykey.host";

/** What neither the host nor the daemon takes: bytes of one message. */
export const MAX_MESSAGE = 1 << 20;

/** The JSON-RPC error code of every failure in the table of outcome codes. */
export const ERROR_CODE = -32000;

/** Methods that the extension calls, by what the page calls. */
export const METHODS = { create: "webauthn.create", get: "webauthn.get" } as const;

/** nothing -> Status */
export const METHOD_STATUS = "status";

/** CeremonyParams -> Registration[] that could answer; raises no prompt. */
export const METHOD_CANDIDATES = "webauthn.candidates";

/** SignalParams -> nothing */
export const METHOD_SIGNAL = "webauthn.signal";

/** { origin } -> Site */
export const METHOD_SITE = "site";

/** Browser -> nothing: the extension says that it is there. */
export const METHOD_HELLO = "browser.hello";

/** nothing -> Pairing; the daemon shows it in its window. */
export const METHOD_PAIR = "pair";

/** { origin? } -> Pause; without an origin for every website. */
export const METHOD_PAUSE = "pauses.add";

/** { origin } -> nothing; an empty origin is the pause for every website. */
export const METHOD_RESUME = "pauses.remove";

/** A notification of ours: the call with this id shall end. */
export const METHOD_CANCEL = "cancel";

/** A notification of the daemon: it acts on a request, so the browser's own WebAuthn must wait. */
export const NOTIFY_TAKEN = "webauthn.taken";

/** A notification of the host: it finds no daemon, and ends. Another host would find none either. */
export const NOTIFY_NOT_RUNNING = "host.not_running";

/** Who asks. All of it comes from the browser, nothing from the page. */
export interface Caller {
  /** Of the frame: "https://login.example:8443". */
  origin: string;
  /** Of the page around it, where an ancestor is of another origin. */
  topOrigin?: string;
  crossOrigin: boolean;
}

/** The parameters of both ceremonies. */
export interface CeremonyParams extends Caller {
  /** Ours; comes back in Taken. At most 64 bytes. */
  token: string;
  /** PublicKeyCredentialCreationOptionsJSON or PublicKeyCredentialRequestOptionsJSON. */
  options: object;
}

/** The parameters of NOTIFY_TAKEN. */
export interface Taken {
  token: string;
  request: string;
}

/** The data member of an error with ERROR_CODE. */
export interface ErrorData {
  code: string;
  /** Name of the DOMException that the page gets; "TypeError" is a TypeError. */
  error?: string;
  /** The browser's own WebAuthn takes over and the page gets no error of ours. */
  fallThrough?: boolean;
  /** Id in the activity log. */
  request?: string;
}

/** A JSON-RPC error. */
export interface RpcError {
  code: number;
  message: string;
  data?: ErrorData;
}

/** A paired phone. */
export interface Phone {
  id: string;
  name: string;
  connected: boolean;
  /** RFC 3339; absent if never. */
  lastSeen?: string;
}

/** One account at one website whose key is on a phone. */
export interface Registration {
  /** Credential ID, base64url. */
  id: string;
  rpId: string;
  account: string;
  displayName?: string;
  phoneName: string;
  /** RFC 3339, as all times here. */
  created: string;
  lastUsed?: string;
  /** The website said that it does not take it any more. */
  hidden?: boolean;
}

/** A time in which no prompt is raised. */
export interface Pause {
  /** Empty or absent: every website. */
  origin?: string;
  /** Absent: until it is removed. */
  until?: string;
}

/** One request that ended. */
export interface Activity {
  time: string;
  action: string;
  code: string;
  account?: string;
}

/** What the daemon knows of one website. */
export interface Site {
  registrations: Registration[] | null;
  pause?: Pause;
  last?: Activity;
}

/** What websites can say of their credentials: WebAuthn Level 3, section 5.1.10. */
export type SignalKind = "unknownCredential" | "allAcceptedCredentials" | "currentUserDetails";

/** The parameters of METHOD_SIGNAL. */
export interface SignalParams extends Caller {
  kind: SignalKind;
  options: object;
}

/** The parameters of METHOD_HELLO. */
export interface Browser {
  /** "Firefox" */
  name: string;
  /** Version of the extension. */
  extension: string;
}

/** The health of one part of the daemon. */
export interface Part {
  state: string;
  code?: string;
  detail?: string;
}

/** The daemon's own account of itself, as far as the popup shows it. */
export interface Status {
  version: string;
  phones: Phone[] | null;
  keyring: Part;
  link: Part;
  /** Absent from a daemon that knows no pauses. */
  pauses?: Pause[] | null;
}
