-- +goose Up
ALTER TABLE users ADD COLUMN risk INTEGER NOT NULL DEFAULT 0;  -- since when a report of the user's stands; 0: none

ALTER TABLE signins ADD COLUMN app TEXT NOT NULL DEFAULT '';     -- for which it was
ALTER TABLE signins ADD COLUMN device TEXT NOT NULL DEFAULT '';  -- name of the phone or passkey at that time
CREATE INDEX signins_request ON signins (request);
CREATE INDEX signins_code ON signins (code, seq);

ALTER TABLE failures ADD COLUMN refused INTEGER NOT NULL DEFAULT 0; -- tries while it was locked
