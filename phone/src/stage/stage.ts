// Every screen of the phone app with made-up contents, to be looked at and measured: ?screen=<name>&lang=<de|en>.
import { mount } from "svelte";
import "../../../ui/look/tokens.css";
import "../../../ui/look/parts.css";
import "../phone.css";
import { App } from "../app.svelte";
import { FakeNetwork } from "../link/fake";
import { bringAll } from "../screens/lazy.svelte";
import Root from "../screens/Root.svelte";
import { words } from "../words/words";
import { screens } from "./screens";

const query = new URLSearchParams(location.search);
document.documentElement.lang = words.language;
const app = new App(new FakeNetwork().dial, "0.1.0");
app.ready = true;
app.name = "Alice’s phone";
app.kept = false;
screens[query.get("screen") ?? ""]?.(app);
mount(Root, { target: document.getElementById("app") as HTMLElement, props: { app } });
await bringAll();
document.querySelector("details")?.setAttribute("open", "");
document.body.dataset["ready"] = "";
