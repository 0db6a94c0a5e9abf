/** Entry of the popup. */
import type { Reach, StatusQuestion } from "../messages.ts";
import { api } from "../platform.ts";
import { render } from "./render.ts";
import { viewOf, type Words } from "./view.ts";

const words: Words = {
  language: api.i18n.getUILanguage(),
  say: (key, ...values) => api.i18n.getMessage(key, values),
};

async function check(): Promise<void> {
  const question: StatusQuestion = { kind: "status" };
  const reach: Reach = await api.runtime.sendMessage(question);
  render(document, viewOf(reach, words, new Date()), words);
}

document.documentElement.lang = words.language.startsWith("de") ? "de" : "en";
const button = document.getElementById("check") as HTMLButtonElement;
button.textContent = words.say("check");
button.addEventListener("click", () => void check());
void check();
