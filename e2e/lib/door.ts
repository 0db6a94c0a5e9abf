import { Ends } from "./ends.ts";
import type { Host } from "./network.ts";
import { basics, Program } from "./program.ts";

const script = new URL("../rp/door.mjs", import.meta.url).pathname;

/**
 * Leads a port of one host's loopback to the same port of another's, over a socket file that gets a name below folder.
 * Without a host on this side it is the loopback of who runs the tests.
 */
export async function door(port: number, from: Host | undefined, to: Host, folder: string): Promise<Ends> {
  const ends = new Ends();
  const file = `${folder}/door-${port}`;
  const half = (host: Host | undefined, ...way: (string | number)[]) => {
    const command = [process.execPath, script, ...way.map(String)];
    const program = new Program({ name: "door", command: host?.command(command) ?? command, env: basics() });
    return ends.use(program).line(/^ready$/);
  };
  try {
    await half(to, file, port);
    await half(from, port, file);
    return ends;
  } catch (failure) {
    await ends[Symbol.asyncDispose]();
    throw failure;
  }
}
