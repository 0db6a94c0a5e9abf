/** One question to the daemon, answered or given up. */
import type { Answer, Host } from "./host.ts";

/** How long the daemon has to answer what raises no prompt, in milliseconds. */
export const ANSWER_WITHIN = 2000;

/** Asks the daemon. Undefined means that it did not answer in time; it is told that nobody waits any more. */
export function ask(host: Host, method: string, params?: object): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      call.cancel();
      resolve(undefined);
    }, ANSWER_WITHIN);
    const call = host.call(method, params, (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}
