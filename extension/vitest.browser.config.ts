import { defineConfig } from "vitest/config";

const each = {
  globalSetup: "test/stage/host.ts",
  testTimeout: 60_000,
  hookTimeout: 60_000,
  teardownTimeout: 15_000,
  // A busy machine takes its time.
  expect: { poll: { timeout: 30_000 } },
  // One browser at a time: the machine has other work.
  fileParallelism: false,
};

/** What needs more than WebDriver BiDi offers: colour schemes, the accessibility tree, a language of its own. */
const CHROMIUM_ONLY = ["popup", "german"].map((name) => `test/browser/${name}.test.ts`);

const all = "test/browser/**/*.test.ts";

export default defineConfig({
  test: {
    projects: [
      { test: { ...each, name: "chromium", include: [all] } },
      {
        test: { ...each, name: "firefox", include: [all], exclude: CHROMIUM_ONLY, env: { TALLYKEY_BROWSER: "firefox" } },
      },
    ],
  },
});
