/** The table of complaints names tests that exist. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

const rows = read("docs/extension.md")
  .split("## Complaints")[1]
  ?.split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| complaint"));

test("there are complaints", () => expect(rows?.length).toBeGreaterThan(15));

test.each(rows ?? [])("%s", (row) => {
  const tests = [...row.matchAll(/`([\w/.-]+(?:\.test\.ts|_test\.go))`: ([^;|]+?)\s*(?=[;|])/g)];
  expect(tests.length).toBeGreaterThan(0);
  for (const [, path = "", title = ""] of tests) expect({ path, there: read(path).includes(title) }).toEqual({ path, there: true });
});
