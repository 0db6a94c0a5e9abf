/** Entry of the popup, and of the options page, which is the same without a website in front. */
import type { OwnMessage, Sight } from "../messages.ts";
import { api } from "../platform.ts";
import { type Acts, render } from "./render.ts";
import { viewOf } from "./view.ts";
import type { Words } from "./words.ts";

const OPTIONS = document.body.classList.contains("options");

const words: Words = {
  language: api.i18n.getUILanguage(),
  say: (key, ...values) => api.i18n.getMessage(key, values),
};

let tab = -1;

const tell = (message: OwnMessage): Promise<unknown> => api.runtime.sendMessage(message);

async function look(): Promise<void> {
  const sight = (await tell({ kind: "look", site: !OPTIONS })) as Sight;
  tab = sight.tab ?? -1;
  render(viewOf(sight, words, new Date()), words, acts);
}

/** Does it, then shows what became of it. */
const then = (message: OwnMessage, next: () => void = () => void look()) => void tell(message).then(next);

/** What goes on elsewhere, in the page or in tallykey's window, takes the popup's place. */
const leave = () => (OPTIONS ? void look() : window.close());

const acts: Acts = {
  check: () => void look(),
  pair: () => then({ kind: "pair" }, leave),
  pick: (credential) => then({ kind: "pick", tab, credential }, leave),
  dismiss: () => then({ kind: "dismiss", tab }),
  use: (on, origin) => then({ kind: on ? "resume" : "pause", origin }),
};

document.documentElement.lang = words.language.startsWith("de") ? "de" : "en";
void look();
