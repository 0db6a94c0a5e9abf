package console

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// A page that did not look at all lines says so and leads on; one that did does not.
func TestSearchLeadsOn(t *testing.T) {
	b := newBench(t)
	for onward, text := range map[string]string{"/admin/log?after=7&find=x": "among those that were looked through", "": "No line fits."} {
		rec := httptest.NewRecorder()
		c := &call{Request: httptest.NewRequest("GET", "/admin/log?find=x", nil)}
		b.show(rec, http.StatusOK, "log", b.page(c, "log").with(logView{Find: "x", Onward: onward}))
		v := view{t, rec.Code, rec.Header(), rec.Body.String()}.has(text)
		if onward == "" {
			v.lacks(`id="onward"`)
		} else {
			v.has(`id="onward" href="/admin/log?after=7&amp;find=x"`, "10000")
		}
	}
	b.get("/admin/log?find=198.51.100.").is(200).has("No line fits.").lacks(`id="onward"`)
}
