-- Text is compared under BINARY: memcmp of its UTF-8, the order that DynamoDB gives sort keys.
-- `body` stands last, so that listing heads does not walk the overflow pages of long bodies.
CREATE TABLE records (
    key TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL CHECK (typeof(version) = 'integer' AND version >= 1),
    expires_at INTEGER CHECK (typeof(expires_at) IN ('integer', 'null')),
    head TEXT NOT NULL,
    head_digest BLOB NOT NULL CHECK (length(head_digest) = 32),
    entries TEXT NOT NULL,
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    spill_sha256 TEXT CHECK (length(spill_sha256) = 64),
    body TEXT CHECK ((body IS NULL) <> (spill_sha256 IS NULL))
);

CREATE INDEX records_expiring ON records (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE entries (
    index_name TEXT NOT NULL,
    sort TEXT NOT NULL,
    key TEXT NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    PRIMARY KEY (index_name, sort)
) WITHOUT ROWID;

CREATE TABLE counters (
    counter TEXT NOT NULL,
    shard INTEGER NOT NULL,
    value INTEGER NOT NULL CHECK (typeof(value) = 'integer'),
    PRIMARY KEY (counter, shard)
) WITHOUT ROWID;

CREATE TABLE queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    event_id TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    visible_at REAL NOT NULL,
    receipt TEXT UNIQUE
);

CREATE INDEX queue_waiting ON queue (queue, visible_at);

-- Runs are immutable. INSERT OR REPLACE and UPDATE OR REPLACE delete the row in their way without firing a DELETE
-- trigger (recursive triggers are off by default), be it found by its key or by its rowid: so both are looked up here.
CREATE TRIGGER runs_are_not_replaced BEFORE INSERT ON records
WHEN EXISTS (
    SELECT 1 FROM records WHERE key = NEW.key AND substr(key, 1, 4) = 'run/'
    UNION ALL
    SELECT 1 FROM records WHERE rowid = NEW.rowid AND substr(key, 1, 4) = 'run/'
)
BEGIN
    SELECT RAISE(ABORT, 'a run record is immutable');
END;

CREATE TRIGGER runs_are_not_changed BEFORE UPDATE ON records
WHEN substr(OLD.key, 1, 4) = 'run/' OR substr(NEW.key, 1, 4) = 'run/' OR EXISTS (
    SELECT 1 FROM records WHERE rowid = NEW.rowid AND substr(key, 1, 4) = 'run/'
)
BEGIN
    SELECT RAISE(ABORT, 'a run record is immutable');
END;

CREATE TRIGGER runs_are_not_deleted BEFORE DELETE ON records
WHEN substr(OLD.key, 1, 4) = 'run/'
BEGIN
    SELECT RAISE(ABORT, 'a run record is immutable');
END;
