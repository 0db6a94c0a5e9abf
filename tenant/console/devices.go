package console

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"tallykey/tenant/store"
)

// deviceList is the body of the list of registrations.
type deviceList struct {
	Find, Kind string
	Devices    []ownedDevice
}

type ownedDevice struct {
	store.Owned
	Encoded string
}

// devices is the list of registered devices, by their owners.
func (k *Console) devices(w http.ResponseWriter, c *call) error {
	b := deviceList{Find: strings.TrimSpace(c.Form.Get("find")), Kind: c.Form.Get("kind")}
	row, _ := strconv.ParseInt(c.Form.Get("row"), 10, 64) // not a number: from the owner's first
	page := store.DevicePage{Prefix: strings.ToLower(b.Find), Kind: b.Kind, AfterUPN: c.Form.Get("after"), AfterRow: row}
	list, err := k.Office.Store.Devices(c.Context(), page, rows+1)
	if err != nil {
		return err
	}
	list, more := turn(list)
	for _, o := range list {
		b.Devices = append(b.Devices, ownedDevice{o, base64.RawURLEncoding.EncodeToString(o.ID)})
	}
	p := k.page(c, "devices")
	if page.AfterUPN != "" {
		p.First = at("/admin/devices", "find", b.Find, "kind", b.Kind)
	}
	if more {
		last := list[len(list)-1]
		p.Next = at("/admin/devices", "find", b.Find, "kind", b.Kind, "after", last.Owner.UPN, "row", strconv.FormatInt(last.Row, 10))
	}
	k.show(w, http.StatusOK, "devices", p.with(b))
	return nil
}
