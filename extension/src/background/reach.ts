/** How far the way to the daemon reaches, for the popup. */
import type { Reach } from "../messages.ts";
import { METHOD_STATUS, type Status } from "../protocol.ts";
import { ask } from "./ask.ts";
import type { Answer, Host } from "./host.ts";
import type { Health } from "./toolbar.ts";

/** Asks the daemon for its status. */
export async function reach(host: Host): Promise<Reach> {
  const answer = await ask(host, METHOD_STATUS);
  return answer ? reachOf(answer) : { kind: "silent" };
}

/** Both browsers say in words only what went wrong: "not found" in Chromium, "No such native application" in Firefox. */
function reachOf(answer: Answer): Reach {
  if (answer.kind === "result") return { kind: "running", status: answer.result as Status };
  if (answer.kind !== "gone") return { kind: "silent" };
  if (/not found|no such native/i.test(answer.reason)) return { kind: "missing" };
  if (/forbidden|permission/i.test(answer.reason)) return { kind: "forbidden" };
  return { kind: "stopped" };
}

/** What the toolbar button says of it. */
export function healthOf(reach: Reach): Health {
  if (reach.kind !== "running") return "stopped";
  return reach.status.pauses?.some((pause) => !pause.origin) ? "paused" : "ready";
}
