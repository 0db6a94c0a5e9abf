import { describe, expect, test } from "vitest";
import { folder, passphrase } from "../../fake/demo";
import { bridge, called, field, heading, press, settle, show, text, withPage, write } from "../../fake/page";

withPage();

const submit = () => document.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));

/** open gives the file a passphrase. */
async function open(label: string, typed: string): Promise<void> {
  write(label, typed);
  submit();
  await settle();
}

describe("an encrypted file that is locked", () => {
  test.each(["pair", "phones", "registrations"])("%s claims nothing of what is in it", async (section) => {
    await show(`view=main&section=${section}&file=locked`);
    expect(text()).toContain("The keyring file is locked");
    expect(text()).toContain("keyring_file_locked");
    expect(text()).not.toContain("No phone is paired yet.");
    expect(text()).not.toContain("No registrations yet.");
    expect(called("pair")).toEqual([]);
    expect(field("Passphrase of the file").type).toBe("password");
  });

  test.each(["activity", "settings", "doctor", "about"])("%s is there all the same, below it", async (section) => {
    await show(`view=main&section=${section}&file=locked`);
    expect(text()).toContain("The keyring file is locked");
    expect(document.querySelectorAll("main > *").length).toBeGreaterThan(2);
  });

  test("opens with its passphrase, which leaves the page at once", async () => {
    await show("view=main&section=phones&file=locked");
    const release = bridge().hold("unlockKeyring");
    await open("Passphrase of the file", passphrase);
    expect(field("Passphrase of the file").value).toBe("");
    expect(document.body.innerHTML).not.toContain(passphrase);
    expect(document.querySelector("main form button")?.textContent).toBe("Unlocking");
    submit(); // once more: one is under way
    release();
    await settle();
    expect(called("unlockKeyring")).toEqual([passphrase]);
    expect(text()).not.toContain("The keyring file is locked");
    expect(text()).toContain("Alice’s phone");
    expect(document.activeElement).toBe(document.querySelector("main > h1"));
  });

  test.each([
    ["en", "Passphrase of the file", "That is not the passphrase."],
    ["de", "Passphrase der Datei", "Das ist nicht die Passphrase."],
  ])("says that a passphrase is wrong, and takes another (%s)", async (lang, label, said) => {
    await show(`view=main&section=registrations&file=locked&lang=${lang}`);
    await open(label, "correct horse battery stapler");
    expect(text()).toContain(said);
    expect(text()).toContain("keyring_passphrase_wrong");
    expect(field(label).getAttribute("aria-invalid")).toBe("true");
    expect(document.activeElement).toBe(field(label));
    await open(label, passphrase);
    expect(text()).not.toContain(said);
    expect(text()).toContain("contoso.example");
  });

  test("asks for nothing without a passphrase", async () => {
    await show("view=main&section=phones&file=locked");
    await open("Passphrase of the file", "");
    expect(called("unlockKeyring")).toEqual([]);
    expect(document.activeElement).toBe(field("Passphrase of the file"));
  });

  test("says why the daemon did not take it", async () => {
    await show("view=main&section=phones&file=locked&fail=unlockKeyring:keyring_file_in_use");
    await open("Passphrase of the file", passphrase);
    expect(text()).toContain("Another program has the keyring file");
    expect(field("Passphrase of the file").getAttribute("aria-invalid")).toBe("false");
  });

  test("goes when it was unlocked elsewhere, and comes when it was locked there", async () => {
    await show("view=main&section=phones&file=locked");
    await bridge().unlockKeyring(passphrase);
    await settle();
    expect(text()).not.toContain("The keyring file is locked");
    await bridge().lockKeyring();
    await settle();
    expect(text()).toContain("The keyring file is locked");
    expect(text()).not.toContain("No phone is paired yet.");
  });
});

describe("settings", () => {
  test("say where things are kept, and lock the file", async () => {
    await show("view=main&section=settings&file=open");
    expect(text()).toContain(`Phones and registrations are kept in ${folder}`);
    expect(text()).toContain("Unlocked");
    press("Lock");
    await settle();
    expect(called("lockKeyring").length).toBe(1);
    expect(text()).toContain("The keyring file is locked");
    expect(heading()).toBe("Settings");
    expect(document.activeElement).toBe(document.querySelector("main > h1"));
    expect([...document.querySelectorAll("button")].map((b) => b.textContent)).not.toContain("Lock");
  });

  test("say why the file was not locked", async () => {
    await show("view=main&section=settings&file=open&fail=lockKeyring:keyring_not_file");
    press("Lock");
    await settle();
    expect(text()).toContain("tallykey uses the desktop’s keyring");
    expect(text()).toContain("Unlocked");
  });

  test("have nothing to lock at the desktop’s own keyring", async () => {
    await show("view=main&section=settings");
    expect(text()).toContain("This desktop’s own");
    expect([...document.querySelectorAll("button")].map((b) => b.textContent)).not.toContain("Lock");
  });
});

test("a keyring that is away is no reason to say that there are no phones", async () => {
  await show("view=main&section=phones&shut=1");
  expect(text()).toContain("There is no keyring");
  expect(text()).not.toContain("No phone is paired yet.");
  expect(document.querySelector('input[type="password"]')).toBeNull();
});

test.each([
  ["&file=open", folder],
  ["", "This desktop’s own"],
])("about says where things are kept: %s", async (more, want) => {
  await show(`view=main&section=about${more}`);
  expect(text()).toContain(want);
});
