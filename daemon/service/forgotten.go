package service

import "path/filepath"

// forgotten remembers registrations that were removed on this desktop and whose phones have not confirmed it, across
// restarts. It holds ids of phones and credentials only: with them nobody can do anything.
type forgotten struct{ *persisted[tombstone] }

type tombstone struct {
	Phone      string `json:"phone"`
	Credential string `json:"credential"` // base64url
}

// openForgotten reads the file in a folder. On an error what it returns is empty and works.
func openForgotten(folder string) (*forgotten, error) {
	k, err := openPersisted[tombstone](filepath.Join(folder, "forgotten.json"))
	return &forgotten{k}, err
}

// of lists the credentials that a phone must be told of.
func (f *forgotten) of(phone string) []string {
	var out []string
	for _, t := range f.list() {
		if t.Phone == phone {
			out = append(out, t.Credential)
		}
	}
	return out
}

// dropPhone is for a phone that is gone: it will not ask again, and a failure leaves lines that nobody reads.
func (f *forgotten) dropPhone(phone string) {
	_ = f.dropWhere(func(o tombstone) bool { return o.Phone == phone })
}
