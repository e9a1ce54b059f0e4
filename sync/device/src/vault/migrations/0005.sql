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
