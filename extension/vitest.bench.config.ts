import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["test/bench/**/*.ts"], testTimeout: 120_000, hookTimeout: 30_000 } });
