import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root folder, also when this file was bundled into another place below it. */
export const root: string = (() => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "go.mod"))) folder = dirname(folder);
  return folder;
})();

/** A built program. */
export function program(name: string): string {
  const file = join(root, "bin", name);
  if (!existsSync(file)) throw new Error(`bin/${name} does not exist: make build`);
  return file;
}

/** A built folder or file of another part. */
export function built(path: string): string {
  const file = join(root, path);
  if (!existsSync(file)) throw new Error(`${path} does not exist: make build`);
  return file;
}
