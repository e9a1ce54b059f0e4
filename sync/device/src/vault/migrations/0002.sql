-- What was sent is kept for a while, what happens on this device is counted, and a search says when and by whom. Rows
-- that do not say so yet are made anew when they are first asked for.
ALTER TABLE outbox ADD COLUMN sent_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE search_item ADD COLUMN at INTEGER;
ALTER TABLE search_item ADD COLUMN author BLOB;

CREATE TABLE tally (
    code     TEXT NOT NULL PRIMARY KEY, -- a stable code, or the name of something timed
    count    INTEGER NOT NULL DEFAULT 0,
    last_ms  INTEGER NOT NULL DEFAULT 0, -- Unix milliseconds
    total_ms INTEGER NOT NULL DEFAULT 0, -- of what was timed
    worst_ms INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- The oldest schema whose code can read this one, eight bytes.
INSERT INTO meta (key, value) VALUES ('readable_by', x'0000000000000001');
