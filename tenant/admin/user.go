package admin

import (
	"context"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"time"

	"tallykey/tenant/account"
	"tallykey/tenant/enrol"
	"tallykey/tenant/invitation"
	"tallykey/tenant/outcome"
	"tallykey/tenant/signin"
	"tallykey/tenant/store"
)

// Person is a user as programs and the audit log see one.
type Person struct {
	ID       string `json:"id"`
	UPN      string `json:"upn"`
	Name     string `json:"name"`
	Disabled bool   `json:"disabled"`
	AtRisk   bool   `json:"atRisk"`
}

// PersonOf leaves out what nobody may see.
func PersonOf(u store.User) Person {
	return Person{u.ID, u.UPN, u.Name, !u.Disabled.IsZero(), !u.Risk.IsZero()}
}

// NewPassword has 100 random bits, in groups that can be read aloud.
func NewPassword() string {
	t := strings.ToLower(rand.Text()[:20])
	return t[:5] + "-" + t[5:10] + "-" + t[10:15] + "-" + t[15:]
}

// AddUser makes an account. Without a password it has none, and needs an invitation. An empty name becomes what is before
// the @. The error carries upn_invalid, name_invalid or user_exists.
func (o *Office) AddUser(ctx context.Context, typed, name, password string, by By) (store.User, error) {
	upn, err := account.ParseUPN(typed)
	if err != nil {
		return store.User{}, outcome.Errorf(outcome.UPNInvalid, "%q is not a UPN", typed)
	}
	if name == "" {
		name, _, _ = strings.Cut(string(upn), "@")
	}
	if name, err = Name(name); err != nil {
		return store.User{}, err
	}
	u, err := o.Accounts.Create(ctx, upn, name, password, o.change(by, "user.add", string(upn)))
	if errors.Is(err, store.ErrExists) {
		return u, outcome.Errorf(outcome.UserExists, "there is a user %q already", upn)
	}
	return u, err
}

// maxImport is how many users one file may bring.
const maxImport = 10_000

// Import makes the users of a CSV file (RFC 4180) with a heading: the column upn, and name and groups (names, with ";"
// between) if they are there. Who exists already is left as is and counted. No line is taken unless all can be read: the
// error carries csv_invalid and names the line.
func (o *Office) Import(ctx context.Context, file io.Reader, by By) (added []store.User, there int, err error) {
	lines, err := readUsers(file)
	if err != nil {
		return nil, 0, err
	}
	for _, l := range lines {
		u, err := o.AddUser(ctx, l.upn, l.name, "", by)
		if code, _ := outcome.CodeOf(err); err != nil && code == outcome.UserExists {
			there++
			if u, err = o.User(ctx, l.upn); err != nil {
				return added, there, err
			}
		} else if err != nil {
			return added, there, err
		} else {
			added = append(added, u)
		}
		for _, g := range l.groups {
			if err := o.join(ctx, u, g, by); err != nil {
				return added, there, err
			}
		}
	}
	return added, there, nil
}

// join puts a user into the group of this name, which is made if need be.
func (o *Office) join(ctx context.Context, u store.User, name string, by By) error {
	g, err := o.Group(ctx, name)
	if code, _ := outcome.CodeOf(err); err != nil && code == outcome.GroupUnknown {
		g, err = o.AddGroup(ctx, name, by)
	}
	if err != nil {
		return err
	}
	return o.Join(ctx, g, u, by)
}

type userLine struct {
	upn, name string
	groups    []string
}

func readUsers(file io.Reader) ([]userLine, error) {
	r := csv.NewReader(io.LimitReader(file, 4<<20))
	r.FieldsPerRecord, r.TrimLeadingSpace = 0, true
	head, err := r.Read()
	columns := map[string]int{}
	for i, h := range head {
		columns[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")))] = i + 1 // 0: is not there
	}
	if err != nil || columns["upn"] == 0 {
		return nil, outcome.Errorf(outcome.CSVInvalid, "line 1: no heading with a column upn")
	}
	var out []userLine
	for {
		record, err := r.Read()
		if err == io.EOF {
			return out, nil
		}
		line := len(out) + 2 // of the heading and those before it; cells do not span lines
		if err != nil || len(out) == maxImport {
			return nil, outcome.Errorf(outcome.CSVInvalid, "line %d: not as long as the heading, or more than %d users", line, maxImport)
		}
		l, err := readUser(record, columns)
		if err != nil {
			_, detail := outcome.CodeOf(err)
			return nil, outcome.Errorf(outcome.CSVInvalid, "line %d: %s", line, detail)
		}
		out = append(out, l)
	}
}

func readUser(record []string, columns map[string]int) (l userLine, err error) {
	cell := func(name string) string {
		if columns[name] == 0 {
			return ""
		}
		return strings.TrimSpace(record[columns[name]-1])
	}
	upn, err := account.ParseUPN(cell("upn"))
	if err != nil {
		return l, err
	}
	l = userLine{upn: string(upn), name: cell("name")}
	if l.name != "" {
		if _, err := Name(l.name); err != nil {
			return l, err
		}
	}
	for g := range strings.SplitSeq(cell("groups"), ";") {
		if g = strings.TrimSpace(g); g == "" {
			continue
		}
		if _, err := Name(g); err != nil {
			return l, err
		}
		l.groups = append(l.groups, g)
	}
	return l, nil
}

// Disable keeps a user from signing in and ends the user's sessions; Enable takes that back. The error carries
// last_administrator.
func (o *Office) Disable(ctx context.Context, u store.User, by By) error {
	return last(u, o.Store.DisableUser(ctx, u, o.Now(), o.change(by, "user.disable", u.UPN)))
}

// Enable lets a disabled user sign in again.
func (o *Office) Enable(ctx context.Context, u store.User, by By) error {
	return o.Store.DisableUser(ctx, u, time.Time{}, o.change(by, "user.enable", u.UPN))
}

// Dismiss takes a user's report of a foreign sign-in back: an admin has looked at it.
func (o *Office) Dismiss(ctx context.Context, u store.User, by By) error {
	return o.Store.SetRisk(ctx, u, time.Time{}, o.change(by, "user.dismiss", u.UPN))
}

// Invite makes an invitation and its pass, which is told once. Earlier ones of the user are no good any more. The error
// carries account_disabled.
func (o *Office) Invite(ctx context.Context, u store.User, life time.Duration, by By) (store.Invitation, string, error) {
	if !u.Disabled.IsZero() {
		return store.Invitation{}, "", outcome.Errorf(outcome.AccountDisabled, "%s is disabled", u.UPN)
	}
	i, pass := invitation.New(u.ID, string(by), o.Now(), life)
	return i, pass, o.Store.Invite(ctx, i, o.change(by, "user.invite", u.UPN))
}

// Unregister takes one device from a user, such as a phone that was lost, at once.
func (o *Office) Unregister(ctx context.Context, u store.User, r store.Registration, by By) error {
	return o.Desk.Remove(ctx, u, r.ID, enrol.Removal{Detail: "by an admin", By: o.change(by, "user.unregister", u.UPN)}, signin.Asker{})
}
