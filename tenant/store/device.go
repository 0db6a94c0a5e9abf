package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// ErrBusy means that one address has begun too much at once.
var ErrBusy = errors.New("too many at once")

// DeviceState is how far a sign-in on another device is.
type DeviceState string

// The states in their order.
const (
	DevicePending  DeviceState = "pending"  // nobody has typed the code, or nobody has decided
	DeviceApproved DeviceState = "approved" // the device may fetch its tokens
	DeviceDenied   DeviceState = "denied"
	DeviceUsed     DeviceState = "used" // it has them
)

// String implements fmt.Stringer.
func (s DeviceState) String() string { return string(s) }

// Device is a sign-in that a device without a browser asked for (RFC 8628).
type Device struct {
	ID       string // also of the grant that comes of it
	App      string
	UserCode string
	Scopes   string // with blanks between
	Address  string // where it was asked for
	State    DeviceState
	Polled   time.Time     // zero: never
	Pace     time.Duration // that the device has to leave between two questions
	Created  time.Time
	Expires  time.Time
	Authentication
}

const deviceColumns = `id, app_id, user_code, scopes, address, state, polled, pace, created, expires, ` + authenticationColumns

func scanDevice(row scanner) (d Device, err error) {
	var polled, pace, created, expires, at int64
	err = row.Scan(append([]any{&d.ID, &d.App, &d.UserCode, &d.Scopes, &d.Address, &d.State, &polled, &pace, &created, &expires}, d.into(&at)...)...)
	d.Polled, d.Pace, d.Created, d.Expires, d.AuthTime = moment(polled), time.Duration(pace)*time.Millisecond, moment(created), moment(expires), moment(at)
	return d, named(err)
}

// maxDevices is how many requests of one address may wait.
const maxDevices = 50

// CreateDevice keeps a request that begins; code is the hash of the device code. ErrExists: the user code is taken.
// ErrBusy: this address has begun too many.
func (s *Store) CreateDevice(ctx context.Context, d Device, code []byte) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		var waiting int
		err := tx.QueryRowContext(ctx, `SELECT count(*) FROM devices WHERE address = ? AND expires > ?`, d.Address, millis(d.Created)).Scan(&waiting)
		if err != nil {
			return err
		}
		if waiting >= maxDevices {
			return ErrBusy
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO devices (id, app_id, code, user_code, scopes, address, state, method, number, uv, auth_time, polled, pace, created, expires)
			VALUES (?, ?, ?, ?, ?, ?, ?, '', '', '', 0, 0, ?, ?, ?)`,
			d.ID, d.App, code, d.UserCode, d.Scopes, d.Address, DevicePending, d.Pace.Milliseconds(), millis(d.Created), millis(d.Expires))
		return named(err)
	})
}

// Device finds a request by its user code while it can be decided, or returns ErrNotFound.
func (s *Store) Device(ctx context.Context, userCode string, now time.Time) (Device, error) {
	return scanDevice(s.read.QueryRowContext(ctx, `SELECT `+deviceColumns+` FROM devices WHERE user_code = ? AND state = 'pending' AND expires > ?`,
		userCode, millis(now)))
}

// HasDevice says whether a device code has this hash.
func (s *Store) HasDevice(ctx context.Context, code []byte) (has bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM devices WHERE code = ?)`, code).Scan(&has)
	return has, err
}

// DecideDevice notes what the person decided, and who it is. ErrNotFound: it has been decided, or has expired.
func (s *Store) DecideDevice(ctx context.Context, userCode string, to DeviceState, by Authentication, now time.Time) error {
	return one(s.write.ExecContext(ctx, `UPDATE devices SET user_id = ?, method = ?, number = ?, uv = ?, registration = ?, auth_time = ?, state = ?
		WHERE user_code = ? AND state = 'pending' AND expires > ?`, append(by.values(), to, userCode, millis(now))...))
}

// PollDevice finds a request of an app by its device code's hash, as it was before, and notes that it was asked for. With
// slower, a device that asks too soon has to leave that much more time from now on.
func (s *Store) PollDevice(ctx context.Context, app string, code []byte, now time.Time, slower time.Duration) (d Device, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		d, err = scanDevice(tx.QueryRowContext(ctx, `SELECT `+deviceColumns+` FROM devices WHERE code = ? AND app_id = ?`, code, app))
		if err != nil {
			return err
		}
		pace := d.Pace
		if d.Early(now) {
			pace += slower
		}
		_, err := tx.ExecContext(ctx, `UPDATE devices SET polled = ?, pace = ? WHERE code = ?`, millis(now), pace.Milliseconds(), code)
		return err
	})
	return d, err
}

// Early says whether a device asks sooner than it may.
func (d Device) Early(now time.Time) bool { return !d.Polled.IsZero() && now.Sub(d.Polled) < d.Pace }

// UseDevice makes the grant of an approved request, once, with its first tokens; refresh may be nil. ErrReused: it was made
// before, so it is gone now; or somebody took the approval back.
func (s *Store) UseDevice(ctx context.Context, g Grant, a Access, refresh []byte) error {
	reused := false
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		err := one(tx.ExecContext(ctx, `UPDATE devices SET state = ? WHERE id = ? AND state = ?`, DeviceUsed, g.ID, DeviceApproved))
		if errors.Is(err, ErrNotFound) {
			reused = true
			_, err = tx.ExecContext(ctx, `DELETE FROM grants WHERE id = ?`, g.ID)
			return err
		}
		if err != nil {
			return err
		}
		return insertGrant(ctx, tx, g, a, refresh)
	})
	if err == nil && reused {
		err = ErrReused
	}
	return err
}
