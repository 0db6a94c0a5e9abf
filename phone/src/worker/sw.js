// Keeps the shell of the app, so that it opens without internet: phone and desktop need only each other. It never
// touches IndexedDB. The build fills in the list of files and a version of their contents.
const cacheName = "tallykey-__VERSION__";
const files = __FILES__;

addEventListener("install", (event) => {
  const fill = async () => {
    const cache = await caches.open(cacheName);
    await cache.addAll(files.map((file) => new Request(file, { cache: "no-cache" })));
    await skipWaiting();
  };
  event.waitUntil(fill());
});

addEventListener("activate", (event) => {
  const clean = async () => {
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith("tallykey-") && name !== cacheName);
    await Promise.all(old.map((name) => caches.delete(name)));
    await clients.claim();
  };
  event.waitUntil(clean());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && new URL(request.url).origin === location.origin) event.respondWith(answer(request));
});

/** From the cache at once; a reload asks the network first, because that is how people get the newest version. */
async function answer(request) {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(request, { ignoreSearch: request.mode === "navigate" });
  const reload = request.mode === "navigate" && request.cache !== "default";
  if (kept && !reload) return kept;
  try {
    return await fetch(request);
  } catch (failure) {
    if (kept) return kept;
    throw failure;
  }
}

/** What is pushed says nothing and is not looked at: anybody at the push service could have sent it. */
addEventListener("push", (event) => {
  const german = navigator.languages.find((l) => /^(de|en)\b/i.test(l))?.startsWith("de");
  const body = german ? "Ein Desktop fragt nach Ihnen. Öffnen Sie tallykey." : "A desktop asks for you. Open tallykey.";
  const shown = { body, tag: "tallykey", renotify: true, icon: "./icon-192.png" };
  event.waitUntil(registration.showNotification("tallykey", shown));
});

/** Opening the app is all that a notification does: nothing is approved from one. */
addEventListener("notificationclick", (event) => {
  event.notification.close();
  const front = async () => {
    const [page] = await clients.matchAll({ type: "window", includeUncontrolled: true });
    if (page) await page.focus();
    else await clients.openWindow(registration.scope);
  };
  event.waitUntil(front());
});
