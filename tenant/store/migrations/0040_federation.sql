-- +goose Up
-- Domains whose users another OpenID Provider signs in, and which of its subjects is which user.

CREATE TABLE federations (
    domain  TEXT    PRIMARY KEY, -- lower case, of the UPN
    issuer  TEXT    NOT NULL,
    client  TEXT    NOT NULL,    -- client_id that the issuer gave the tenant
    secret  TEXT    NOT NULL,    -- as it is: it has to be presented. Empty: a public client
    claim   TEXT    NOT NULL,    -- of the ID token or userinfo that holds the UPN
    created INTEGER NOT NULL
) STRICT;

-- A subject is told apart from a name that is given away anew: whoever has it later is somebody else.
CREATE TABLE subjects (
    issuer  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    user_id TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject),
    UNIQUE (user_id, issuer)
) STRICT, WITHOUT ROWID;
