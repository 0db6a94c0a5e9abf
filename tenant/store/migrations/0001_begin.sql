-- +goose Up
-- Times are milliseconds since 1970, UTC. Ids are random, never change and are never used twice: what refers to a user
-- (a group, a policy, a token's subject) refers to the id, so that a changed UPN changes nothing else.

CREATE TABLE users (
    id       TEXT    PRIMARY KEY,
    handle   BLOB    NOT NULL UNIQUE, -- WebAuthn user handle: apart from the id, because an authenticator may show it to anyone who holds it
    upn      TEXT    NOT NULL UNIQUE, -- lower case
    name     TEXT    NOT NULL,
    password TEXT    NOT NULL,        -- argon2id, PHC string
    created  INTEGER NOT NULL
) STRICT;

-- A registration is a device registration: this phone may sign this user in.
CREATE TABLE registrations (
    id         BLOB    PRIMARY KEY, -- WebAuthn credential id
    user_id    TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,    -- of the phone, as its owner calls it
    public_key BLOB    NOT NULL,    -- COSE
    sign_count INTEGER NOT NULL,
    flags      INTEGER NOT NULL,    -- of the authenticator data
    aaguid     BLOB    NOT NULL,
    transports TEXT    NOT NULL,    -- comma-separated
    created    INTEGER NOT NULL,
    used       INTEGER NOT NULL     -- 0: never
) STRICT;
CREATE INDEX registrations_user ON registrations (user_id, created);

CREATE TABLE sessions (
    token_hash   BLOB    PRIMARY KEY, -- SHA-256; the token is in the browser only
    user_id      TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    method       TEXT    NOT NULL,    -- "phone" or "password"
    registration BLOB,                -- which one signed in; no foreign key: removing it must name its sessions first
    started      INTEGER NOT NULL,
    confirmed    INTEGER NOT NULL,    -- when the password was last asked again; 0: never
    expires      INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expires ON sessions (expires);

-- One WebAuthn ceremony that waits for its answer. Taking the row is what makes a challenge good for one use.
CREATE TABLE attempts (
    id      TEXT    PRIMARY KEY, -- correlation id
    kind    TEXT    NOT NULL,    -- "signin" or "register"
    browser BLOB    NOT NULL,    -- SHA-256 of the cookie that it is bound to
    user_id TEXT    REFERENCES users (id) ON DELETE CASCADE, -- null: whoever the phone says
    upn     TEXT    NOT NULL,
    options BLOB    NOT NULL,    -- JSON for the page
    state   BLOB    NOT NULL,    -- of the relying party: holds the challenge
    address TEXT    NOT NULL,
    agent   TEXT    NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT;
CREATE INDEX attempts_expires ON attempts (expires);

-- Wrong passwords by account or address. Keyed by text, not by user: a UPN that does not exist locks just the same.
CREATE TABLE failures (
    subject TEXT    PRIMARY KEY,
    count   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    until   INTEGER NOT NULL -- locked until; 0: not
) STRICT;
CREATE INDEX failures_last ON failures (last);

-- The sign-in log. It outlives what it names: no foreign keys.
CREATE TABLE signins (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    time         INTEGER NOT NULL,
    request      TEXT    NOT NULL, -- correlation id, on the page too
    upn          TEXT    NOT NULL, -- empty: not known
    user_id      TEXT    NOT NULL, -- empty: no such user
    method       TEXT    NOT NULL,
    code         TEXT    NOT NULL,
    detail       TEXT    NOT NULL,
    registration BLOB,
    address      TEXT    NOT NULL,
    agent        TEXT    NOT NULL,
    millis       INTEGER NOT NULL  -- from request to outcome
) STRICT;
CREATE INDEX signins_time ON signins (time);
CREATE INDEX signins_user ON signins (user_id, time);

-- +goose StatementBegin
CREATE TRIGGER signins_are_final BEFORE UPDATE ON signins BEGIN
    SELECT RAISE(ABORT, 'the sign-in log is append-only');
END;
-- +goose StatementEnd
