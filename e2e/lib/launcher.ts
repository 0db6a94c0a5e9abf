import { chmodSync, writeFileSync } from "node:fs";
import type { Host } from "./network.ts";

/** Puppeteer starts one file, so the step into the host's network is a file, beside the browser's profile. */
export function launcher(host: Host, browser: string, profile: string): string {
  const file = `${profile}.launch`;
  writeFileSync(file, `#!/bin/sh\nexec ${host.command([browser]).join(" ")} "$@"\n`);
  chmodSync(file, 0o755);
  return file;
}
