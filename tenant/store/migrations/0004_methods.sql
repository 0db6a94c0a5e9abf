-- +goose Up
-- Every way to sign in has its word in a rule, and every device says what it is and how it verified its person.

CREATE TABLE words (
    group_id TEXT NOT NULL, -- empty: the tenant
    setting  TEXT NOT NULL, -- such as "phone"; package policy knows them
    word     TEXT NOT NULL,
    PRIMARY KEY (group_id, setting)
) STRICT, WITHOUT ROWID;
INSERT INTO words SELECT group_id, 'phone', phone FROM rules WHERE phone <> '';
INSERT INTO words SELECT group_id, 'instead', password FROM rules WHERE password <> '';
DROP TABLE rules;
ALTER TABLE words RENAME TO rules;

ALTER TABLE registrations ADD COLUMN kind TEXT NOT NULL DEFAULT 'phone';  -- "phone", or "passkey": it matches no numbers
ALTER TABLE registrations ADD COLUMN use TEXT NOT NULL DEFAULT 'signin';  -- "signin", or "approve": second factor after a password
ALTER TABLE registrations ADD COLUMN uv TEXT NOT NULL DEFAULT '';         -- "platform", "pin"; empty: it does not say
ALTER TABLE registrations ADD COLUMN renews BLOB;                         -- which one goes once this one has signed in
UPDATE registrations SET kind = 'passkey' WHERE aaguid <> x'52c60b3a4ddd446e9ffe087aa54f2079';

ALTER TABLE sessions ADD COLUMN number TEXT NOT NULL DEFAULT '';  -- "type", "choose", "approve"; empty: no number was matched
ALTER TABLE sessions ADD COLUMN uv TEXT NOT NULL DEFAULT '';      -- how the phone verified the person
ALTER TABLE sessions ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;  -- 1: outlives the browser

ALTER TABLE attempts ADD COLUMN app TEXT NOT NULL DEFAULT '';     -- for which it began
ALTER TABLE attempts ADD COLUMN keep INTEGER NOT NULL DEFAULT 0;  -- 1: the person wants to stay signed in
ALTER TABLE attempts ADD COLUMN use TEXT NOT NULL DEFAULT '';     -- of the registration that comes of it
ALTER TABLE attempts ADD COLUMN renews BLOB;
