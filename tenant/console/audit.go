package console

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tallykey/tenant/store"
)

// auditList is the body of the audit log.
type auditList struct {
	Action, Target, Actor string
	Lines                 []auditLine
}

// auditLine is a line with what differs between before and after.
type auditLine struct {
	store.Audit
	Differs []difference
}

// difference is one field. Was and Is are "" where there was nothing, or is nothing any more.
type difference struct{ Field, Was, Is string }

// audit is who changed what.
func (k *Console) audit(w http.ResponseWriter, c *call) error {
	b := auditList{Action: c.Form.Get("action"), Target: strings.TrimSpace(c.Form.Get("target")), Actor: strings.TrimSpace(c.Form.Get("actor"))}
	before, _ := strconv.ParseInt(c.Form.Get("after"), 10, 64) // not a number: from the newest
	list, err := k.Office.Store.FindAudits(c.Context(), store.AuditFilter{Action: b.Action, Target: b.Target, Actor: b.Actor, Before: before}, rows+1)
	if err != nil {
		return err
	}
	list, more := turn(list)
	for _, a := range list {
		b.Lines = append(b.Lines, auditLine{a, differences(a.Before, a.After)})
	}
	p := k.page(c, "audit")
	p.First, p.Next = turns("/admin/audit", before != 0, more, func() string { return strconv.FormatInt(list[len(list)-1].Seq, 10) },
		"action", b.Action, "target", b.Target, "actor", b.Actor)
	k.show(w, http.StatusOK, "audit", p.with(b))
	return nil
}

// differences compares two JSON values field by field, in the order of the fields' names.
func differences(before, after json.RawMessage) (list []difference) {
	was, is := fields("", before), fields("", after)
	var names []string
	for name := range was {
		names = append(names, name)
	}
	for name := range is {
		if _, ok := was[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if was[name] != is[name] {
			list = append(list, difference{name, was[name], is[name]})
		}
	}
	return list
}

// fields are the leaves of a JSON value by their paths, such as words.phone.
func fields(path string, raw json.RawMessage) map[string]string {
	out := map[string]string{}
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil || object == nil {
		if text := leaf(raw); text != "" {
			out[path] = text
		}
		return out
	}
	for name, value := range object {
		if path != "" {
			name = path + "." + name
		}
		for n, v := range fields(name, value) {
			out[n] = v
		}
	}
	return out
}

// never is how JSON has a time that was not.
const never = "0001-01-01T00:00:00Z"

// leaf is a value as text; "" for what says nothing.
func leaf(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		if text == never {
			return ""
		}
		return text
	}
	if s := string(raw); s != "null" {
		return s
	}
	return ""
}

// admins lists who has a role.
func (k *Console) admins(w http.ResponseWriter, c *call) error {
	list, err := k.Office.Store.Admins(c.Context())
	if err != nil {
		return err
	}
	k.show(w, http.StatusOK, "admins", k.page(c, "admins").with(list))
	return nil
}
