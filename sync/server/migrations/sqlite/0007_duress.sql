-- Notices that a device was opened under duress: from then on it is answered as if it were revoked.
CREATE TABLE duress (
    num INTEGER PRIMARY KEY AUTOINCREMENT,
    org INTEGER NOT NULL REFERENCES organisation (num),
    -- The device that it speaks of, and that signed it.
    device BLOB NOT NULL UNIQUE CHECK (length(device) = 16),
    -- Place in the organisation's feed, from 1.
    position INTEGER NOT NULL,
    -- SHA-256 of the bytes.
    id BLOB NOT NULL CHECK (length(id) = 32),
    -- Unix milliseconds.
    stored_ms INTEGER NOT NULL,
    bytes BLOB NOT NULL
) STRICT;
CREATE INDEX duress_by_position ON duress (org, position);
