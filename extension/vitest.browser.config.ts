import { defineConfig } from "vitest/config";

const each = {
  globalSetup: "test/stage/host.ts",
  testTimeout: 60_000,
  hookTimeout: 60_000,
  teardownTimeout: 15_000,
  // One browser at a time: the machine has other work.
  fileParallelism: false,
};

/**
 * What needs more than WebDriver BiDi offers: a virtual authenticator, windows without the extension, and a page of the
 * extension in a tab.
 */
const CHROMIUM_ONLY = ["credentials", "native", "popup"].map((name) => `test/browser/${name}.test.ts`);
/** What tests Firefox's own ways. */
const FIREFOX_ONLY = ["test/browser/firefox.test.ts"];

const all = "test/browser/**/*.test.ts";

export default defineConfig({
  test: {
    projects: [
      { test: { ...each, name: "chromium", include: [all], exclude: FIREFOX_ONLY } },
      {
        test: { ...each, name: "firefox", include: [all], exclude: CHROMIUM_ONLY, env: { TALLYKEY_BROWSER: "firefox" } },
      },
    ],
  },
});
