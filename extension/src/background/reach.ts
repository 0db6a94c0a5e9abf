/** How far the way to the daemon reaches, for the popup. */
import type { Reach } from "../messages.ts";
import { METHOD_STATUS, type Status } from "../protocol.ts";
import type { Answer, Host } from "./host.ts";

/** How long the daemon has to answer, in milliseconds. */
export const ANSWER_WITHIN = 2000;

/** Asks the daemon for its status. */
export function reach(host: Host): Promise<Reach> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      call.cancel();
      resolve({ kind: "silent" });
    }, ANSWER_WITHIN);
    const call = host.call(METHOD_STATUS, undefined, (answer) => {
      clearTimeout(timer);
      resolve(reachOf(answer));
    });
  });
}

/** Both browsers say in words only what went wrong: "not found" in Chromium, "No such native application" in Firefox. */
function reachOf(answer: Answer): Reach {
  if (answer.kind === "result") return { kind: "running", status: answer.result as Status };
  if (answer.kind !== "gone") return { kind: "silent" };
  if (/not found|no such native/i.test(answer.reason)) return { kind: "missing" };
  if (/forbidden|permission/i.test(answer.reason)) return { kind: "forbidden" };
  return { kind: "stopped" };
}
