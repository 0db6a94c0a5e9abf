/** The native messaging host that the tests run: the real one, built before the first test. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Where it is. */
export const HOST_PROGRAM = fileURLToPath(new URL("../../dist/host/tallykey-native-messaging", import.meta.url));

/** Builds it; vitest calls this once. */
export default function setup(): void {
  const cwd = fileURLToPath(new URL("../../..", import.meta.url));
  const env = { ...process.env, CGO_ENABLED: "0" };
  execFileSync("go", ["build", "-trimpath", "-o", HOST_PROGRAM, "./native-messaging"], { cwd, env, stdio: "inherit" });
}
