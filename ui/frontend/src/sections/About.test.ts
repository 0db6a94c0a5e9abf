import { expect, test } from "vitest";
import { called, press, settle, show, text, withPage } from "../../fake/page";

withPage();

test("about: version, licence and the desktop's id", async () => {
  await show("view=main&section=about");
  for (const want of ["0.1.0", "Apache License 2.0", "aaaqeayeaudaocaj", "Firefox 0.1.0", "man tallykey"])
    expect(text()).toContain(want);
  press("Copy the desktop id");
  await settle();
  expect(called("copy")).toEqual(["aaaqeayeaudaocaj"]);
});
