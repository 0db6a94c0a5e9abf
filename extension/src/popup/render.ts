/** Puts a view into the popup's page, or into the options page. */
import { button, chip, element, icon, list, tell, toggle } from "./elements.ts";
import type { SiteView } from "./site.ts";
import type { View } from "./view.ts";
import type { Words } from "./words.ts";

/** What the person can do. */
export interface Acts {
  check(): void;
  pair(): void;
  pick(credential: string): void;
  dismiss(): void;
  /** Uses tallykey, or does not, on one website or on all. */
  use(on: boolean, origin?: string): void;
}

/** Shows view in place of what was there; what had the focus has it again. */
export function render(view: View, words: Words, acts: Acts): void {
  const focused = document.activeElement?.id;
  by("state").replaceChildren(chip(view.chip));
  by("content").replaceChildren(...parts(view, words, acts));
  const check = button("b", "check", acts.check, words.say("check"));
  const pair = button("b", "pair", acts.pair, icon("phone"), words.say("pair"));
  by("acts").replaceChildren(...(view.pair ? [pair, check] : [check]));
  by("content").setAttribute("aria-busy", "false");
  if (focused) document.getElementById(focused)?.focus();
}

function parts(view: View, words: Words, acts: Acts): HTMLElement[] {
  const all: HTMLElement[] = [];
  if (view.pending) all.push(hint(words, acts));
  if (view.offers.length > 0) all.push(offers(view, words, acts));
  if (view.site) all.push(site(view.site, view.everywhere?.on === false, words, acts));
  if (view.note) all.push(element("section", "", tell(view.note, "h1")));
  else all.push(phones(view, words));
  if (view.everywhere) all.push(everywhere(view, words, acts));
  return all;
}

/** A person is asked: where the number is. */
function hint(words: Words, acts: Acts): HTMLElement {
  const close = button("", "dismiss", acts.dismiss, icon("close"));
  close.setAttribute("aria-label", words.say("close"));
  const made = element("div", "note hint", icon("phone"), element("p", "", words.say("tapNumber")), close);
  made.setAttribute("role", "status");
  return made;
}

/** One filled button at most: where there are several, none is first. */
function offers({ offers }: View, words: Words, { pick }: Acts): HTMLElement {
  const kind = offers.length === 1 ? "b go offer" : "b offer";
  const buttons = offers.map(({ credential, text }) =>
    button(kind, `offer-${credential}`, () => pick(credential), text),
  );
  const made = element("section", "", ...buttons);
  made.setAttribute("aria-label", words.say("offers"));
  return made;
}

function site({ host, rows, use, last, origin }: SiteView, paused: boolean, words: Words, acts: Acts): HTMLElement {
  const heading = element("h1", "site", ...(host[0] ? [element("span", "", host[0])] : []), element("b", "", host[1]));
  heading.setAttribute("aria-label", host.join(""));
  const registrations =
    rows.length > 0
      ? list(words.say("registrations"), "key", rows, () => [])
      : element("p", "quiet", words.say("noRegistration"));
  const made = element("section", "", heading, registrations);
  if (last) made.append(tell(last, "h2"));
  // A switch that changes nothing while all is paused is not there.
  if (!paused) made.append(toggle("use", words.say("useHere"), use, (on) => acts.use(on, origin)));
  return made;
}

function phones({ phones, advice }: View, words: Words): HTMLElement {
  const end = (at: number) => {
    const row = phones[at];
    return row ? [element("span", "small", chip(row.chip))] : [];
  };
  const made = element("section", "", list(words.say("phones"), "phone", phones, end));
  if (advice) made.append(element("p", "small quiet", advice));
  return made;
}

/** The pauses: of every website, and on the options page those of each. */
function everywhere({ everywhere, pauses }: View, words: Words, acts: Acts): HTMLElement {
  const made = element("section", "");
  if (everywhere) made.append(toggle("everywhere", words.say("useEverywhere"), everywhere, (on) => acts.use(on)));
  if (pauses.length === 0 || !document.body.classList.contains("options")) return made;
  const resume = (at: number) => {
    const row = pauses[at];
    if (!row) return [];
    const again = button("b mini", `resume-${row.origin}`, () => acts.use(true, row.origin), words.say("resume"));
    again.setAttribute("aria-label", words.say("resumeSite", row.name));
    return [again];
  };
  made.append(list(words.say("pausedSites"), "pause", pauses, resume));
  return made;
}

function by(id: string): HTMLElement {
  return document.getElementById(id) as HTMLElement;
}
