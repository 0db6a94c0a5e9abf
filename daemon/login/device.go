package login

import (
	"context"
	"fmt"
)

// Device signs in on another device: the person opens the address there and types the code (RFC 8628). It asks the
// provider as often as that allows, until the code expires. The errors are those of Browser.
func Device(ctx context.Context, cfg Config) (Tokens, error) {
	p, ctx, err := discover(ctx, cfg)
	if err != nil {
		return Tokens{}, err
	}
	if p.oauth.Endpoint.DeviceAuthURL == "" {
		return Tokens{}, fmt.Errorf("%w: it has no device flow", ErrIssuer)
	}
	d, err := p.oauth.DeviceAuth(ctx)
	if err != nil {
		return Tokens{}, refused(err)
	}
	if !guarded(d.VerificationURI) {
		return Tokens{}, fmt.Errorf("%w: it sends to %s", ErrIssuer, brief(d.VerificationURI))
	}
	cfg.Say(Prompt{URL: d.VerificationURI, Code: brief(d.UserCode)})
	t, err := p.oauth.DeviceAccessToken(ctx, d)
	if err != nil {
		return Tokens{}, refused(err)
	}
	return p.first(ctx, t, "")
}
