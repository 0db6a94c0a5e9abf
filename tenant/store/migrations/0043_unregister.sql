-- +goose Up
-- SHA-256 of the token by which a desktop says that its person removed the registration; null: it has none.
ALTER TABLE registrations ADD COLUMN unregister BLOB;
