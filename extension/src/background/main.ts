/** Entry of the background: a service worker in Chromium, an event page in Firefox. It keeps no state that matters. */
import { type GateWord, OFFER_PORT, type OwnMessage, REQUEST_PORT } from "../messages.ts";
import { api, closingReason, type Port } from "../platform.ts";
import { HOST_NAME, METHOD_HELLO } from "../protocol.ts";
import { whoAmI } from "./hello.ts";
import { type Connection, Host } from "./host.ts";
import { entriesOf } from "./menu.ts";
import { Offers } from "./offers.ts";
import { Paired } from "./paired.ts";
import { healthOf, reach } from "./reach.ts";
import { Requests } from "./requests.ts";
import { Sights } from "./sight.ts";
import { passOn } from "./signals.ts";
import { heardPick, setMenu, showSign } from "./surface.ts";
import { Tabs } from "./tabs.ts";
import { Toolbar } from "./toolbar.ts";

const tabs = new Tabs(() => {
  toolbar.update();
  setMenu(entriesOf(tabs.offers()));
});
const toolbar = new Toolbar(tabs, showSign);
const host = new Host(connect, {
  notified: (method, params) => requests.notified(method, params),
  opened: () => void greet(),
  closed: () => {
    toolbar.health = "stopped";
  },
});
const requests = new Requests(host, tabs);
const offers = new Offers(host, tabs);
const paired = new Paired(() => reach(host));
const sights = new Sights(host, tabs, front);

function connect(): Connection {
  const port = api.runtime.connectNative(HOST_NAME) as Port;
  return { port, reason: () => closingReason(api.runtime, port) };
}

/** Says hello through a host that was just started. Not through another one: one that ended so soon has no daemon. */
async function greet(): Promise<void> {
  const me = await whoAmI(api.runtime);
  if (!host.open) return;
  host.call(METHOD_HELLO, me, () => {});
  await refresh();
}

async function refresh(): Promise<void> {
  toolbar.health = healthOf(await reach(host));
}

async function front() {
  const [tab] = await api.tabs.query({ active: true, lastFocusedWindow: true });
  return tab?.id === undefined ? undefined : { id: tab.id, url: tab.url };
}

async function own(message: OwnMessage) {
  const sight = await sights.hear(message);
  if (sight) toolbar.health = healthOf(sight.reach);
  else if (message.kind === "pause" || message.kind === "resume") await refresh();
  return sight;
}

api.runtime.onConnect.addListener((port) => {
  if (port.name === REQUEST_PORT) requests.serve(port as Port);
  else if (port.name === OFFER_PORT) offers.serve(port as Port);
});

api.runtime.onMessage.addListener((message: OwnMessage | GateWord | null, sender, answer) => {
  // What a person's phones and accounts are called is for the extension's own pages; whether there is a phone, any page
  // may know.
  if (message?.kind === "paired") void paired.ask().then(answer);
  else if (message?.kind === "signal") return void passOn(host, message, sender);
  else if (message && sender.url?.startsWith(api.runtime.getURL(""))) void own(message).then(answer);
  else return undefined;
  return true;
});

heardPick((tab, credential) => tabs.pick(tab, credential));
// Started with the browser, so that the listener below runs at all.
api.runtime.onStartup.addListener(() => {});
host.warm();
