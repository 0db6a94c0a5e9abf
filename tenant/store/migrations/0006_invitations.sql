-- +goose Up
-- A one-time pass with which somebody without a password comes to the first phone.
CREATE TABLE invitations (
    id      TEXT    PRIMARY KEY,
    user_id TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    secret  BLOB    NOT NULL UNIQUE, -- SHA-256 of the pass, which has 100 random bits
    actor   TEXT    NOT NULL,        -- who invited
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used    INTEGER NOT NULL         -- 0: not
) STRICT;
CREATE INDEX invitations_user ON invitations (user_id);
