import type { App } from "./app.svelte";

/**
 * Ties the app to the life of its page. A phone freezes pages that can't be seen and drops their connections without
 * a word, so the events that say "seen again" open everything anew; unload is not among what phones tell.
 */
export function follow(app: App): void {
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") app.visible();
    else app.hide();
  });
  addEventListener("pageshow", (e) => e.persisted && app.visible());
  addEventListener("pagehide", () => app.close());
  document.addEventListener("resume", () => app.visible());
  addEventListener("online", () => app.moved());
  followNetwork(app);
  addEventListener("popstate", () => app.go({ name: "home" }));
  addEventListener("hashchange", () => {
    const link = takeLink();
    if (link) void app.pair(link);
  });
}

interface Connection extends EventTarget {
  type?: string;
}

/** Chrome on Android tells of another network; its events tell of much else, so the kind of network must differ. */
function followNetwork(app: App): void {
  const { connection } = navigator as { connection?: Connection };
  let type = connection?.type;
  connection?.addEventListener?.("change", () => {
    if (connection.type === type) return;
    type = connection.type;
    app.moved();
  });
}

/** The pairing link that the page was opened with, or empty. Its secret leaves the address bar and the history. */
export function takeLink(): string {
  const { hash, href, pathname, search } = location;
  if (hash.length < 2) return "";
  history.replaceState(null, "", pathname + search);
  return href;
}
