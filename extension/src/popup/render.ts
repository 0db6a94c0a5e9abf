/** Puts a view into the popup's page. Every text goes in as text. */
import type { Chip, Note, PhoneRow, View, Words } from "./view.ts";

/** Shows view in place of what was there. */
export function render(page: Document, view: View, words: Words): void {
  element(page, "state").replaceChildren(chip(page, view.chip));
  const content = element(page, "content");
  content.replaceChildren(...(view.note ? [note(page, view.note)] : phones(page, view, words)));
  content.setAttribute("aria-busy", "false");
}

function phones(page: Document, view: View, words: Words): Node[] {
  const list = page.createElement("ul");
  list.className = "list";
  list.setAttribute("aria-label", words.say("phones"));
  list.append(...view.phones.map((row) => phone(page, row)));
  if (!view.hint) return [list];
  const hint = page.createElement("p");
  hint.className = "hint small quiet";
  hint.textContent = view.hint;
  return [list, hint];
}

function phone(page: Document, row: PhoneRow): Node {
  const item = stamp(page, "phone");
  put(item, ".t b", row.name);
  put(item, ".t span", row.line);
  item.querySelector(".chip")?.append(chip(page, row.chip));
  return item;
}

function note(page: Document, { title, what, remedy, code }: Note): Node {
  const section = stamp(page, "note");
  const heading = page.createElement("h1");
  heading.textContent = title;
  section.prepend(heading);
  put(section, ".what", what);
  put(section, ".remedy", remedy);
  put(section, ".code", code ?? "");
  return section;
}

function chip(page: Document, { tone, text }: Chip): Node {
  const made = stamp(page, "chip");
  made.classList.add(tone);
  made.querySelector("use")?.setAttribute("href", `#icon-${tone}`);
  made.append(text);
  return made;
}

function stamp(page: Document, template: string): Element {
  const { content } = element(page, template) as HTMLTemplateElement;
  return (content.cloneNode(true) as DocumentFragment).firstElementChild as Element;
}

function put(parent: Element, selector: string, text: string): void {
  const found = parent.querySelector(selector);
  if (found) found.textContent = text;
}

function element(page: Document, id: string): HTMLElement {
  return page.getElementById(id) as HTMLElement;
}
