//go:build !linux

package registration

import (
	"context"
	"errors"

	gokeyring "github.com/zalando/go-keyring"
)

// session is nothing here: Windows and macOS answer or fail by themselves, and neither lists what it holds.
type session struct{ owner string }

func openSession(context.Context) (*session, error) { return &session{}, nil }

func currentOwner(context.Context) (string, error) { return "", nil }

func (*session) close() {}

func (*session) has(_ context.Context, service, name string) (bool, error) {
	_, err := gokeyring.Get(service, name)
	if errors.Is(err, gokeyring.ErrNotFound) {
		return false, nil
	}
	return err == nil, translate(err)
}

func (*session) list(context.Context, string) (map[string]string, error) { return nil, ErrNoList }
