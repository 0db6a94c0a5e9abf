package main

import "tallykey/daemon/api"

// languageOf is what tray and notifications ask too: all surfaces of a desktop speak the same language.
var languageOf = api.Language
