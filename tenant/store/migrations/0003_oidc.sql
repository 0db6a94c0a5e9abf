-- +goose Up
-- What the OpenID Provider keeps. Secrets, codes and refresh tokens are here as SHA-256 only: all are 256 random bits, so
-- a slow hash would add nothing.

CREATE TABLE apps (
    id        TEXT    PRIMARY KEY, -- client_id
    name      TEXT    NOT NULL,
    secret    BLOB,                -- SHA-256; null: a public client
    native    INTEGER NOT NULL,    -- 1: loopback redirects may have any port (RFC 8252 section 7.3)
    redirects TEXT    NOT NULL,    -- JSON array
    logouts   TEXT    NOT NULL,    -- JSON array
    created   INTEGER NOT NULL
) STRICT;

CREATE TABLE keys (
    id       TEXT    PRIMARY KEY,
    use      TEXT    NOT NULL, -- "sig": P-256, PKCS #8; "enc": 32 bytes
    material BLOB    NOT NULL,
    created  INTEGER NOT NULL,
    retired  INTEGER NOT NULL  -- when it ceased to sign; 0: it signs
) STRICT;

-- One request of an app for a sign-in, from /authorize until its code has expired.
CREATE TABLE authorizations (
    id        TEXT    PRIMARY KEY, -- random; also the id of the grant that comes of it
    app_id    TEXT    NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    browser   BLOB    NOT NULL,    -- SHA-256 of the cookie that it is bound to
    request   BLOB    NOT NULL,    -- JSON
    user_id   TEXT    REFERENCES users (id) ON DELETE CASCADE, -- null: not signed in yet
    method    TEXT    NOT NULL,    -- of the session that it was answered from
    auth_time INTEGER NOT NULL,
    code      BLOB    UNIQUE,      -- SHA-256; null: none was given
    coded     INTEGER NOT NULL,    -- when the code was given
    redeemed  INTEGER NOT NULL,    -- when the code was first presented; 0: not
    created   INTEGER NOT NULL
) STRICT;
CREATE INDEX authorizations_created ON authorizations (created);

-- What an app got of a user: all tokens that descend from one code.
CREATE TABLE grants (
    id        TEXT    PRIMARY KEY,
    app_id    TEXT    NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    user_id   TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    scopes    TEXT    NOT NULL, -- with blanks between
    method    TEXT    NOT NULL,
    auth_time INTEGER NOT NULL,
    created   INTEGER NOT NULL,
    expires   INTEGER NOT NULL
) STRICT;
CREATE INDEX grants_user ON grants (user_id);
CREATE INDEX grants_expires ON grants (expires);

CREATE TABLE refreshes (
    hash     BLOB    PRIMARY KEY, -- SHA-256 of the refresh token
    grant_id TEXT    NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    used     INTEGER NOT NULL     -- when; 0: not. A used one that comes again ends the grant
) STRICT;
CREATE INDEX refreshes_grant ON refreshes (grant_id);

CREATE TABLE accesses (
    id       TEXT    PRIMARY KEY, -- random, inside the encrypted access token
    grant_id TEXT    NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    scopes   TEXT    NOT NULL,
    expires  INTEGER NOT NULL
) STRICT;
CREATE INDEX accesses_grant ON accesses (grant_id);
CREATE INDEX accesses_expires ON accesses (expires);
