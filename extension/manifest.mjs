// @ts-check
/** The manifest, one for each family of browsers. */
import { readFileSync } from "node:fs";

/** @typedef {"chromium" | "firefox"} Target */

/** @type {readonly Target[]} */
export const TARGETS = ["chromium", "firefox"];

/** The id that the public key in chromium-key.txt gives, under which the native messaging host knows the extension. */
export const CHROMIUM_ID = "oolkaolkhnpjlnoffpflgfiejhdeegdg";

/** Firefox takes an id as it is written. */
export const FIREFOX_ID = "tallykey@tallykey.example";

/** Secure contexts only: elsewhere browsers have no WebAuthn. */
const SITES = ["https://*/*", "http://localhost/*", "http://*.localhost/*", "http://127.0.0.1/*"];

const EVERY_FRAME = {
  matches: SITES,
  run_at: "document_start",
  all_frames: true,
  match_about_blank: true,
  match_origin_as_fallback: true,
};

const ICONS = Object.fromEntries([16, 32, 48, 128].map((size) => [size, `icons/${size}.png`]));

/**
 * The manifest for one target.
 * @param {Target} target
 * @param {string} version
 */
export function manifest(target, version) {
  return { ...common(version), ...(target === "chromium" ? chromium() : firefox()) };
}

/** @param {string} version */
function common(version) {
  return {
    manifest_version: 3,
    name: "__MSG_name__",
    description: "__MSG_description__",
    version,
    default_locale: "en",
    icons: ICONS,
    action: { default_popup: "popup.html", default_icon: ICONS },
    options_ui: { page: "options.html", open_in_tab: false },
    permissions: ["nativeMessaging", "contextMenus"],
    // Needed to read the address of the page around a frame, and of the one that the popup is opened on.
    host_permissions: SITES,
    content_scripts: [
      // The order counts: the gate must listen when the hook looks for it.
      { ...EVERY_FRAME, js: ["gate.js"] },
      { ...EVERY_FRAME, js: ["page.js"], world: "MAIN" },
    ],
  };
}

function chromium() {
  const key = readFileSync(new URL("chromium-key.txt", import.meta.url), "utf8").trim();
  return { key, minimum_chrome_version: "120", background: { service_worker: "background.js" } };
}

function firefox() {
  const gecko = {
    id: FIREFOX_ID,
    strict_min_version: "128.0",
    data_collection_permissions: { required: ["none"] },
  };
  return { browser_specific_settings: { gecko }, background: { scripts: ["background.js"] } };
}
