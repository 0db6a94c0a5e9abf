package browsers

const exe = ""

// table is every browser that is known on macOS. Env.Config is ~/Library/Application Support.
var table = []browser{
	chromiumAt("chrome", "Google Chrome", "$/Google/Chrome"),
	chromiumAt("chromium", "Chromium", "$/Chromium"),
	chromiumAt("edge", "Microsoft Edge", "$/Microsoft Edge"),
	chromiumAt("brave", "Brave", "$/BraveSoftware/Brave-Browser"),
	chromiumAt("vivaldi", "Vivaldi", "$/Vivaldi"),
	chromiumAt("opera", "Opera", "$/com.operasoftware.Opera"),
	{"firefox", "Firefox", firefox, []string{"$/Firefox"}, "$/Mozilla/NativeMessagingHosts"},
	{"librewolf", "LibreWolf", firefox, []string{"$/librewolf"}, "$/librewolf/NativeMessagingHosts"},
}

func chromiumAt(id, name, profile string) browser {
	return browser{id, name, chromium, []string{profile}, profile + "/NativeMessagingHosts"}
}
