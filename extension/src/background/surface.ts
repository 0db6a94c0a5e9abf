/** The browser's own places that the background writes to: the toolbar button and the context menu. */
import { api } from "../platform.ts";
import { type Entry, plain } from "./menu.ts";
import type { Sign } from "./toolbar.ts";

/** The look's colours, on which the browsers' white is readable. */
const COLOURS: Record<Sign, string> = {
  ready: "#274a86",
  pending: "#274a86",
  offer: "#274a86",
  paused: "#414b5a",
  stopped: "#414b5a",
};

const TEXTS: Record<Sign, string> = { ready: "", pending: "…", offer: "", paused: "II", stopped: "–" };

/** Shows a sign on the button. Without a sign the tab has what all tabs have. */
export function showSign(tab: number | undefined, sign: Sign | undefined, count: number): void {
  const where = tab === undefined ? {} : { tabId: tab };
  const text = sign && (sign === "offer" ? String(count) : TEXTS[sign]);
  // Null takes the tab's own text away; the types do not know it.
  const calls = [
    api.action.setBadgeText({ ...where, text: (text ?? null) as string }),
    api.action.setTitle({ ...where, title: api.i18n.getMessage(`sign_${sign ?? "ready"}`) }),
    ...(sign ? [api.action.setBadgeBackgroundColor({ ...where, color: COLOURS[sign] })] : []),
  ];
  // The tab may be closed.
  for (const call of calls) call.catch(() => {});
}

/** Entries are made anew in one go; two goes at once would both make them. */
let made: Promise<void> = api.contextMenus.removeAll();
let shown = "[]";

/** Shows these entries at editable fields, and no others. */
export function setMenu(entries: readonly Entry[]): void {
  const wanted = JSON.stringify(entries);
  if (wanted === shown) return;
  shown = wanted;
  made = made.then(async () => {
    await api.contextMenus.removeAll();
    for (const { id, account, pages } of entries) {
      const title = api.i18n.getMessage("offer", [plain(account)]);
      const entry = { id, title, contexts: ["editable"] as ["editable"], documentUrlPatterns: pages };
      api.contextMenus.create(entry, () => void api.runtime.lastError);
    }
  });
}

/** Runs picked when the person chooses an entry. */
export function heardPick(picked: (tab: number, credential: string) => void): void {
  api.contextMenus.onClicked.addListener(({ menuItemId }, tab) => {
    if (tab?.id !== undefined) picked(tab.id, String(menuItemId));
  });
}
