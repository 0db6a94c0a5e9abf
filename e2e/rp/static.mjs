/** Serves the files of a folder: node static.mjs FOLDER PORT. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const [folder, port] = process.argv.slice(2);
const types = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
};

createServer(({ url }, response) => {
  const { pathname } = new URL(url, "http://localhost");
  const file = join(folder, normalize(pathname.endsWith("/") ? `${pathname}index.html` : pathname));
  try {
    const body = readFileSync(file);
    const type = types[extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "cache-control": "no-cache" }).end(body);
  } catch {
    response.writeHead(404).end();
  }
}).listen(Number(port), "127.0.0.1");
