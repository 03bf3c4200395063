-- Two roles for the registry's Postgres. Run as the owner of the tables:
--   psql -v ON_ERROR_STOP=1 -f grants.sql "$DATABASE_URL"
-- and give each a password of its own (\password ocm_reader).

-- Looks at everything but the hashes, and changes nothing: the server refuses it, whatever a program asks for.
CREATE ROLE ocm_reader LOGIN;
GRANT USAGE ON SCHEMA client_registry TO ocm_reader;
GRANT SELECT (client_id, client_code, bap_id, bap_uri, rate_limit, allowed_ips, status, metadata, has_secret,
              profile_version, status_version, row_version, created_at, updated_at, last_synced_at)
    ON client_registry.clients TO ocm_reader;
GRANT SELECT ON client_registry.cache_outbox, client_registry.processed_events, client_registry.schema_migrations
    TO ocm_reader;
-- Sessions, locks and replication of everybody, not only of itself.
GRANT pg_read_all_stats TO ocm_reader;
-- A habit, not a protection: a session can turn it off. The missing grants are the protection.
ALTER ROLE ocm_reader SET default_transaction_read_only = on;

-- Writes clients, and runs the event consumer. It cannot change the tables themselves.
CREATE ROLE ocm_operator LOGIN;
GRANT USAGE ON SCHEMA client_registry TO ocm_operator;
GRANT SELECT, INSERT, UPDATE, DELETE ON client_registry.clients, client_registry.cache_outbox,
    client_registry.processed_events TO ocm_operator;
GRANT USAGE ON SEQUENCE client_registry.row_version_seq TO ocm_operator;
GRANT SELECT ON client_registry.schema_migrations TO ocm_operator;
GRANT pg_read_all_stats TO ocm_operator;
