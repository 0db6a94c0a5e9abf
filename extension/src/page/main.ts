/** Entry of the page world: runs at document_start in every frame, before the page's own scripts. */
import { openGate } from "./channel.ts";
import { type HookScope, installHook } from "./hook.ts";
import { installStatics, type StaticsScope } from "./statics.ts";

// Without a secure context there is no WebAuthn to hook.
if (window.isSecureContext && "PublicKeyCredential" in window && "credentials" in navigator) {
  try {
    const gate = openGate(window);
    if (gate) {
      installHook(window as unknown as HookScope, gate);
      installStatics(window as unknown as StaticsScope, gate);
    }
  } catch {
    // A browser that is not as expected keeps its own WebAuthn.
  }
}
