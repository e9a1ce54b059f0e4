-- Everything this device keeps, inside one encrypted database.
CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,  -- one of the constants in vault/meta.rs
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
-- The oldest schema whose code can read this one, eight bytes.
INSERT INTO meta (key, value) VALUES ('readable_by', x'0000000000000001');

CREATE TABLE log_entry (
    log   BLOB NOT NULL,              -- empty for the organisation's log, else the case
    seq   INTEGER NOT NULL,
    hash  BLOB NOT NULL,
    bytes BLOB NOT NULL,              -- the signed entry as it travelled
    PRIMARY KEY (log, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE log_state (
    log   BLOB NOT NULL PRIMARY KEY,
    state BLOB NOT NULL               -- the reduction of the entries, CBOR
) STRICT, WITHOUT ROWID;

CREATE TABLE epoch_key (
    log         BLOB NOT NULL,
    compartment INTEGER NOT NULL,
    epoch       INTEGER NOT NULL,
    key         BLOB NOT NULL,        -- 32 bytes; of an address as the strongroom takes it
    PRIMARY KEY (log, compartment, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE statement (
    stream BLOB NOT NULL,             -- empty for the directory, else the case; with one byte more for a ledger of the case
    kind   INTEGER NOT NULL,
    device BLOB NOT NULL,
    seq    INTEGER NOT NULL,
    hash   BLOB NOT NULL,
    last   BLOB NOT NULL,             -- hash of the author's last change with it
    signed BLOB NOT NULL,             -- what the author signed; empty where a snapshot vouches for it
    PRIMARY KEY (stream, kind, device, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE document (
    case_id  BLOB NOT NULL PRIMARY KEY,
    base     BLOB NOT NULL,           -- a saved Automerge document
    parked   BLOB NOT NULL,           -- changes whose past is missing, CBOR
    own      INTEGER NOT NULL DEFAULT 0, -- own changes in the document
    sealed   INTEGER NOT NULL DEFAULT 0, -- own changes that lie in an envelope
    acked    INTEGER NOT NULL DEFAULT 0, -- own changes the server has acknowledged
    seen     INTEGER NOT NULL DEFAULT 0, -- own changes that a coordinator's device has
    tell     INTEGER NOT NULL DEFAULT 0, -- on a coordinator's device: 1 when what came here is still to be told
    covered  INTEGER NOT NULL DEFAULT 0, -- segments since the newest snapshot
    touched  INTEGER NOT NULL DEFAULT 0  -- Unix milliseconds of the last change here
) STRICT, WITHOUT ROWID;

CREATE TABLE document_tail (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id BLOB NOT NULL,
    bytes   BLOB NOT NULL             -- to be read after the base, in order
) STRICT;
CREATE INDEX document_tail_case ON document_tail (case_id, id);

CREATE TABLE unsent_item (
    case_id BLOB NOT NULL,
    kind    TEXT NOT NULL,            -- meeting, note, task, offer, stage, profile
    item    TEXT NOT NULL,
    change  INTEGER NOT NULL,         -- the own change after which the server has it
    PRIMARY KEY (case_id, kind, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    push_id BLOB NOT NULL UNIQUE,     -- SHA-256 of the entry or envelope
    case_id BLOB NOT NULL,            -- empty for the organisation
    kind    INTEGER NOT NULL,         -- 0 log entry, 1 envelope, 2 snapshot
    push    BLOB NOT NULL,            -- byte for byte what is sent until it is acknowledged
    changes INTEGER NOT NULL DEFAULT 0, -- own changes acknowledged with it
    intent  INTEGER,                  -- the intent it carries out
    sent_ms INTEGER NOT NULL DEFAULT 0, -- Unix milliseconds of the receipt; 0 while it waits. Kept for a while so that a restored server can be offered it again
    refused TEXT                      -- the server's code, when it will not have it
) STRICT;
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

-- On a coordinator's device: what devices that were cut off had written and not sent.
CREATE TABLE quarantine (
    item_id  BLOB NOT NULL PRIMARY KEY, -- SHA-256 of the item as it travelled
    device   BLOB NOT NULL,           -- whose words these are
    came_ms  INTEGER NOT NULL,        -- Unix milliseconds
    contents BLOB NOT NULL,           -- the author's signed statements with their bodies, CBOR
    rejected INTEGER NOT NULL DEFAULT 0 -- 1 when somebody here said no to a case that is nowhere else
) STRICT, WITHOUT ROWID;

-- What came of the ledgers of cases: envelopes as they travelled. What they say stands nowhere else here.
CREATE TABLE ledger (
    id          BLOB NOT NULL PRIMARY KEY, -- the envelope's
    case_id     BLOB NOT NULL,
    compartment INTEGER NOT NULL,
    device      BLOB NOT NULL,        -- who wrote it, as its header says
    seq         INTEGER NOT NULL,
    bytes       BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_stream ON ledger (case_id, compartment, device, seq);

-- Entries written here that wait for a key; those about an address lie as the strongroom takes them.
CREATE TABLE ledger_draft (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id     BLOB NOT NULL,
    compartment INTEGER NOT NULL,
    claimed_ms  INTEGER NOT NULL,     -- Unix milliseconds
    words       BLOB NOT NULL
) STRICT;

CREATE TABLE intent (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    what     BLOB NOT NULL,           -- a membership change still to be made, CBOR
    attempts INTEGER NOT NULL DEFAULT 0,
    refused  TEXT
) STRICT;

CREATE TABLE inbox (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id  BLOB NOT NULL UNIQUE,    -- SHA-256 of the whole item
    kind     INTEGER NOT NULL,
    position INTEGER NOT NULL,
    case_id  BLOB NOT NULL,           -- empty for the organisation
    total    INTEGER NOT NULL,        -- bytes of the whole item
    bytes    BLOB NOT NULL,           -- what has come so far
    code     TEXT                     -- why it is set aside
) STRICT;

CREATE TABLE name (
    subject BLOB NOT NULL PRIMARY KEY, -- organisation, person or device
    name    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE case_row (
    case_id      BLOB NOT NULL PRIMARY KEY,
    row          TEXT NOT NULL,       -- what lists show, and under `held` what is counted and disputed; JSON
    last_contact INTEGER,
    born_here    INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE task_row (
    case_id BLOB NOT NULL,
    item    TEXT NOT NULL,
    row     TEXT NOT NULL,            -- what lists show, JSON
    PRIMARY KEY (case_id, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE search_item (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id BLOB NOT NULL,
    kind    TEXT NOT NULL,
    item    TEXT NOT NULL,
    text    TEXT NOT NULL,            -- as written
    folded  TEXT NOT NULL,            -- as searched
    at      INTEGER,                  -- when it took place or was written, Unix milliseconds
    author  BLOB,                     -- the person
    UNIQUE (case_id, kind, item)
) STRICT;
CREATE VIRTUAL TABLE search USING fts5 (folded, content='search_item', content_rowid='id', tokenize='unicode61 remove_diacritics 0');
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);
CREATE TRIGGER search_item_in AFTER INSERT ON search_item BEGIN
    INSERT INTO search (rowid, folded) VALUES (new.id, new.folded);
END;
CREATE TRIGGER search_item_out AFTER DELETE ON search_item BEGIN
    INSERT INTO search (search, rowid, folded) VALUES ('delete', old.id, old.folded);
END;

CREATE TABLE undo (
    token   TEXT NOT NULL PRIMARY KEY,
    case_id BLOB NOT NULL,
    edit    BLOB NOT NULL,            -- the compensating act, JSON
    made    INTEGER NOT NULL          -- Unix milliseconds
) STRICT, WITHOUT ROWID;

CREATE TABLE tally (
    code     TEXT NOT NULL PRIMARY KEY, -- a stable code, or the name of something timed
    count    INTEGER NOT NULL DEFAULT 0,
    last_ms  INTEGER NOT NULL DEFAULT 0, -- Unix milliseconds
    total_ms INTEGER NOT NULL DEFAULT 0, -- of what was timed
    worst_ms INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
