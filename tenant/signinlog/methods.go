package signinlog

// Methods are the ways of a line, in the order in which filters offer them: first those of signing in, then what people,
// apps and admins do, and last what belongs to nobody.
var Methods = []string{"phone", "passkey", "password", "password+phone", "federated", "federated+phone", "invitation", "confirm", "federated-confirm",
	"register", "optin", "remove", "password-change", "report", "device", "app", "admin", "request"}
