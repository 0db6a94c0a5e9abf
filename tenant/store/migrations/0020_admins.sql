-- +goose Up
-- Who administers the tenant. A role is of a user, not of a group: putting somebody into a group makes nobody an admin.
CREATE TABLE admins (
    user_id TEXT    PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    role    TEXT    NOT NULL, -- "reader", "helpdesk", "administrator"; package admin knows what each may
    since   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the admin pages turn pages by, at a million users and as many lines of the log.
CREATE INDEX users_name ON users (name COLLATE NOCASE, id);
CREATE INDEX users_disabled ON users (upn) WHERE disabled <> 0;
CREATE INDEX users_risk ON users (upn) WHERE risk <> 0;
CREATE INDEX invitations_created ON invitations (created, id);
CREATE INDEX signins_upn ON signins (upn, seq);
CREATE INDEX signins_app ON signins (app, seq) WHERE app <> '';
CREATE INDEX audit_action ON audit (action, seq);
CREATE INDEX audit_target ON audit (target, seq);
