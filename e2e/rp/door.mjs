/** Leads connections on: node door.mjs FROM TO, each a port of the loopback or the path of a socket. */
import { connect, createServer } from "node:net";

const [from, to] = process.argv
  .slice(2)
  .map((end) => (/^\d+$/.test(end) ? { host: "127.0.0.1", port: Number(end) } : { path: end }));

createServer((comes) => {
  const goes = connect(to);
  for (const [one, other] of [
    [comes, goes],
    [goes, comes],
  ]) {
    one.pipe(other);
    one.on("error", () => other.destroy());
  }
}).listen(from, () => console.log("ready"));
