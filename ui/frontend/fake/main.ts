// The page in a plain browser, over a bridge that has no daemon behind it: /fake/?view=prompt&state=delivered&lang=de.
import "../../look/tokens.css";
import "../../look/parts.css";
import "../src/window.css";
import { mount } from "svelte";
import App from "../src/App.svelte";
import { fake } from "./bridge";

mount(App, { target: document.body, props: { bridge: fake(new URLSearchParams(location.search)) } });
