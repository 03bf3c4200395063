"""A stream with one consumer group as tables: each function is one transaction on the store's connection.

Ids are numbers here (see `codec.packed`), times milliseconds since 1970.
"""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence

from ocm_tui.core.registry.events.codec import packed, unpacked
from ocm_tui.core.registry.events.model import DeadLetter, Delivery, StreamConsumer, StreamStatus

__all__ = [
    "acknowledge",
    "add",
    "backlog",
    "bury",
    "claim",
    "deliver",
    "has_news",
    "join",
    "leave",
    "letters",
    "replay",
    "status",
    "tail",
    "trim",
]

_SEEN = (
    "INSERT INTO stream_consumers (stream, name, seen_at) VALUES (?, ?, ?) "
    "ON CONFLICT (stream, name) DO UPDATE SET seen_at = excluded.seen_at"
)
_AGAIN = (
    "UPDATE stream_pending SET consumer = ?, delivered_at = ?, times = times + 1 WHERE stream = ? AND id = ? "
    "RETURNING times"
)


def join(database: sqlite3.Connection, *, name: str, consumer: str, now: int) -> None:
    database.execute("INSERT INTO streams (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
    database.execute(_SEEN, (name, consumer, now))


def leave(database: sqlite3.Connection, *, name: str, consumer: str) -> None:
    """Not while something is pending under the name: others claim that."""
    database.execute(
        "DELETE FROM stream_consumers WHERE stream = ?1 AND name = ?2 AND NOT EXISTS "
        "(SELECT 1 FROM stream_pending WHERE stream = ?1 AND consumer = ?2)",
        (name, consumer),
    )


def add(database: sqlite3.Connection, *, name: str, entries: Sequence[Mapping[str, str]], now: int) -> Sequence[int]:
    """In order, also when the clock goes back."""
    database.execute("INSERT INTO streams (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
    last = int(database.execute("SELECT last_id FROM streams WHERE name = ?", (name,)).fetchone()[0])
    first = max(last + 1, now << 20)
    ids = range(first, first + len(entries))
    rows = [(name, one, _text(fields)) for one, fields in zip(ids, entries, strict=True)]
    database.executemany("INSERT INTO stream_entries (stream, id, fields) VALUES (?, ?, ?)", rows)
    if ids:
        database.execute("UPDATE streams SET last_id = ? WHERE name = ?", (ids[-1], name))
    return ids


def has_news(database: sqlite3.Connection, *, name: str) -> bool:
    question = "SELECT 1 FROM streams WHERE name = ? AND delivered_id < last_id"
    return database.execute(question, (name,)).fetchone() is not None


def deliver(database: sqlite3.Connection, *, name: str, consumer: str, count: int, now: int) -> Sequence[Delivery]:
    """The next entries that nobody was given."""
    rows = database.execute(
        "SELECT id, fields FROM stream_entries WHERE stream = ?1 AND "
        "id > (SELECT delivered_id FROM streams WHERE name = ?1) ORDER BY id LIMIT ?2",
        (name, count),
    ).fetchall()
    database.execute(_SEEN, (name, consumer, now))
    if rows:
        pending = [(name, one, consumer, now) for one, _ in rows]
        database.executemany(
            "INSERT INTO stream_pending (stream, id, consumer, delivered_at) VALUES (?, ?, ?, ?)", pending
        )
        database.execute("UPDATE streams SET delivered_id = ? WHERE name = ?", (rows[-1][0], name))
    return [Delivery(unpacked(one), json.loads(fields)) for one, fields in rows]


def backlog(database: sqlite3.Connection, *, name: str, consumer: str, count: int, now: int) -> Sequence[Delivery]:
    rows = database.execute(
        "SELECT id FROM stream_pending WHERE stream = ? AND consumer = ? ORDER BY id LIMIT ?", (name, consumer, count)
    ).fetchall()
    return _once_more(database, name, consumer, [one for (one,) in rows], now)


def claim(
    database: sqlite3.Connection, *, name: str, consumer: str, before: int, count: int, now: int
) -> Sequence[Delivery]:
    """Ours as well: what we left pending for so long is taken up once more."""
    rows = database.execute(
        "SELECT id FROM stream_pending WHERE stream = ? AND delivered_at <= ? ORDER BY id LIMIT ?",
        (name, before, count),
    ).fetchall()
    return _once_more(database, name, consumer, [one for (one,) in rows], now)


def _once_more(database: sqlite3.Connection, name: str, consumer: str, ids: Sequence[int], now: int) -> list[Delivery]:
    deliveries = []
    for one in ids:
        times = database.execute(_AGAIN, (consumer, now, name, one)).fetchone()[0]
        found = database.execute(
            "SELECT fields FROM stream_entries WHERE stream = ? AND id = ?", (name, one)
        ).fetchone()
        deliveries.append(Delivery(unpacked(one), json.loads(found[0]) if found else None, times))
    return deliveries


def acknowledge(database: sqlite3.Connection, *, name: str, ids: Sequence[int]) -> None:
    database.executemany("DELETE FROM stream_pending WHERE stream = ? AND id = ?", [(name, one) for one in ids])


def bury(database: sqlite3.Connection, *, name: str, delivery: Delivery, error: str) -> None:
    database.execute(
        "INSERT INTO stream_letters (stream, source_id, error, fields) VALUES (?, ?, ?, ?)",
        (name, delivery.stream_id, error, _text(delivery.fields or {})),
    )
    acknowledge(database, name=name, ids=[packed(delivery.stream_id)])


def tail(database: sqlite3.Connection, *, name: str, count: int) -> Sequence[Delivery]:
    rows = database.execute(
        "SELECT id, fields FROM stream_entries WHERE stream = ? ORDER BY id DESC LIMIT ?", (name, count)
    ).fetchall()
    return [Delivery(unpacked(one), json.loads(fields)) for one, fields in reversed(rows)]


def letters(database: sqlite3.Connection, *, name: str, count: int) -> Sequence[DeadLetter]:
    rows = database.execute(
        "SELECT id, source_id, error, fields FROM stream_letters WHERE stream = ? ORDER BY id DESC LIMIT ?",
        (name, count),
    ).fetchall()
    return [DeadLetter(str(row[0]), row[1], row[2], json.loads(row[3])) for row in reversed(rows)]


def replay(
    database: sqlite3.Connection,
    *,
    name: str,
    ids: Sequence[int],
    again: Callable[[str, Mapping[str, str]], Mapping[str, str]],
    now: int,
) -> int:
    sources: dict[str, Mapping[str, str]] = {}
    for one in ids:
        row = database.execute(
            "DELETE FROM stream_letters WHERE stream = ? AND id = ? RETURNING source_id, fields", (name, one)
        ).fetchone()
        if row is not None:
            sources[row[0]] = json.loads(row[1])
    add(database, name=name, entries=[again(source, fields) for source, fields in sources.items()], now=now)
    return len(sources)


def trim(database: sqlite3.Connection, *, name: str, day_ms: int, now: int) -> int:
    """Up to a day before the oldest that is pending or not delivered; and names that were silent for a day."""
    kept = database.execute(
        "SELECT min(oldest) FROM (SELECT delivered_id AS oldest FROM streams WHERE name = ?1 "
        "UNION ALL SELECT min(id) FROM stream_pending WHERE stream = ?1)",
        (name,),
    ).fetchone()[0]
    database.execute(
        "DELETE FROM stream_consumers WHERE stream = ?1 AND seen_at < ?2 AND NOT EXISTS "
        "(SELECT 1 FROM stream_pending WHERE stream = ?1 AND consumer = stream_consumers.name)",
        (name, now - day_ms),
    )
    before = (kept or 0) - (day_ms << 20)
    return database.execute("DELETE FROM stream_entries WHERE stream = ? AND id < ?", (name, before)).rowcount


def status(database: sqlite3.Connection, *, name: str, address: str, now: int) -> StreamStatus:
    length, lag, pending, oldest, dead = database.execute(
        "SELECT (SELECT count(*) FROM stream_entries WHERE stream = ?1), "
        "(SELECT count(*) FROM stream_entries WHERE stream = ?1 AND "
        "id > (SELECT delivered_id FROM streams WHERE name = ?1)), "
        "count(*), min(id), (SELECT count(*) FROM stream_letters WHERE stream = ?1) "
        "FROM stream_pending WHERE stream = ?1",
        (name,),
    ).fetchone()
    consumers = database.execute(
        "SELECT name, (SELECT count(*) FROM stream_pending WHERE stream = ?1 AND consumer = stream_consumers.name), "
        "seen_at FROM stream_consumers WHERE stream = ?1 ORDER BY name",
        (name,),
    ).fetchall()
    return StreamStatus(
        name=name,
        address=address,
        length=length,
        lag=lag,
        pending=pending,
        oldest_pending_ms=None if oldest is None else max(0, now - (oldest >> 20)),
        consumers=tuple(StreamConsumer(one, count, max(0, now - seen)) for one, count, seen in consumers),
        dead_letters=dead,
    )


def _text(fields: Mapping[str, str]) -> str:
    return json.dumps(dict(fields), ensure_ascii=True, separators=(",", ":"))
