package web

import (
	_ "embed"

	"tallykey/tenant/words"
)

//go:embed texts.json
var textsJSON []byte

// texts has each text of the pages by key and language.
var texts = words.Read(textsJSON)

func language(header string) string { return words.Language(header) }
