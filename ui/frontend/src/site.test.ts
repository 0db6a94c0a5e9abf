import { expect, test } from "vitest";
import { siteOf } from "./site";

test.each([
  ["mail.contoso.example", "contoso.example", ["mail."], "contoso.example", "", false],
  ["contoso.example", "contoso.example", [], "contoso.example", "", false],
  ["a.b.fabrikam.example:8443", "fabrikam.example", ["a.", "b."], "fabrikam.example", ":8443", false],
  [
    "mail.contoso.example.sign-in.example",
    "sign-in.example",
    ["mail.", "contoso.", "example."],
    "sign-in.example",
    "",
    false,
  ],
  ["localhost:8443", "localhost", [], "localhost", ":8443", false],
  ["[2001:db8::1]:8443", "", [], "[2001:db8::1]", ":8443", false],
  ["evilcontoso.example", "contoso.example", [], "evilcontoso.example", "", false],
  ["xn--contso-zqf.example", "xn--contso-zqf.example", [], "xn--contso-zqf.example", "", true],
])("%s", (host, domain, before, bold, port, letters) => {
  expect(siteOf(host, domain)).toEqual({ before, domain: bold, port, letters });
});
