-- What waits, what was refused and what is kept of a case are found without reading past the envelopes that are kept.
CREATE INDEX outbox_waiting ON outbox (kind, id) WHERE sent_ms = 0;
CREATE INDEX outbox_refused ON outbox (refused) WHERE refused IS NOT NULL;
CREATE INDEX outbox_kept ON outbox (case_id, kind, sent_ms, changes);

-- Names that something waiting had before it was sealed again under a newer key.
CREATE TABLE resealed (
    older   BLOB NOT NULL PRIMARY KEY,
    push_id BLOB NOT NULL             -- its name in the outbox
) STRICT, WITHOUT ROWID;

-- The last segment of each author that came and could not be read, where that is further than what could.
CREATE TABLE unread (
    case_id BLOB NOT NULL,
    device  BLOB NOT NULL,
    seq     INTEGER NOT NULL,
    PRIMARY KEY (case_id, device)
) STRICT, WITHOUT ROWID;
