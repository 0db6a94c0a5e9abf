// The states of the window that have a picture: a name, what fake/bridge.ts is asked for, and what is pressed or typed then.

const long = "accounts-payable.europe-west.shared-services.intranet.fabrikam.example";
const prompt = (name, query) => ({ name, query: `view=prompt&${query}` });
const section = (name, query, ...then) => ({ name, query: `view=main&section=${query}`, then });

export const scenes = [
  prompt("prompt-waiting", "state=waiting"),
  prompt("prompt-notified", "state=waiting&notified=1"),
  prompt("prompt-delivered", "state=delivered"),
  prompt("prompt-typed", "state=delivered&mode=type"),
  prompt("prompt-approve", "state=delivered&mode=approve"),
  prompt("prompt-answering", "state=answering"),
  prompt("prompt-one-more", "state=delivered&more=1"),
  prompt("prompt-register", "state=delivered&action=create"),
  ...["approved", "declined", "reported", "wrong_number", "timed_out", "phone_unreachable", "daemon_stopped"].map((c) =>
    prompt(`prompt-${c.replace("_", "-")}`, `state=ended&code=${c}`)),
  prompt("prompt-pair", "state=delivered&action=pair&host="),
  prompt("prompt-long", `state=delivered&more=2&host=${long}&domain=fabrikam.example&account=a.very.long.name.of.a.person@contoso.example`),
  prompt("prompt-letters", "state=delivered&host=xn--contso-zqf.example&domain=xn--contso-zqf.example&top=shop.example"),
  section("pair", "pair"),
  section("pair-trial", "pair&trial=1", "details.help summary"),
  section("pair-number", "pair&state=delivered"),
  section("pair-paired", "pair&state=ended&code=paired"),
  section("pair-expired", "pair&left=0"),
  section("phones", "phones"),
  section("phones-rename", "phones", ".phone-card footer button"),
  section("phones-remove", "phones", ".phone-card footer button:last-of-type"),
  section("phones-none", "phones&phones=none"),
  section("registrations", "registrations", ".item summary"),
  section("registrations-hidden", "registrations", ".item.hidden-one summary"),
  section("activity", "activity", ".item:nth-of-type(2) summary"),
  section("settings", "settings"),
  section("settings-more", "settings&trial=1&chosen=1&paused=1"),
  section("settings-failed", "settings&fail=changeSettings:settings_failed", ".setting .sw"),
  section("doctor", "doctor"),
  section("about", "about"),
  section("not-running", "phones&running=no"),
  section("unlock", "phones&file=locked"),
  section("unlock-wrong", "phones&file=locked", { type: "not the passphrase", into: "#passphrase" }, ".unlock button"),
  section("settings-keyring", "settings&file=open"),
  section("keyring-locked", "registrations&problem=1&phones=away"),
];

/** sizes are the inner width and height of the view's window (ui/view.go). */
export const sizes = (query) => (query.startsWith("view=prompt") ? [460, 624] : [920, 680]);
