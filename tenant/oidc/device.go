package oidc

import (
	"context"
	"errors"
	"strings"
	"time"

	std "github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"tallykey/tenant/store"
)

// DeviceStart is the endpoint at which a device begins, and DevicePage is where a person types the code that it shows (RFC
// 8628 sections 3.1 and 3.3).
const (
	DeviceStart = "/device_authorization"
	DevicePage  = "/device"
)

const (
	deviceLife = 10 * time.Minute
	devicePace = 5 * time.Second
)

// Device is a sign-in that a device without a browser asks for.
type Device struct{ row store.Device }

// App is the app's client id.
func (d Device) App() string { return d.row.App }

// Scopes are what the app wants to know and do.
func (d Device) Scopes() []string { return strings.Fields(d.row.Scopes) }

// Code is the code that the device shows.
func (d Device) Code() string { return d.row.UserCode }

// Address is where the device is.
func (d Device) Address() string { return d.row.Address }

// UserCode reads a code as a person types it: in any case, with or without its dash. "" is none that could have been made.
func UserCode(typed string) string {
	var code strings.Builder
	for _, r := range strings.ToUpper(typed) {
		switch {
		case r == '-' || r == ' ':
		case !strings.ContainsRune(op.CharSetBase20, r) || code.Len() > op.UserCodeBase20.CharAmount:
			return ""
		default:
			if code.Len() == op.UserCodeBase20.DashInterval {
				code.WriteByte('-')
			}
			code.WriteRune(r)
		}
	}
	if code.Len() != op.UserCodeBase20.CharAmount+1 {
		return ""
	}
	return code.String()
}

// Device finds a request by the code that its device shows, while nobody has decided it and it has not expired, or returns
// store.ErrNotFound.
func (p *Provider) Device(ctx context.Context, code string) (Device, error) {
	if code == "" {
		return Device{}, store.ErrNotFound
	}
	row, err := p.store.Device(ctx, code, p.now())
	return Device{row}, err
}

// Decide keeps what the session's user decided about a device: with let it gets its tokens. store.ErrNotFound: it was
// decided before, or has expired.
func (p *Provider) Decide(ctx context.Context, d Device, n store.Session, let bool) error {
	to := store.DeviceDenied
	if let {
		to = store.DeviceApproved
	}
	return p.store.DecideDevice(ctx, d.row.UserCode, to, n.Authentication(), p.now())
}

// StoreDeviceAuthorization implements op.DeviceAuthorizationStorage. The library's time is the machine's, so it is not
// used.
func (s *storage) StoreDeviceAuthorization(ctx context.Context, app, code, userCode string, _ time.Time, scopes []string) error {
	address, _ := ctx.Value(addressKey{}).(string)
	d := store.Device{ID: newID(), App: app, UserCode: userCode, Scopes: strings.Join(known(scopes), " "), Address: address, Pace: devicePace,
		Created: s.now(), Expires: s.now().Add(deviceLife)}
	err := s.store.CreateDevice(ctx, d, hash(code))
	if errors.Is(err, store.ErrBusy) {
		return std.ErrSlowDown().WithDescription("too many requests of this address wait")
	}
	return err
}

// GetDeviceAuthorizatonState implements op.DeviceAuthorizationStorage.
func (s *storage) GetDeviceAuthorizatonState(ctx context.Context, app, code string) (*op.DeviceAuthorizationState, error) {
	ctx = context.WithoutCancel(ctx) // the library's four seconds may be over while the disk writes, and half a turn helps nobody
	d, err := s.store.PollDevice(ctx, app, hash(code), s.now(), devicePace)
	if err != nil {
		return nil, err
	}
	if d.State == store.DeviceApproved {
		if _, err := s.usable(ctx, d.Authentication); err != nil {
			return nil, err
		}
	}
	if d.Early(s.now()) && d.State == store.DevicePending {
		return nil, context.DeadlineExceeded // which the library says as slow_down
	}
	turnOf(ctx).device = d
	amr, _ := references(d.Authentication)
	expires := time.Now().Add(time.Hour) // by the library's clock: not yet
	if !s.now().Before(d.Expires) {
		expires = time.Time{}
		d.State = store.DevicePending // and so expired_token
	}
	return &op.DeviceAuthorizationState{ClientID: d.App, Scopes: strings.Fields(d.Scopes), Expires: expires, Done: d.State == store.DeviceApproved || d.State == store.DeviceUsed,
		Denied: d.State == store.DeviceDenied, Subject: d.UserID, AMR: amr, AuthTime: d.AuthTime}, nil
}

// beginOnDevice makes the grant of the device whose request this is. A second time it takes it back: somebody has a copy
// of the device code.
func (s *storage) beginOnDevice(ctx context.Context, refresh []byte) (store.Access, error) {
	d, now := turnOf(ctx).device, s.now()
	a := s.access(strings.Fields(d.Scopes))
	g := store.Grant{ID: d.ID, App: d.App, Scopes: d.Scopes, Created: now, Expires: now.Add(grantLife), Authentication: d.Authentication}
	err := s.store.UseDevice(context.WithoutCancel(ctx), g, a, refresh)
	if reused(ctx, d.UserID, err) {
		err = std.ErrInvalidGrant().WithParent(err)
	}
	return a, err
}
