/**
 * A reverse proxy with TLS before a program on the loopback; 502 while that is not there.
 *
 *   node front.js ADDRESS KEY CERTIFICATE PORT
 */
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:https";

const [address, key = "", cert = "", port] = process.argv.slice(2);

const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (asked, answer) => {
  const { method = "GET", url = "/", headers } = asked;
  const inner = request({ host: "127.0.0.1", port: Number(port), method, path: url, headers }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  inner.on("error", () => {
    if (!answer.headersSent) answer.writeHead(502);
    answer.end();
  });
  asked.pipe(inner);
});
server.listen(443, address, () => console.log("front is up"));
