-- +goose Up
-- Which device confirmed who is there. A confirmation without one is by the password or by what stands for it, which adds
-- no device to an account that has one.
ALTER TABLE sessions ADD COLUMN vouched BLOB; -- credential id; null: none did

ALTER TABLE users ADD COLUMN bare INTEGER NOT NULL DEFAULT 0;   -- when the last device was removed though none vouched for who did it; 0: not so
ALTER TABLE users ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0; -- 1: a device vouched for who reported, so that devices may be blocked too

-- Who invited, as a user: what that one may do is asked again when the pass is used. Empty: the command line.
ALTER TABLE invitations ADD COLUMN inviter TEXT NOT NULL DEFAULT '';
UPDATE invitations SET inviter = coalesce((SELECT id FROM users WHERE upn = actor), '');
