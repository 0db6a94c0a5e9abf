package store

import (
	"context"
	"database/sql"
	"time"
)

// Federation is a domain whose users another OpenID Provider signs in.
type Federation struct {
	Domain  string    `json:"domain"` // of the UPN, lower case
	Issuer  string    `json:"issuer"`
	Client  string    `json:"clientId"` // that the issuer gave the tenant
	Secret  string    `json:"-"`        // empty: a public client
	Claim   string    `json:"claim"`    // that holds the UPN
	Created time.Time `json:"created"`
}

const federationColumns = `domain, issuer, client, secret, claim, created`

func scanFederation(row scanner) (f Federation, err error) {
	var created int64
	err = row.Scan(&f.Domain, &f.Issuer, &f.Client, &f.Secret, &f.Claim, &created)
	f.Created = moment(created)
	return f, named(err)
}

// CreateFederation keeps a domain's issuer, or returns ErrExists: a domain has one.
func (s *Store) CreateFederation(ctx context.Context, f Federation, c Change) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO federations (`+federationColumns+`) VALUES (?, ?, ?, ?, ?, ?)`,
			f.Domain, f.Issuer, f.Client, f.Secret, f.Claim, millis(f.Created))
		if err != nil {
			return named(err)
		}
		return insertAudit(ctx, tx, c, nil, f)
	})
}

// RemoveFederation makes the domain the tenant's own again, or returns ErrNotFound. Which subject was which user is
// forgotten where the issuer answers for no other domain: should it be trusted again, its subjects may be others.
func (s *Store) RemoveFederation(ctx context.Context, f Federation, c Change) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `DELETE FROM federations WHERE domain = ?`, f.Domain)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM subjects WHERE issuer = ?1 AND NOT EXISTS (SELECT 1 FROM federations WHERE issuer = ?1)`, f.Issuer)
		if err != nil {
			return err
		}
		return insertAudit(ctx, tx, c, f, nil)
	})
}

// Federation finds the one of a domain, or returns ErrNotFound: the tenant signs its users in itself.
func (s *Store) Federation(ctx context.Context, domain string) (Federation, error) {
	return scanFederation(s.read.QueryRowContext(ctx, `SELECT `+federationColumns+` FROM federations WHERE domain = ?`, domain))
}

// Federations lists them by domain.
func (s *Store) Federations(ctx context.Context) ([]Federation, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+federationColumns+` FROM federations ORDER BY domain`)
	return collect(rows, err, scanFederation)
}

// UserBySubject finds the user that an issuer's subject was linked to, or returns ErrNotFound.
func (s *Store) UserBySubject(ctx context.Context, issuer, subject string) (User, error) {
	var id string
	err := s.read.QueryRowContext(ctx, `SELECT user_id FROM subjects WHERE issuer = ? AND subject = ?`, issuer, subject).Scan(&id)
	if err != nil {
		return User{}, named(err)
	}
	return s.User(ctx, id)
}

// LinkSubject links an issuer's subject to a user for good, or returns ErrExists: the user has another subject there.
func (s *Store) LinkSubject(ctx context.Context, issuer, subject, userID string, at time.Time) error {
	_, err := s.write.ExecContext(ctx, `INSERT INTO subjects (issuer, subject, user_id, created) VALUES (?, ?, ?, ?)`, issuer, subject, userID, millis(at))
	return named(err)
}
