import { mount } from "svelte";
import "../../ui/look/tokens.css";
import "../../ui/look/parts.css";
import "./phone.css";
import { App } from "./app.svelte";
import { lack } from "./device";
import { follow, takeLink } from "./lifecycle";
import { dial } from "./link/connection";
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
if (!app.problem) void app.open(link);
if (import.meta.env.PROD) keepOffline();

/** Registers the worker that lets the app open without internet. Without it everything else works. */
function keepOffline(): void {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy("tallykey-worker", { createScriptURL: (url) => url });
  navigator.serviceWorker?.register(policy?.createScriptURL("./sw.js") ?? "./sw.js").catch(() => {});
}
