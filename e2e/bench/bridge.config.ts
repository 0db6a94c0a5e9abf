import { defineConfig } from "vitest/config";

const each = {
  include: ["bench/bridge.ts"],
  globalSetup: "../extension/test/stage/host.ts",
  testTimeout: 300_000,
  hookTimeout: 60_000,
};
const env = { TALLYKEY_IMPATIENT: "yes" };

// One browser after the other: two at once would measure the machine.
export default defineConfig({
  test: {
    fileParallelism: false,
    reporters: [["default", { summary: false }]],
    projects: [
      { test: { ...each, name: "chromium", env } },
      { test: { ...each, name: "firefox", env: { ...env, TALLYKEY_BROWSER: "firefox" } } },
    ],
  },
});
