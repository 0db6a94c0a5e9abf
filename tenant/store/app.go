package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"
)

// App is a registered client of the OpenID Provider.
type App struct {
	ID        string    `json:"clientId"`
	Name      string    `json:"name"`
	Secret    []byte    `json:"-"` // SHA-256; nil: a public client
	Native    bool      `json:"native"`
	Alg       string    `json:"idTokenSigningAlg"` // of its ID tokens: "ES256" or "RS256"; empty: ES256
	Redirects []string  `json:"redirectUris"`
	Logouts   []string  `json:"postLogoutRedirectUris"`
	Created   time.Time `json:"created"`
}

const appColumns = `id, name, secret, native, redirects, logouts, created, alg`

func scanApp(row scanner) (a App, err error) {
	var redirects, logouts string
	var created int64
	if err := row.Scan(&a.ID, &a.Name, &a.Secret, &a.Native, &redirects, &logouts, &created, &a.Alg); err != nil {
		return a, named(err)
	}
	a.Created = moment(created)
	return a, errors.Join(json.Unmarshal([]byte(redirects), &a.Redirects), json.Unmarshal([]byte(logouts), &a.Logouts))
}

// CreateApp registers an app, or returns ErrExists.
func (s *Store) CreateApp(ctx context.Context, a App, c Change) error {
	redirects, err := json.Marshal(a.Redirects)
	if err != nil {
		return err
	}
	logouts, err := json.Marshal(a.Logouts)
	if err != nil {
		return err
	}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO apps (`+appColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, iif(?8 = '', 'ES256', ?8))`,
			a.ID, a.Name, a.Secret, a.Native, string(redirects), string(logouts), millis(a.Created), a.Alg)
		if err != nil {
			return named(err)
		}
		return insertAudit(ctx, tx, c, nil, a)
	})
}

// RemoveApp takes an app and all its tokens away, or returns ErrNotFound.
func (s *Store) RemoveApp(ctx context.Context, a App, c Change) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `DELETE FROM apps WHERE id = ?`, a.ID)); err != nil {
			return err
		}
		return insertAudit(ctx, tx, c, a, nil)
	})
}

// App finds an app by its client id, or returns ErrNotFound.
func (s *Store) App(ctx context.Context, id string) (App, error) {
	return scanApp(s.read.QueryRowContext(ctx, `SELECT `+appColumns+` FROM apps WHERE id = ?`, id))
}

// Apps lists the apps by name.
func (s *Store) Apps(ctx context.Context) ([]App, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+appColumns+` FROM apps ORDER BY name, id`)
	return collect(rows, err, scanApp)
}

// Key is a secret of the OpenID Provider.
type Key struct {
	ID       string    `json:"id"`
	Use      string    `json:"use"` // "sig" or "enc"
	Alg      string    `json:"alg"` // of "sig": "ES256" or "RS256"; empty: ES256
	Material []byte    `json:"-"`
	Created  time.Time `json:"created"`
	Retired  time.Time `json:"retired"` // zero: in use
}

// Keys lists the keys of a use, the newest first.
func (s *Store) Keys(ctx context.Context, use string) ([]Key, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, use, alg, material, created, retired FROM keys WHERE use = ? ORDER BY created DESC, id`, use)
	return collect(rows, err, func(row scanner) (k Key, err error) {
		var created, retired int64
		err = row.Scan(&k.ID, &k.Use, &k.Alg, &k.Material, &created, &retired)
		k.Created, k.Retired = moment(created), moment(retired)
		return k, err
	})
}

// FirstKey adds a key unless there is one of its use and algorithm: of several processes that start at once, one wins.
func (s *Store) FirstKey(ctx context.Context, k Key) error {
	_, err := s.write.ExecContext(ctx, `INSERT INTO keys (id, use, alg, material, created, retired)
		SELECT ?1, ?2, ?3, ?4, ?5, 0 WHERE NOT EXISTS (SELECT 1 FROM keys WHERE use = ?2 AND alg = ?3)`, k.ID, k.Use, k.alg(), k.Material, millis(k.Created))
	return named(err)
}

func (k Key) alg() string {
	if k.Alg == "" {
		return "ES256"
	}
	return k.Alg
}

// RotateKeys adds keys, retires those of their use and algorithm, and removes those that were retired before forget.
func (s *Store) RotateKeys(ctx context.Context, keys []Key, forget time.Time, c Change) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		before, err := signing(ctx, tx)
		if err != nil {
			return err
		}
		for _, k := range keys {
			if err := rotateKey(ctx, tx, k, forget); err != nil {
				return named(err)
			}
		}
		return insertAudit(ctx, tx, c, before, keys)
	})
}

// signing are the keys that sign.
func signing(ctx context.Context, tx *sql.Tx) ([]Key, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, use, alg, created FROM keys WHERE use = 'sig' AND retired = 0 ORDER BY alg`)
	return collect(rows, err, func(row scanner) (k Key, err error) {
		var created int64
		err = row.Scan(&k.ID, &k.Use, &k.Alg, &created)
		k.Created = moment(created)
		return k, err
	})
}

func rotateKey(ctx context.Context, tx *sql.Tx, k Key, forget time.Time) error {
	_, a := tx.ExecContext(ctx, `DELETE FROM keys WHERE use = ? AND alg = ? AND retired <> 0 AND retired < ?`, k.Use, k.alg(), millis(forget))
	_, b := tx.ExecContext(ctx, `UPDATE keys SET retired = ? WHERE use = ? AND alg = ? AND retired = 0`, millis(k.Created), k.Use, k.alg())
	_, c := tx.ExecContext(ctx, `INSERT INTO keys (id, use, alg, material, created, retired) VALUES (?, ?, ?, ?, ?, 0)`, k.ID, k.Use, k.alg(), k.Material, millis(k.Created))
	return errors.Join(a, b, c)
}
