-- +goose Up
-- Who looks for an address finds its lines among a million.
CREATE INDEX signins_address ON signins (address, seq) WHERE address <> '';
