package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"tallykey/daemon/api"
)

// Format is how activity is written to a file.
type Format string

// The formats: that of tallykey activity --json, and one for spreadsheets.
const (
	JSON Format = "json"
	CSV  Format = "csv"
)

// String implements fmt.Stringer.
func (f Format) String() string { return string(f) }

// errFormat means that the page asked for a format that is none.
var errFormat = errors.New("activity is exported as json or csv")

// Export writes the activity of the requests with these ids, newest first, to a file that the person names, and returns
// its path. The path is empty where the person wants none.
func (b *Bridge) Export(format Format, ids []string) (string, error) {
	if format != JSON && format != CSV {
		return "", errFormat
	}
	all, err := b.Activity()
	if err != nil {
		return "", err
	}
	all = slices.DeleteFunc(all, func(a api.Activity) bool { return !slices.Contains(ids, a.Request) })
	var text bytes.Buffer
	if err := writeActivity(&text, format, b.language, all); err != nil {
		return "", err
	}
	path, err := b.shell.saveAs(exportTitle(b.language), "tallykey-activity."+string(format))
	if err != nil || path == "" {
		return "", err
	}
	if filepath.Ext(path) == "" {
		path += "." + string(format)
	}
	return path, keep(path, text.Bytes())
}

// exportTitle is what the dialog for the path says.
func exportTitle(language string) string {
	if language == "de" {
		return "Aktivität exportieren"
	}
	return "Export activity"
}

// keep writes the file whole or not at all. It names accounts, so nobody else may read it.
func keep(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".tallykey-activity-*") // 0600
	if err != nil {
		return api.Errorf(api.ExportFailed, "%v", err)
	}
	defer os.Remove(f.Name()) // of no use after the rename
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return api.Errorf(api.ExportFailed, "%v", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return api.Errorf(api.ExportFailed, "%v", err)
	}
	return nil
}

func writeActivity(w io.Writer, format Format, language string, all []api.Activity) error {
	if format == CSV {
		return writeCSV(w, language, all)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(all)
}

// columns are those of the spreadsheet; title, what and remedy are in the person's language.
var columns = []string{"time", "action", "code", "title", "what", "remedy", "origin", "rpId", "account", "phone", "browser",
	"millis", "request", "detail"}

func writeCSV(w io.Writer, language string, all []api.Activity) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true // RFC 4180
	c.Write(columns)
	for _, a := range all {
		row := a.Code.Outcome().En
		if language == "de" {
			row = a.Code.Outcome().De
		}
		fields := []string{a.Time.Format(time.RFC3339), a.Action, string(a.Code), row.Title, row.What, row.Remedy, a.Origin, a.RPID,
			a.Account, a.Phone, a.Browser, strconv.FormatInt(a.Millis, 10), a.Request, a.Detail}
		for i := range fields {
			fields[i] = inert(fields[i])
		}
		c.Write(fields)
	}
	c.Flush()
	return c.Error()
}

// inert keeps a spreadsheet from running a field as a formula: a website chooses its accounts' names.
func inert(field string) string {
	if field != "" && strings.ContainsRune("=+-@\t\r", rune(field[0])) {
		return "'" + field
	}
	return field
}
