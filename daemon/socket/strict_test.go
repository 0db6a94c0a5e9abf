package socket

import (
	"testing"

	"github.com/creachadair/jrpc2"
)

func TestCheck(t *testing.T) {
	for _, test := range []struct {
		line string
		want jrpc2.Code
	}{
		{`{"jsonrpc":"2.0","id":1,"method":"status"}`, 0},
		{`{"jsonrpc":"2.0","id":"a","method":"status","params":{}}`, 0},
		{`{"jsonrpc":"2.0","method":"cancel","params":{"id":1}}`, 0},
		{``, jrpc2.ParseError},
		{`{"jsonrpc":`, jrpc2.ParseError},
		{`{"jsonrpc":"2.0","id":1,"method":"status"} x`, jrpc2.ParseError},
		{`[]`, jrpc2.InvalidRequest},
		{`[{"jsonrpc":"2.0","id":1,"method":"status"}]`, jrpc2.InvalidRequest},
		{`null`, jrpc2.InvalidRequest},
		{`{"id":1,"method":"status"}`, jrpc2.InvalidRequest},
		{`{"jsonrpc":"1.0","id":1,"method":"status"}`, jrpc2.InvalidRequest},
		{`{"jsonrpc":"2.0","id":1}`, jrpc2.InvalidRequest},
		{`{"jsonrpc":"2.0","id":1,"method":7}`, jrpc2.InvalidRequest},
		{`{"jsonrpc":"2.0","id":{},"method":"status"}`, jrpc2.InvalidRequest},
		{`{"jsonrpc":"2.0","id":null,"method":"status"}`, jrpc2.InvalidRequest},
		{`{"jsonrpc":"2.0","id":1,"method":"status","params":7}`, jrpc2.InvalidRequest},
		{`{"jsonrpc":"2.0","method":"status","garams":{}}`, jrpc2.InvalidRequest},
		{`{"JSONRPC":"2.0","method":"status"}`, jrpc2.InvalidRequest},
		{`{"jsonrpc":"2.0","method":"status","result":1}`, jrpc2.InvalidRequest},
	} {
		if _, got := check([]byte(test.line)); got != test.want {
			t.Errorf("%s: %d, want %d", test.line, got, test.want)
		}
	}
}
