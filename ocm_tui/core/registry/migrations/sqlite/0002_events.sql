-- What the consumer of client events remembers, and a stream of them for who has no Redis. Times are milliseconds
-- since 1970, UTC, but for `processed_at`: microseconds, as in the table of clients. The id of an entry is its time,
-- shifted left by 20 bits, and its number within that millisecond.

CREATE TABLE processed_events (
    event_id TEXT NOT NULL PRIMARY KEY,
    stream_id TEXT NOT NULL,
    processed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX processed_events_processed_at ON processed_events (processed_at);

-- A rotation has a version of its own: it may come after a newer change of the profile that says nothing about the key.
ALTER TABLE clients ADD COLUMN secret_version INTEGER NOT NULL DEFAULT 0;

CREATE TABLE streams (
    name TEXT NOT NULL PRIMARY KEY,
    last_id INTEGER NOT NULL DEFAULT 0,
    delivered_id INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE stream_entries (
    stream TEXT NOT NULL,
    id INTEGER NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (stream, id)
) STRICT;

CREATE TABLE stream_pending (
    stream TEXT NOT NULL,
    id INTEGER NOT NULL,
    consumer TEXT NOT NULL,
    delivered_at INTEGER NOT NULL,
    times INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (stream, id)
) STRICT;

CREATE TABLE stream_consumers (
    stream TEXT NOT NULL,
    name TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (stream, name)
) STRICT;

CREATE TABLE stream_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stream TEXT NOT NULL,
    source_id TEXT NOT NULL,
    error TEXT NOT NULL,
    fields TEXT NOT NULL
) STRICT;
