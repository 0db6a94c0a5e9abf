import { mount } from "svelte";
import "../../ui/look/tokens.css";
import "../../ui/look/parts.css";
import "./phone.css";
import { App } from "./app.svelte";
import { isTrial, lack } from "./device";
import { followInstall } from "./install.svelte";
import { follow, takeLink } from "./lifecycle";
import { dial } from "./link/connection";
import { followPull } from "./pull";
import { bringAll } from "./screens/lazy.svelte";
import Root from "./screens/Root.svelte";
import { words } from "./words/words";

declare const __APP_VERSION__: string;

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): typeof rules;
}

const link = takeLink(); // before anything else: it holds a secret
document.documentElement.lang = words.language;
const app = new App(dial, __APP_VERSION__);
app.problem = lack();
mount(Root, { target: document.getElementById("app") as HTMLElement, props: { app } });
follow(app);
followInstall();
followPull(() => app.check());
if (!app.problem) void app.open(link);
if (import.meta.env.PROD && !isTrial()) keepOffline(); // no worker where the certificate is nobody's
setTimeout(bringAll, 1000); // after what matters now

/** Registers the worker that lets the app open without internet. Without it everything else works. */
function keepOffline(): void {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy("tallykey-worker", { createScriptURL: (url) => url });
  navigator.serviceWorker?.register(policy?.createScriptURL("./sw.js") ?? "./sw.js").catch(() => {});
}
