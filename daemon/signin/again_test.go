package signin

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"tallykey/phone/link"
)

// A browser whose native messaging host was killed sends a call again through a fresh one, and does not know whether the
// daemon took it. The connection of the killed host is gone, or goes at this moment: at no time are there two prompts.
func TestACallThatIsSentAgainRaisesNoSecondPrompt(t *testing.T) {
	for _, order := range []string{"the connection ends first", "the call comes first"} {
		t.Run(order, func(t *testing.T) {
			withRegistration(t, func(t *testing.T, d *desk, p *testPhone, phone string) {
				killed, kill := context.WithCancel(t.Context())
				first := d.get(killed)
				shown := got[*link.Request](d, phone).ID
				before := len(d.sent[phone])
				if order == "the connection ends first" {
					kill()
					<-first
				}
				second := d.get(t.Context())
				synctest.Wait()
				kill()
				synctest.Wait()
				if diff := cmp.Diff([]string{"ended", "request"}, types(d.sent[phone][before:])); diff != "" {
					t.Error("the phone hears of the first, then of the second:", diff)
				}
				if e, ok := d.sent[phone][before].(*link.Ended); !ok || e.ID != shown {
					t.Errorf("not the first ended, but %+v", e)
				}
				d.approve(phone, p)
				if o := <-second; o.err != nil {
					t.Errorf("the second: %v", o.err)
				}
			})
		})
	}
}

func types(all []link.Message) []string {
	var types []string
	for _, m := range all {
		types = append(types, m.Type())
	}
	return types
}
