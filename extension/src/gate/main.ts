/** Entry of the isolated world: runs at document_start in every frame, before the page world's script. */
import { api, type Port } from "../platform.ts";
import { openGate } from "./gate.ts";

if (window.isSecureContext)
  openGate(window, {
    connect: (name) => api.runtime.connect({ name }) as Port,
    // Async, so that a runtime that is gone (the extension was updated) is a rejection and not an exception.
    message: async (message) => api.runtime.sendMessage(message),
  });
