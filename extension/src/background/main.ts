/** Entry of the background: a service worker in Chromium, an event page in Firefox. It keeps no state that matters. */
import { type PairedQuestion, REQUEST_PORT, type StatusQuestion } from "../messages.ts";
import { api, closingReason, type Port } from "../platform.ts";
import { HOST_NAME } from "../protocol.ts";
import { type Connection, Host } from "./host.ts";
import { Paired } from "./paired.ts";
import { reach } from "./reach.ts";
import { Requests } from "./requests.ts";

const host = new Host(connect, (method, params) => requests.notified(method, params));
const requests = new Requests(host);
const paired = new Paired(() => reach(host));

function connect(): Connection {
  const port = api.runtime.connectNative(HOST_NAME) as Port;
  return { port, reason: () => closingReason(api.runtime, port) };
}

api.runtime.onConnect.addListener((port) => {
  if (port.name === REQUEST_PORT) requests.serve(port as Port);
});

api.runtime.onMessage.addListener((message: StatusQuestion | PairedQuestion | null, sender, answer) => {
  // The names of a person's phones are for the extension's own pages; whether there is one, any page may know.
  if (message?.kind === "paired") void paired.ask().then(answer);
  else if (message?.kind === "status" && sender.url?.startsWith(api.runtime.getURL(""))) void reach(host).then(answer);
  else return undefined;
  return true;
});
