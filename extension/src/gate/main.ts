/** Entry of the isolated world: runs at document_start in every frame, before the page world's script. */
import { api, type Port } from "../platform.ts";
import { openGate } from "./gate.ts";

if (window.isSecureContext) openGate(window, (name) => api.runtime.connect({ name }) as Port);
