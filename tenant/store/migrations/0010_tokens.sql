-- +goose Up
-- Apps say which signature they can verify, and tokens remember how their user signed in: with which device, so that they
-- end when it goes.

ALTER TABLE apps ADD COLUMN alg TEXT NOT NULL DEFAULT 'ES256';
ALTER TABLE keys ADD COLUMN alg TEXT NOT NULL DEFAULT 'ES256'; -- of use "sig": "ES256", or "RS256" with an RSA key

ALTER TABLE authorizations ADD COLUMN number TEXT NOT NULL DEFAULT ''; -- these three as in sessions
ALTER TABLE authorizations ADD COLUMN uv TEXT NOT NULL DEFAULT '';
ALTER TABLE authorizations ADD COLUMN registration BLOB;
ALTER TABLE authorizations ADD COLUMN consent TEXT NOT NULL DEFAULT ''; -- id of the user who let the app in, or "denied"; empty: nobody was asked
ALTER TABLE grants ADD COLUMN number TEXT NOT NULL DEFAULT '';
ALTER TABLE grants ADD COLUMN uv TEXT NOT NULL DEFAULT '';
ALTER TABLE grants ADD COLUMN registration BLOB;
CREATE INDEX grants_registration ON grants (registration) WHERE registration IS NOT NULL;

-- One sign-in on another device (RFC 8628), from its first request until its codes have expired.
CREATE TABLE devices (
    id           TEXT    PRIMARY KEY, -- also the id of the grant that comes of it
    app_id       TEXT    NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    code         BLOB    NOT NULL UNIQUE, -- SHA-256 of the device code
    user_code    TEXT    NOT NULL UNIQUE, -- short, so a hash would hide nothing; it is good for minutes
    scopes       TEXT    NOT NULL,
    address      TEXT    NOT NULL, -- where it was asked for; the person sees it
    state        TEXT    NOT NULL, -- "pending", "approved", "denied", "used"
    user_id      TEXT    REFERENCES users (id) ON DELETE CASCADE,
    method       TEXT    NOT NULL,
    number       TEXT    NOT NULL,
    uv           TEXT    NOT NULL,
    registration BLOB,
    auth_time    INTEGER NOT NULL,
    polled       INTEGER NOT NULL, -- when the device asked last; 0: never
    pace         INTEGER NOT NULL, -- ms that it has to leave between
    created      INTEGER NOT NULL,
    expires      INTEGER NOT NULL
) STRICT;
CREATE INDEX devices_expires ON devices (expires);
CREATE INDEX devices_address ON devices (address, expires);
