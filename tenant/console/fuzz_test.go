package console

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// Whatever an admin's browser sends, no page breaks and nothing that was typed comes back as markup.
func FuzzForms(f *testing.F) {
	b := newBench(f)
	user := userAt(b.users["user"].ID)
	paths := []string{"/admin/users/new", "/admin/users/import", user + "/edit", user + "/invite", user + "/unregister", user + "/role", "/admin/groups/new",
		"/admin/policy/tenant", "/admin/apps/new", "/admin/log", "/admin/log.csv", "/admin/audit", "/admin/users", "/admin/devices", "/admin/policy/tenant/preview"}
	f.Add(uint8(0), "upn=%22%3E%3Cscript%3E@x.y&name=x")
	f.Add(uint8(1), "csv=upn%0A%22")
	f.Add(uint8(4), "device=%ff")
	f.Add(uint8(7), "phone=off&number=%00")
	f.Add(uint8(8), "name=x&redirects=javascript:alert(1)")
	f.Add(uint8(9), "after=99999999999999999999&open=-1&from=2026-13-45&find=%22%3E%3Cscript%3E")
	f.Add(uint8(12), "find=%f4%8f%bf%bf&order=name&after=%27")
	f.Add(uint8(13), "row=x&after=%00")
	f.Fuzz(func(t *testing.T, which uint8, form string) {
		path, method := paths[int(which)%len(paths)], "POST"
		if int(which)%len(paths) > 8 {
			method = "GET"
		}
		r := httptest.NewRequest(method, origin+path, strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if method == "GET" {
			r.URL.RawQuery = form
		}
		if r.ParseForm() != nil {
			return // the site's guard refuses it
		}
		rec := httptest.NewRecorder()
		b.Serve(rec, r, b.visitor("administrator"))
		if rec.Code >= 500 || strings.Contains(rec.Body.String(), `"><script>`) {
			t.Errorf("%s %s %q: %d\n%s", method, path, form, rec.Code, rec.Body)
		}
	})
}
