package account

import (
	"context"
	"time"

	"tallykey/tenant/outcome"
)

// Nobody types a device's code wrong this often; to find one of a few waiting codes among 20^8 takes longer than they last.
var perDevice = limit{failures: 10, forget: time.Hour, lock: 15 * time.Minute, most: time.Hour}

// GuessDevice counts one code that a user typed for a device (RFC 8628 section 5.1); RightDevice takes it back. The error
// carries device_code_locked.
func (d *Directory) GuessDevice(ctx context.Context, userID string) error {
	return d.reserve(ctx, perDevice, deviceSubject(userID), outcome.DeviceCodeLocked)
}

// RightDevice takes back the count of a code that was right.
func (d *Directory) RightDevice(ctx context.Context, userID string) error {
	return d.store.UpdateFailure(ctx, deviceSubject(userID), perDevice.release)
}

func deviceSubject(userID string) string { return "device:" + userID }
