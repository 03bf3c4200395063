-- When the newest row was synced is asked at every look at the registry's state, and would read the whole table.
CREATE INDEX clients_last_synced ON client_registry.clients (last_synced_at) WHERE last_synced_at IS NOT NULL;
