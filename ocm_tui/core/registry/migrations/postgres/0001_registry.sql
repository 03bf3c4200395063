-- The client registry. `client_registry` stands for the schema that is configured.

CREATE SEQUENCE client_registry.row_version_seq;

CREATE TABLE client_registry.clients (
    client_id          uuid PRIMARY KEY,
    client_code        varchar(64) COLLATE "C" NOT NULL DEFAULT '',
    client_secret_hash text NOT NULL DEFAULT '',
    bap_id             varchar(255),
    bap_uri            text,
    rate_limit         integer NOT NULL DEFAULT 60 CHECK (rate_limit > 0),
    allowed_ips        cidr[] NOT NULL DEFAULT '{}' CHECK (array_position(allowed_ips, NULL) IS NULL),
    status             text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'SUSPENDED', 'REVOKED')),
    metadata           jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
    -- 0, and no code: a stub, that is a status that came before its client. Hidden from reads.
    profile_version    bigint NOT NULL DEFAULT 0,
    status_version     bigint NOT NULL DEFAULT 0,
    row_version        bigint NOT NULL,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    last_synced_at     timestamptz,
    -- What may be shown of the hash, so that an account can be allowed to see everything else.
    has_secret         boolean NOT NULL GENERATED ALWAYS AS (client_secret_hash <> '') STORED
);

CREATE INDEX clients_code ON client_registry.clients (client_code);
CREATE INDEX clients_stubs ON client_registry.clients (client_id) WHERE profile_version = 0 AND client_code = '';

-- The name that the hash has for older readers.
CREATE VIEW client_registry.clients_with_api_key AS
    SELECT *, client_secret_hash AS api_key_hash FROM client_registry.clients;

-- Rows whose newest version the cache may not know yet. Deleted ones stay until their copies are known to be gone.
CREATE TABLE client_registry.cache_outbox (
    client_id uuid PRIMARY KEY,
    version   bigint NOT NULL,
    queued_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX cache_outbox_version ON client_registry.cache_outbox (version);

-- One sequence for the whole table: the version grows over delete and re-create. This runs for every row, so it changes
-- no settings and no account, which would double its cost: who writes needs USAGE on the sequence.
CREATE FUNCTION client_registry.new_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.row_version := nextval('client_registry.row_version_seq');
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$;

CREATE TRIGGER new_version BEFORE INSERT OR UPDATE ON client_registry.clients
    FOR EACH ROW EXECUTE FUNCTION client_registry.new_version();

-- Copies in caches are known by the id: under another one they would be forgotten there.
CREATE FUNCTION client_registry.same_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the client_id of a client never changes' USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER same_id BEFORE UPDATE ON client_registry.clients
    FOR EACH ROW WHEN (NEW.client_id <> OLD.client_id) EXECUTE FUNCTION client_registry.same_id();

-- Once per statement, in the order of ids: cheap for imports, and two of them never wait for each other in a ring.
CREATE FUNCTION client_registry.into_outbox() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO client_registry.cache_outbox AS o (client_id, version)
    SELECT client_id, row_version FROM written ORDER BY client_id
    ON CONFLICT (client_id) DO UPDATE SET version = excluded.version WHERE o.version < excluded.version;
    IF FOUND THEN
        PERFORM pg_notify('client_registry', '');
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION client_registry.gone_into_outbox() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO client_registry.cache_outbox AS o (client_id, version)
    SELECT client_id, nextval('client_registry.row_version_seq') FROM (SELECT client_id FROM gone ORDER BY client_id) s
    ON CONFLICT (client_id) DO UPDATE SET version = excluded.version WHERE o.version < excluded.version;
    IF FOUND THEN
        PERFORM pg_notify('client_registry', '');
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER inserted_into_outbox AFTER INSERT ON client_registry.clients
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION client_registry.into_outbox();
CREATE TRIGGER updated_into_outbox AFTER UPDATE ON client_registry.clients
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION client_registry.into_outbox();
CREATE TRIGGER deleted_into_outbox AFTER DELETE ON client_registry.clients
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION client_registry.gone_into_outbox();

REVOKE EXECUTE ON FUNCTION client_registry.new_version(), client_registry.into_outbox(),
    client_registry.gone_into_outbox() FROM PUBLIC;

-- Events that had their effect; kept longer than the stream keeps them.
CREATE TABLE client_registry.processed_events (
    event_id     text COLLATE "C" PRIMARY KEY,
    stream_id    text NOT NULL,
    processed_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX processed_events_age ON client_registry.processed_events (processed_at);
