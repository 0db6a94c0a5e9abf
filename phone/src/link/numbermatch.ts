import type { Bytes } from "./bytes";
import { concat, utf8 } from "./bytes";
import type { KeyProtection, Mode } from "./message";

/** What authenticatorData ends with where the website asked for numberMatch; see phone/link/numbermatch.go. */
export function numberMatchOutput(mode: Mode, protection: KeyProtection): Bytes {
  const uv = protection === "pin" ? "pin" : "platform";
  const inner = concat(new Uint8Array([0xa2]), text("uv"), text(uv), text("mode"), text(mode));
  return concat(new Uint8Array([0xa1]), text("numberMatch"), inner);
}

/** A CBOR text of at most 23 bytes. */
function text(s: string): Bytes {
  return concat(new Uint8Array([0x60 | s.length]), utf8(s));
}
