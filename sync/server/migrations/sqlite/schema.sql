-- The store as it is after every migration: for reading, and for the test that compares it with a fresh and a migrated one.

CREATE TABLE store (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- Random; a store restored from a backup gets another.
    incarnation BLOB NOT NULL CHECK (length(incarnation) = 16),
    -- Unix milliseconds.
    created_ms INTEGER NOT NULL,
    -- Unix milliseconds at which this store was put back from a backup; 0 = never.
    restored_ms INTEGER NOT NULL DEFAULT 0,
    -- Unix milliseconds of the newest backup of it; in a backup, when that was taken; 0 = never.
    backup_ms INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE organisation (
    num INTEGER PRIMARY KEY AUTOINCREMENT,
    -- SHA-256 of entry 0 of its log.
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    -- The last position taken. Taken only inside the transaction that appends.
    position INTEGER NOT NULL DEFAULT 0,
    -- The log reduced, in CBOR. Always what its entries say: verify-log recomputes it.
    state BLOB NOT NULL,
    -- Unix milliseconds.
    created_ms INTEGER NOT NULL,
    -- Place of the last entry its log had when the store was put back, -1 = never was; entries decided since may be offered again.
    restored_seq INTEGER NOT NULL DEFAULT -1,
    -- Envelopes kept, and bytes of envelopes, entries and wraps: what quotas are held against. verify-log counts again.
    envelopes INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Which key a request must be signed with.
CREATE TABLE device (
    num INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    org INTEGER NOT NULL REFERENCES organisation (num),
    member BLOB NOT NULL CHECK (length(member) = 16),
    request_key BLOB NOT NULL CHECK (length(request_key) = 32),
    -- Position of the entry that admitted it.
    since_position INTEGER NOT NULL,
    -- Position of the entry that revoked it; 0 = none has.
    revoked INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE invitation (
    num INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Hash of the token.
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    org INTEGER NOT NULL REFERENCES organisation (num),
    -- Unix milliseconds.
    expires_ms INTEGER NOT NULL,
    -- 1 when a device has been admitted on it.
    used INTEGER NOT NULL DEFAULT 0,
    -- The card of the device that asked, in CBOR; empty until one has.
    card BLOB NOT NULL DEFAULT x''
) STRICT;
CREATE INDEX invitation_by_org ON invitation (org);

CREATE TABLE case_log (
    num INTEGER PRIMARY KEY AUTOINCREMENT,
    org INTEGER NOT NULL REFERENCES organisation (num),
    id BLOB NOT NULL CHECK (length(id) = 16),
    -- The log reduced, in CBOR.
    state BLOB NOT NULL,
    -- Position at which the case was erased, and with it the bytes of its envelopes and wraps; 0 = it is not.
    erased INTEGER NOT NULL DEFAULT 0,
    UNIQUE (org, id)
) STRICT;

-- Who reads what since when: decides what an answer holds.
CREATE TABLE membership (
    num INTEGER PRIMARY KEY AUTOINCREMENT,
    org INTEGER NOT NULL REFERENCES organisation (num),
    case_num INTEGER NOT NULL REFERENCES case_log (num),
    compartment INTEGER NOT NULL,
    member BLOB NOT NULL CHECK (length(member) = 16),
    -- Position of the entry that granted it.
    since_position INTEGER NOT NULL,
    -- Unix milliseconds after which nothing more is taken or given; 0 = no end.
    until_ms INTEGER NOT NULL DEFAULT 0,
    -- Position of the entry that removed the member, whose log goes no further for them; 0 = none has.
    ended_position INTEGER NOT NULL DEFAULT 0,
    UNIQUE (case_num, compartment, member)
) STRICT;
CREATE INDEX membership_by_member ON membership (org, member, case_num);

-- Log entries, byte for byte.
CREATE TABLE entry (
    num INTEGER PRIMARY KEY AUTOINCREMENT,
    org INTEGER NOT NULL REFERENCES organisation (num),
    -- 0 = the organisation's own log.
    case_num INTEGER NOT NULL DEFAULT 0,
    -- Place in its log, from 0.
    seq INTEGER NOT NULL,
    -- Place in the organisation's feed, from 1.
    position INTEGER NOT NULL,
    -- SHA-256 of the bytes.
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    -- Unix milliseconds.
    stored_ms INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (org, case_num, seq),
    UNIQUE (org, hash)
) STRICT;
CREATE INDEX entry_by_position ON entry (org, case_num, position);

-- Keys wrapped to one device, as the log entry at the same position names them.
CREATE TABLE wrap (
    num INTEGER PRIMARY KEY AUTOINCREMENT,
    org INTEGER NOT NULL REFERENCES organisation (num),
    -- 0 = the directory.
    case_num INTEGER NOT NULL DEFAULT 0,
    -- Position of the entry that names it.
    position INTEGER NOT NULL,
    -- The only device it is given to.
    device BLOB NOT NULL CHECK (length(device) = 16),
    -- SHA-256 of the bytes.
    id BLOB NOT NULL CHECK (length(id) = 32),
    -- The whole wrap in CBOR.
    bytes BLOB NOT NULL,
    erased INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX wrap_by_device ON wrap (org, device, case_num, position);

-- Sealed envelopes: nothing here can be opened by the server.
CREATE TABLE envelope (
    num INTEGER PRIMARY KEY AUTOINCREMENT,
    org INTEGER NOT NULL REFERENCES organisation (num),
    -- 0 = the directory.
    case_num INTEGER NOT NULL DEFAULT 0,
    compartment INTEGER NOT NULL,
    -- 1 segment, 2 snapshot, 3 seen vector.
    kind INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    device BLOB NOT NULL CHECK (length(device) = 16),
    -- Place in the device's chain in this stream and kind, from 1.
    seq INTEGER NOT NULL,
    -- Place in the organisation's feed, from 1.
    position INTEGER NOT NULL,
    -- SHA-256 of the bytes.
    id BLOB NOT NULL CHECK (length(id) = 32),
    -- Unix milliseconds.
    stored_ms INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    -- Position of what took its place and its bytes away; 0 = nothing has. Snapshots and seen vectors: the next one of the same device in
    -- the same stream. Segments, and snapshots under an older key: the second of two people's snapshots that hold what they said.
    replaced INTEGER NOT NULL DEFAULT 0,
    -- Length of the bytes it had.
    replaced_len INTEGER NOT NULL DEFAULT 0,
    -- Position at which its case was erased, and its bytes with it; 0 = it is not: how a list that was begun before keeps its length.
    erased INTEGER NOT NULL DEFAULT 0,
    UNIQUE (org, case_num, compartment, kind, device, seq),
    UNIQUE (org, id)
) STRICT;
CREATE INDEX envelope_by_position ON envelope (org, case_num, compartment, kind, position);

-- How far in each device's chain of segments a snapshot reaches.
CREATE TABLE cover (
    num INTEGER PRIMARY KEY AUTOINCREMENT,
    snapshot INTEGER NOT NULL REFERENCES envelope (num),
    device BLOB NOT NULL CHECK (length(device) = 16),
    seq INTEGER NOT NULL,
    UNIQUE (snapshot, device)
) STRICT;

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
