-- +goose Up
-- Who may sign in how. A group is named by its id everywhere: giving a new group an old name gives it none of the old
-- one's rights.

ALTER TABLE users ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0; -- when; 0: not
ALTER TABLE attempts ADD COLUMN policy TEXT NOT NULL DEFAULT '';  -- what the policy decided when it began
ALTER TABLE signins ADD COLUMN policy TEXT NOT NULL DEFAULT '';

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

-- One row for the tenant, whose group_id is empty, and one for each group that says something.
CREATE TABLE rules (
    group_id TEXT PRIMARY KEY,
    phone    TEXT NOT NULL, -- "off", "optional", "required"; empty: says nothing
    password TEXT NOT NULL  -- "on", "off"; empty: says nothing
) STRICT, WITHOUT ROWID;

-- What admins changed. Like the sign-in log it outlives what it names.
CREATE TABLE audit (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    time   INTEGER NOT NULL,
    actor  TEXT    NOT NULL,
    action TEXT    NOT NULL,
    target TEXT    NOT NULL,
    before TEXT    NOT NULL, -- JSON; null: was not
    after  TEXT    NOT NULL  -- JSON; null: is no more
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER audit_is_final BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
-- +goose StatementEnd
