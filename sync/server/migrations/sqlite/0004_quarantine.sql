-- What devices that were revoked had not sent, sealed for coordinators' devices.
CREATE TABLE quarantine (
    num INTEGER PRIMARY KEY AUTOINCREMENT,
    org INTEGER NOT NULL REFERENCES organisation (num),
    -- The revoked device that handed it in.
    device BLOB NOT NULL CHECK (length(device) = 16),
    -- Place in the organisation's feed, from 1.
    position INTEGER NOT NULL,
    -- SHA-256 of the bytes.
    id BLOB NOT NULL CHECK (length(id) = 32),
    -- Unix milliseconds.
    stored_ms INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (org, id)
) STRICT;
CREATE INDEX quarantine_by_device ON quarantine (device);

-- The only devices it is given to.
CREATE TABLE quarantine_recipient (
    num INTEGER PRIMARY KEY AUTOINCREMENT,
    item INTEGER NOT NULL REFERENCES quarantine (num),
    device BLOB NOT NULL CHECK (length(device) = 16),
    UNIQUE (device, item)
) STRICT;
