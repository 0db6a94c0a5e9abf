import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["src/**/*.test.ts", "test/unit/**/*.test.ts"], testTimeout: 120_000 } });
