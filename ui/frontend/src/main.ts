import "../../look/tokens.css";
import "../../look/parts.css";
import "./window.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { wails } from "./bridge";

mount(App, { target: document.body, props: { bridge: wails() } });
