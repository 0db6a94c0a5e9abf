package pipe

import (
	"bytes"
	"encoding/json"
)

// Error codes of JSON-RPC 2.0, section 5.1.
const (
	codeParse   = -32700
	codeInvalid = -32600
)

type rpcError struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Error   struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// answer sends an error to the browser in the daemon's stead.
func (p *pipe) answer(id json.RawMessage, code int, message string) error {
	e := rpcError{Version: "2.0", ID: id}
	e.Error.Code, e.Error.Message = code, message
	payload, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return p.frames.Write(payload)
}

// idOf finds the id of a JSON-RPC request in the beginning of it, or nil. Extensions write it before the parameters,
// which are what makes a message long.
func idOf(begin []byte) json.RawMessage {
	d := json.NewDecoder(bytes.NewReader(begin))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil
	}
	for {
		name, err := d.Token()
		if _, ok := name.(string); err != nil || !ok {
			return nil
		}
		var value json.RawMessage
		// A number that reaches to the end may have been cut.
		if d.Decode(&value) != nil || d.InputOffset() >= int64(len(begin)) {
			return nil
		}
		if name == "id" {
			return scalar(value)
		}
	}
}

// scalar lets numbers and strings pass, which is what an id of a request can be.
func scalar(value json.RawMessage) json.RawMessage {
	switch value[0] {
	case '"', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return value
	}
	return nil
}
