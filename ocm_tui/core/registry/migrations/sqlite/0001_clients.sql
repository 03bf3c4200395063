-- The clients, and what their cache may not know yet. Times are microseconds since 1970, UTC.

CREATE TABLE clients (
    client_id BLOB NOT NULL PRIMARY KEY CHECK (length(client_id) = 16),
    client_code TEXT NOT NULL DEFAULT '' CHECK (length(client_code) <= 64),
    client_secret_hash TEXT NOT NULL DEFAULT '',
    bap_id TEXT CHECK (length(bap_id) <= 255),
    bap_uri TEXT,
    allowed_ips TEXT NOT NULL DEFAULT '[]' CHECK (json_type(allowed_ips) = 'array'),
    rate_limit INTEGER NOT NULL DEFAULT 60 CHECK (rate_limit BETWEEN 1 AND 2147483647),
    status TEXT NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'SUSPENDED', 'REVOKED')),
    metadata TEXT NOT NULL DEFAULT '{}' CHECK (json_type(metadata) = 'object'),
    profile_version INTEGER NOT NULL DEFAULT 0,
    status_version INTEGER NOT NULL DEFAULT 0,
    row_version INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000),
    updated_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000),
    last_synced_at INTEGER
) STRICT;

CREATE INDEX clients_code ON clients (client_code);
CREATE INDEX clients_status ON clients (status);

CREATE TABLE row_version_sequence (last INTEGER NOT NULL) STRICT;
INSERT INTO row_version_sequence VALUES (0);

CREATE TABLE cache_outbox (
    client_id BLOB NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    queued_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000)
) STRICT;

CREATE INDEX cache_outbox_version ON cache_outbox (version);

-- Whoever writes, by hand too: a row that changed has a version that none had before, and waits in the outbox.
CREATE TRIGGER clients_inserted AFTER INSERT ON clients BEGIN
    UPDATE row_version_sequence SET last = last + 1;
    UPDATE clients SET row_version = (SELECT last FROM row_version_sequence) WHERE rowid = NEW.rowid;
    INSERT INTO cache_outbox (client_id, version) VALUES (NEW.client_id, (SELECT last FROM row_version_sequence))
        ON CONFLICT (client_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER clients_updated AFTER UPDATE OF client_code, client_secret_hash, bap_id, bap_uri, allowed_ips,
    rate_limit, status, metadata, profile_version, status_version, created_at, updated_at, last_synced_at ON clients
BEGIN
    UPDATE row_version_sequence SET last = last + 1;
    UPDATE clients SET row_version = (SELECT last FROM row_version_sequence) WHERE rowid = NEW.rowid;
    INSERT INTO cache_outbox (client_id, version) VALUES (NEW.client_id, (SELECT last FROM row_version_sequence))
        ON CONFLICT (client_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER clients_moved BEFORE UPDATE OF client_id ON clients WHEN NEW.client_id <> OLD.client_id BEGIN
    SELECT RAISE(ABORT, 'the client_id of a client never changes');
END;

CREATE TRIGGER clients_deleted AFTER DELETE ON clients BEGIN
    UPDATE row_version_sequence SET last = last + 1;
    INSERT INTO cache_outbox (client_id, version) VALUES (OLD.client_id, (SELECT last FROM row_version_sequence))
        ON CONFLICT (client_id) DO UPDATE SET version = excluded.version;
END;
