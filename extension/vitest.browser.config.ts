import { defineConfig } from "vitest/config";

// One browser at a time: the machine has other work.
export default defineConfig({
  test: {
    include: ["test/browser/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    teardownTimeout: 15_000,
    fileParallelism: false,
  },
});
