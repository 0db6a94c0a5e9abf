/** The parts that the popup is built of. Every text goes in as text. */
import type { Note } from "./note.ts";
import type { Row, Switch } from "./site.ts";
import type { Chip } from "./view.ts";

const SVG = "http://www.w3.org/2000/svg";

/** An element of a class, with texts and other elements in it. */
export function element(tag: string, name: string, ...inside: (Node | string)[]): HTMLElement {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...inside);
  return made;
}

/** A drawing of popup.html beside a word. */
export function icon(name: string): SVGElement {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "i");
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  drawing.append(use);
  return drawing;
}

export const chip = ({ tone, text }: Chip): HTMLElement => element("span", `st ${tone}`, icon(tone), text);

/** A button that runs press once for each time that it is pressed. The id finds it again after the next rendering. */
export function button(name: string, id: string, press: () => void, ...inside: (Node | string)[]): HTMLButtonElement {
  const made = element("button", name, ...inside) as HTMLButtonElement;
  made.type = "button";
  made.id = id;
  made.addEventListener("click", press);
  return made;
}

/** A list of rows, each with an icon, and perhaps something at its end. */
export function list(label: string, drawing: string, rows: readonly Row[], end: (at: number) => Node[]): HTMLElement {
  const items = rows.map(({ name, line }, at) => {
    const words = element("span", "t", element("b", "", name), element("span", "small quiet", line));
    return element("li", "", element("span", "dot", icon(drawing)), words, ...end(at));
  });
  const made = element("ul", "list", ...items);
  made.setAttribute("aria-label", label);
  return made;
}

/** A switch with its words. */
export function toggle(id: string, words: string, { on, line }: Switch, turn: (on: boolean) => void): HTMLElement {
  const input = document.createElement("input");
  input.type = "checkbox";
  input.id = id;
  input.className = "sw push";
  input.setAttribute("role", "switch");
  input.checked = on;
  input.addEventListener("change", () => turn(input.checked));
  const text = element("span", "", element("span", "", words));
  if (line) text.append(element("span", "small quiet", line));
  return element("label", "row", text, input);
}

/** What happened and what to do. */
export function tell({ title, what, remedy, code, when }: Note, heading: string): HTMLElement {
  const below = element("p", "small quiet", ...(when ? [when, " "] : []));
  if (code) below.append(element("span", "code", code));
  return element(
    "div",
    "tell",
    element(heading, "", title),
    element("p", "quiet", what),
    element("p", "", remedy),
    below,
  );
}
