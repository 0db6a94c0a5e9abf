package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Setting is one thing that a rule can say.
type Setting string

// String implements fmt.Stringer.
func (s Setting) String() string { return string(s) }

// The settings.
const (
	SetPhone    Setting = "phone"    // phone sign-in: the number and the phone's user verification
	SetApprove  Setting = "approve"  // approve or deny on the phone, after a right password
	SetPassword Setting = "password" // the password
	SetPasskeys Setting = "passkeys" // other passkeys: authenticators that match no number
	SetInstead  Setting = "instead"  // "Use your password instead" for who has a phone
	SetNumber   Setting = "number"   // how the number is matched
	SetStrength Setting = "strength" // least user verification
	SetDevices  Setting = "devices"  // how many devices a user may have
	SetSessions Setting = "sessions" // what becomes of open sessions when a device or the method goes
	SetReports  Setting = "reports"  // what a report of a sign-in that was not the user's does
)

// Word is what a rule says about a setting.
type Word string

// String implements fmt.Stringer.
func (w Word) String() string { return string(w) }

// The words.
const (
	Off      Word = "off"
	Required Word = "required"
	Optional Word = "optional"
	On       Word = "on"
	Type     Word = "type"
	Choose   Word = "choose"
	Platform Word = "platform"
	PIN      Word = "pin"
	Any      Word = "any"
	One      Word = "one"
	Many     Word = "many"
	End      Word = "end"
	Keep     Word = "keep"
	Block    Word = "block"
	Note     Word = "note"
)

// Settings are all settings in the order in which people read them, each with its words, the one that wins first.
var Settings = []struct {
	Setting Setting
	Words   []Word
	Default Word
}{
	{SetPhone, []Word{Off, Required, Optional}, Optional},
	{SetApprove, []Word{Off, Required, Optional}, Off},
	{SetPassword, []Word{Required, Optional, Off}, Optional},
	{SetPasskeys, []Word{Off, Required, Optional}, Optional},
	{SetInstead, []Word{On, Off}, On},
	{SetNumber, []Word{Type, Choose}, Choose},
	{SetStrength, []Word{Platform, PIN, Any}, Any},
	{SetDevices, []Word{One, Many}, Many},
	{SetSessions, []Word{End, Keep}, End},
	{SetReports, []Word{Block, Note}, Note},
}

func words(s Setting) (list []Word, otherwise Word) {
	for _, one := range Settings {
		if one.Setting == s {
			return one.Words, one.Default
		}
	}
	return nil, ""
}

// Parse reads a setting and its word, such as "phone" and "off".
func Parse(setting, word string) (Setting, Word, error) {
	list, _ := words(Setting(setting))
	if list == nil {
		return "", "", fmt.Errorf("there is no setting %q", setting)
	}
	if !slices.Contains(list, Word(word)) {
		return "", "", fmt.Errorf("%s: %q is none of %s", setting, word, strings.Join(texts(list), ", "))
	}
	return Setting(setting), Word(word), nil
}

func texts(list []Word) (out []string) {
	for _, w := range list {
		out = append(out, string(w))
	}
	return out
}
