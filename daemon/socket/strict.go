package socket

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/creachadair/jrpc2"

	"tallykey/daemon/api"
)

// strict lets only whole, single requests through to jrpc2 and answers everything else itself. jrpc2 keeps malformed
// requests without an id in its queue; when the connection ends before their turn it answers them on a channel that is
// gone, and the panic would end the daemon.
type strict struct{ *api.Lines }

// Recv implements channel.Channel.
func (s strict) Recv() ([]byte, error) {
	for {
		line, err := s.Lines.Recv()
		if err != nil {
			return nil, err
		}
		id, code := check(line)
		if code == 0 {
			return line, nil
		}
		if err := s.refuse(id, code); err != nil {
			return nil, err
		}
	}
}

// check returns 0 for a JSON-RPC 2.0 request or notification as section 4 of its specification has it, with no other
// members, else the code of its section 5.1, with the id if there was one. Batches are not taken: no client of ours
// sends any. Members are read by their exact names, as jrpc2 reads them.
func check(line []byte) (id json.RawMessage, code jrpc2.Code) {
	if !json.Valid(line) {
		return nil, jrpc2.ParseError
	}
	var request map[string]json.RawMessage
	if err := json.Unmarshal(line, &request); err != nil {
		return nil, jrpc2.InvalidRequest
	}
	id = request["id"]
	if string(request["jsonrpc"]) != `"`+jrpc2.Version+`"` || !text(request["method"]) || !validID(id) || !structured(request["params"]) {
		return id, jrpc2.InvalidRequest
	}
	for name := range request {
		if !slices.Contains([]string{"jsonrpc", "id", "method", "params"}, name) {
			return id, jrpc2.InvalidRequest
		}
	}
	return id, 0
}

func text(value json.RawMessage) bool {
	var s string
	return json.Unmarshal(value, &s) == nil && s != ""
}

// validID takes a number, a text or none at all. null is an id that nothing can be answered to.
func validID(id json.RawMessage) bool {
	return len(id) == 0 || id[0] == '"' || id[0] == '-' || id[0] >= '0' && id[0] <= '9'
}

func structured(params json.RawMessage) bool {
	return len(params) == 0 || params[0] == '{' || params[0] == '[' || bytes.Equal(params, []byte("null"))
}

func (s strict) refuse(id json.RawMessage, code jrpc2.Code) error {
	if len(id) == 0 || !validID(id) {
		id = json.RawMessage("null")
	}
	return s.Send(fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%s,"error":{"code":%d,"message":%q}}`, id, code, code.String()))
}
