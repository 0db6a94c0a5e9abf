import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./places.ts";

/** A row of the code table, as far as tests read it. */
interface Row {
  code: string;
  en: { title: string; what: string; remedy: string };
  error?: string;
  fallThrough?: boolean;
}

const rows = JSON.parse(readFileSync(join(root, "daemon/api/codes.json"), "utf8")) as Row[];

/** The row of a code: what every part must say when it ends that way. */
export function outcome(code: string): Row {
  const row = rows.find((one) => one.code === code);
  if (!row) throw new Error(`the code table has no ${code}`);
  return row;
}

/** Fits any text that has the title of a code. */
export function titled(code: string): RegExp {
  const words = outcome(code).en.title.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(words.replaceAll(/['’]/g, "['’]"));
}
