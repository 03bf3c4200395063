-- A rotation has a version of its own: it may come after a newer change of the profile that says nothing about the key.
ALTER TABLE client_registry.clients ADD COLUMN secret_version bigint NOT NULL DEFAULT 0;
