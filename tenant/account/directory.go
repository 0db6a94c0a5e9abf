package account

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/netip"
	"time"
	"unicode/utf8"

	"tallykey/tenant/outcome"
	"tallykey/tenant/store"
)

// Directory is the tenant's accounts.
type Directory struct {
	store  *store.Store
	hasher *Hasher
	now    func() time.Time
	decoy  string // PHC string of a password that nobody has
}

// NewDirectory opens the accounts in a store.
func NewDirectory(ctx context.Context, s *store.Store, h *Hasher, now func() time.Time) (*Directory, error) {
	decoy, err := h.Hash(ctx, rand.Text())
	if err != nil {
		return nil, err
	}
	return &Directory{s, h, now, decoy}, nil
}

// NoPassword stands for the PHC string of an account that has no password.
const NoPassword = ""

// Create adds an account with random ids, or returns store.ErrExists. With an empty password it has none. by is the admin
// who does it, for the audit log.
func (d *Directory) Create(ctx context.Context, upn UPN, name, password string, by ...store.Change) (store.User, error) {
	phc := NoPassword
	if password != "" {
		var err error
		if phc, err = d.hasher.Hash(ctx, password); err != nil {
			return store.User{}, err
		}
	}
	id, handle := make([]byte, 16), make([]byte, 32)
	rand.Read(id)
	rand.Read(handle)
	u := store.User{ID: hex.EncodeToString(id), Handle: handle, UPN: string(upn), Name: name, Password: phc, Created: d.now()}
	return u, d.store.CreateUser(ctx, u, by...)
}

// CheckPassword says whose password this is. The error carries password_wrong, upn_unknown, account_locked or
// address_locked; outcome.Public tells which of them a page may show.
func (d *Directory) CheckPassword(ctx context.Context, upn UPN, password string, from netip.Addr) (store.User, error) {
	if err := d.reserve(ctx, perAddress, addressSubject(from), outcome.AddressLocked); err != nil {
		return store.User{}, err
	}
	if err := d.reserve(ctx, perAccount, accountSubject(upn), outcome.AccountLocked); err != nil {
		return store.User{}, err
	}
	u, err := d.compare(ctx, upn, password)
	if err != nil {
		return store.User{}, err
	}
	return u, errors.Join(d.forgive(ctx, upn, from), d.renew(ctx, u, password))
}

// Guess counts one try at a one-time pass from an address. The error carries address_locked.
func (d *Directory) Guess(ctx context.Context, from netip.Addr) error {
	return d.reserve(ctx, perAddress, addressSubject(from), outcome.AddressLocked)
}

func (d *Directory) reserve(ctx context.Context, l limit, subject string, code outcome.Code) error {
	if subject == "" {
		return nil
	}
	locked, refused := false, 0
	err := d.store.UpdateFailure(ctx, subject, func(f store.Failure) store.Failure {
		f, locked = l.reserve(f, d.now())
		refused = f.Refused
		return f
	})
	if err == nil && locked {
		return &Locked{Code: code, Refused: refused}
	}
	return err
}

// Locked is the refusal of a try while an account or an address is locked. It unwraps to its code.
type Locked struct {
	Code    outcome.Code
	Refused int // how many so far in this lock
}

// Error implements error.
func (l *Locked) Error() string { return l.Unwrap().Error() }

// Unwrap implements errors.Unwrap.
func (l *Locked) Unwrap() error { return outcome.Errorf(l.Code, "locked; refused %d times", l.Refused) }

// Telling says whether the log needs a line for this refusal: the first, the tenth, the hundredth and so on of a lock. So
// ten thousand tries leave five lines.
func (l *Locked) Telling() bool {
	n := l.Refused
	for n >= 10 && n%10 == 0 {
		n /= 10
	}
	return n == 1
}

// AskSecond counts one more second factor that is asked for after a right password, which Answered takes back. The error
// carries account_locked.
func (d *Directory) AskSecond(ctx context.Context, userID string) error {
	return d.reserve(ctx, perSecond, secondSubject(userID), outcome.AccountLocked)
}

// Answered forgets the second factors that were asked for.
func (d *Directory) Answered(ctx context.Context, userID string) error {
	return d.store.UpdateFailure(ctx, secondSubject(userID), func(store.Failure) store.Failure { return store.Failure{} })
}

func secondSubject(userID string) string { return "second:" + userID }

// compare does the same work for an account that does not exist.
func (d *Directory) compare(ctx context.Context, upn UPN, password string) (store.User, error) {
	u, err := d.store.UserByUPN(ctx, string(upn))
	unknown := errors.Is(err, store.ErrNotFound)
	if err != nil && !unknown {
		return store.User{}, err
	}
	if unknown || u.Password == NoPassword {
		u.Password = d.decoy // which nobody knows
	}
	right, err := d.hasher.Verify(ctx, u.Password, password)
	switch {
	case err != nil:
		return store.User{}, err
	case unknown:
		return store.User{}, outcome.Errorf(outcome.UPNUnknown, "no such account")
	case !right:
		return u, outcome.Errorf(outcome.PasswordWrong, "wrong password")
	}
	return u, nil
}

// forgive clears the account, and gives the address back its one guess: else whoever owns one account could use it to
// start the address anew again and again.
func (d *Directory) forgive(ctx context.Context, upn UPN, from netip.Addr) error {
	err := d.store.UpdateFailure(ctx, accountSubject(upn), func(store.Failure) store.Failure { return store.Failure{} })
	if s := addressSubject(from); s != "" && err == nil {
		err = d.store.UpdateFailure(ctx, s, perAddress.release)
	}
	return err
}

// renew keeps the password at today's cost: only now is it at hand.
func (d *Directory) renew(ctx context.Context, u store.User, password string) error {
	if !d.hasher.Outdated(u.Password) {
		return nil
	}
	phc, err := d.hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	err = d.store.RehashPassword(ctx, u, phc)
	if errors.Is(err, store.ErrNotFound) {
		return nil // changed meanwhile: the new one stays
	}
	return err
}

// MinPassword is the shortest new password, in characters: what NIST SP 800-63B-4 section 3.1.1.2 wants where a password may
// be all that is asked for.
const MinPassword = 15

// ChangePassword gives a user a new password, or with "" none, and ends what began by the old one; n says for whom. The
// error carries password_unfit.
func (d *Directory) ChangePassword(ctx context.Context, u store.User, password string, n store.NewPassword, e store.Entry) error {
	n.PHC = NoPassword
	if password != "" {
		if utf8.RuneCountInString(password) < MinPassword || len(password) > MaxPassword || !utf8.ValidString(password) {
			return outcome.Errorf(outcome.PasswordUnfit, "a password has %d to %d characters", MinPassword, MaxPassword)
		}
		var err error
		if n.PHC, err = d.hasher.Hash(ctx, password); err != nil {
			return err
		}
	}
	return d.store.ChangePassword(ctx, u, n, e)
}

// Forgotten is the time before which failures no longer count.
func Forgotten(now time.Time) time.Time { return now.Add(-forgetAll) }
