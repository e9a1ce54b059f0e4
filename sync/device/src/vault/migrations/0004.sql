-- On a coordinator's device: what devices that were cut off had written and not sent.
CREATE TABLE quarantine (
    item_id  BLOB NOT NULL PRIMARY KEY, -- SHA-256 of the item as it travelled
    device   BLOB NOT NULL,           -- whose words these are
    came_ms  INTEGER NOT NULL,        -- Unix milliseconds
    contents BLOB NOT NULL,           -- the author's signed statements with their bodies, CBOR
    rejected INTEGER NOT NULL DEFAULT 0 -- 1 when somebody here said no to a case that is nowhere else
) STRICT, WITHOUT ROWID;
