/** What a person sees and clicks outside of pages: the extension's badge, and its entries in the context menu. */
import type { Page } from "puppeteer-core";
import { FIREFOX_ID } from "../../manifest.mjs";
import { FIREFOX } from "./browser.ts";
import { inFirefox } from "./firefox.ts";
import type { Stage } from "./stage.ts";

/** The text on the extension's button for the page in front. */
export async function badge(stage: Stage): Promise<string> {
  if (FIREFOX) return inFirefox(stage.browser, BADGE(FIREFOX_ID));
  const background = await stage.background();
  return background.evaluate(async () => {
    const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
    return chrome.action.getBadgeText({ tabId: tab?.id as number });
  });
}

/**
 * Picks the entry of an account in the context menu of a field. Firefox is a person's: the field is clicked with the
 * right button, and the entry in the menu that opens. Chromium's menu belongs to the system, and its event is sent.
 */
export async function pick(stage: Stage, page: Page, { id, account }: { id: string; account: string }): Promise<void> {
  if (!FIREFOX) return send(stage, id);
  await page.evaluate(`document.body.innerHTML = "<input id=field>"`);
  await page.click("#field", { button: "right" });
  await inFirefox(stage.browser, PICK(account));
}

async function send(stage: Stage, credential: string): Promise<void> {
  const background = await stage.background();
  await background.evaluate(async (menuItemId) => {
    const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
    const clicked = chrome.contextMenus.onClicked as unknown as { dispatch(info: object, tab: object | undefined): void };
    clicked.dispatch({ menuItemId, editable: true }, tab);
  }, credential);
}

const BADGE = (id: string) => `(() => {
  const { Management } = ChromeUtils.importESModule("resource://gre/modules/Extension.sys.mjs");
  const { action } = Management.global.browserActionFor(WebExtensionPolicy.getByID("${id}").extension);
  return action.getProperty(gBrowser.selectedTab, "badgeText") ?? "";
})()`;

const PICK = (account: string) => `new Promise((resolve) => {
  const menu = document.getElementById("contentAreaContextMenu");
  const activate = () => {
    const all = Array.from(menu.querySelectorAll("menuitem"));
    menu.activateItem(all.find((item) => item.label.includes("${account}") && !item.hidden));
    resolve("picked");
  };
  if (menu.state === "open") activate();
  else menu.addEventListener("popupshown", activate, { once: true });
})`;
