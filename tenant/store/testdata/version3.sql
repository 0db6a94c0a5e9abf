-- A database as the program of version 3 of its tables left it, for the test of migrations. It is never changed.
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
CREATE TABLE users (
    id       TEXT    PRIMARY KEY,
    handle   BLOB    NOT NULL UNIQUE, -- WebAuthn user handle: apart from the id, because an authenticator may show it to anyone who holds it
    upn      TEXT    NOT NULL UNIQUE, -- lower case
    name     TEXT    NOT NULL,
    password TEXT    NOT NULL,        -- argon2id, PHC string
    created  INTEGER NOT NULL
, disabled INTEGER NOT NULL DEFAULT 0) STRICT;
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
, policy TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX attempts_expires ON attempts (expires);
CREATE TABLE failures (
    subject TEXT    PRIMARY KEY,
    count   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    until   INTEGER NOT NULL -- locked until; 0: not
) STRICT;
CREATE INDEX failures_last ON failures (last);
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
, policy TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX signins_time ON signins (time);
CREATE INDEX signins_user ON signins (user_id, time);
CREATE TABLE groups (
    id      TEXT    PRIMARY KEY, -- 32 hex digits, random, for ever
    name    TEXT    NOT NULL UNIQUE,
    created INTEGER NOT NULL
) STRICT;
CREATE TABLE members (
    group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_user ON members (user_id);
CREATE TABLE rules (
    group_id TEXT PRIMARY KEY,
    phone    TEXT NOT NULL, -- "off", "optional", "required"; empty: says nothing
    password TEXT NOT NULL  -- "on", "off"; empty: says nothing
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    time   INTEGER NOT NULL,
    actor  TEXT    NOT NULL,
    action TEXT    NOT NULL,
    target TEXT    NOT NULL,
    before TEXT    NOT NULL, -- JSON; null: was not
    after  TEXT    NOT NULL  -- JSON; null: is no more
) STRICT;
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
INSERT INTO goose_db_version (id, version_id, is_applied, tstamp) VALUES (1, 0, 1, '2026-11-23 14:00:20 +0000 UTC');
INSERT INTO goose_db_version (id, version_id, is_applied, tstamp) VALUES (2, 1, 1, '2026-11-23 14:00:20 +0000 UTC');
INSERT INTO goose_db_version (id, version_id, is_applied, tstamp) VALUES (3, 2, 1, '2026-11-23 14:00:20 +0000 UTC');
INSERT INTO goose_db_version (id, version_id, is_applied, tstamp) VALUES (4, 3, 1, '2026-11-23 14:00:20 +0000 UTC');
INSERT INTO users (id, handle, upn, name, password, created, disabled) VALUES ('a1', x'01', 'alice@contoso.example', 'Alice', '$argon2id$x', 1795000000000, 0);
INSERT INTO users (id, handle, upn, name, password, created, disabled) VALUES ('b2', x'02', 'bob@contoso.example', 'Bob', '$argon2id$y', 1795000000000, 1795000001000);
INSERT INTO registrations (id, user_id, name, public_key, sign_count, flags, aaguid, transports, created, used) VALUES (x'aa', 'a1', 'Alice''s phone', x'01', 7, 5, x'52c60b3a4ddd446e9ffe087aa54f2079', 'internal,hybrid', 1795000000000, 0);
INSERT INTO registrations (id, user_id, name, public_key, sign_count, flags, aaguid, transports, created, used) VALUES (x'ab', 'a1', 'A security key', x'01', 7, 5, x'00000000000000000000000000000000', 'usb', 1795000000001, 1795000002000);
INSERT INTO sessions (token_hash, user_id, method, registration, started, confirmed, expires) VALUES (x'cc', 'a1', 'phone', x'aa', 1795000000000, 0, 1895000000000);
INSERT INTO failures (subject, count, last, until) VALUES ('upn:bob@contoso.example', 5, 1795000000000, 1795000060000);
INSERT INTO signins (seq, time, request, upn, user_id, method, code, detail, registration, address, agent, millis, policy) VALUES (1, 1795000000000, '7f3c-91ab-40de-0b12', 'alice@contoso.example', 'a1', 'phone', 'timed_out', '', NULL, '192.0.2.7', 'Browser', 60012, 'all by default');
INSERT INTO groups (id, name, created) VALUES ('g1', 'Pilot', 1795000000000);
INSERT INTO members (group_id, user_id) VALUES ('g1', 'a1');
INSERT INTO rules (group_id, phone, password) VALUES ('', 'off', 'off');
INSERT INTO rules (group_id, phone, password) VALUES ('g1', 'optional', '');
INSERT INTO audit (seq, time, actor, action, target, before, after) VALUES (1, 1795000000000, 'cli:root', 'policy.set', 'tenant', 'null', '{"phone":"off"}');
INSERT INTO apps (id, name, secret, native, redirects, logouts, created) VALUES ('mail', 'Mail', x'0102', 0, '["https://mail.contoso.example/callback"]', '[]', 1795000000000);
INSERT INTO keys (id, use, material, created, retired) VALUES ('k1', 'enc', x'0304', 1795000000000, 0);
INSERT INTO grants (id, app_id, user_id, scopes, method, auth_time, created, expires) VALUES ('gr', 'mail', 'a1', 'openid', 'phone', 1795000000000, 1795000000000, 1895000000000);
INSERT INTO accesses (id, grant_id, scopes, expires) VALUES ('ac', 'gr', 'openid', 1895000000000);
CREATE TRIGGER signins_are_final BEFORE UPDATE ON signins BEGIN
    SELECT RAISE(ABORT, 'the sign-in log is append-only');
END;
CREATE TRIGGER audit_is_final BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
