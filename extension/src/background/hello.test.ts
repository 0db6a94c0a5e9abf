import { expect, test } from "vitest";
import { brandOf } from "./hello.ts";

test.each([
  [["Not.A/Brand", "Chromium", "Google Chrome"], "Google Chrome"],
  [["Brave", "Chromium", "Not;A=Brand"], "Brave"],
  [["Chromium", "Microsoft Edge", "Not A(Brand"], "Microsoft Edge"],
  [["Chromium", "Not_A Brand"], "Chromium"],
  [[], "Chromium"],
])("%j is %s", (brands, name) => {
  expect(brandOf(brands.map((brand) => ({ brand })))).toBe(name);
});
