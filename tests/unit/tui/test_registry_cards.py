"""What the status cards say of servers that are well, unwell and dead."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ocm_tui.core.registry.events.model import StreamConsumer, StreamStatus
from ocm_tui.core.registry.model import StatusCounts
from ocm_tui.core.registry.status import CacheStatus, DatabaseStatus, OwnReads, RegistryStatus, Sessions
from ocm_tui.tui.models.registry_cards import Card, StatusHistory, cards

NOW = datetime(2026, 2, 3, 12, 0, tzinfo=UTC)
DATABASE = DatabaseStatus(
    kind="postgres", version="18.6", latency_ms=2.0, newest_synced_at=NOW - timedelta(seconds=4),
    table_bytes=12_000_000, sessions=Sessions(12, 1, 0, 0, 100), outbox=0,
)  # fmt: skip
CACHE = CacheStatus(kind="redis", version="9.1", latency_ms=0.3, keys=912, used_memory=12_000_000, hit_ratio=0.982)
STREAM = StreamStatus(
    name="s",
    length=120,
    lag=0,
    pending=0,
    dead_letters=0,
    consumers=(StreamConsumer("a", 0, 1), StreamConsumer("b", 0, 1)),
)
WELL = RegistryStatus(DATABASE, CACHE, STREAM, StatusCounts(1279, 2, 3), NOW)


def said(card: Card) -> str:
    return " | ".join([card.mark, *card.facts, *(" · ".join(word.text for word in line) for line in card.lines)])


def of(*looks: RegistryStatus, states: Counter[str] | None = None, feed: str = "live") -> tuple[Card, Card, Card]:
    history = StatusHistory()
    for look in looks:
        history.add(look)
    return cards(history, states or Counter(), feed=feed, now=NOW)


def test_well() -> None:
    database, cache, stream = of(WELL)
    assert said(database).startswith(
        "● up | Postgres 18.6 | 1,284 clients · 2 suspended · 3 revoked"
        " | newest sync 4 s ago · 12.0 MB | latency 2.0 ms"
    )
    assert said(cache).startswith("● up | 9.1 | hit 98.2 % · 12.0 MB | 912 keys | feed live")
    assert said(stream) == "● up | 2 consumers · 0 pending | 0 dead letters · 120 events | lag 0"


def test_before_the_first_look() -> None:
    assert {card.mark for card in of()} == {"◌ unknown"}


def test_a_dead_part_says_what_was_known_and_since_when() -> None:
    earlier = replace(WELL, taken_at=NOW - timedelta(seconds=90))
    dead = replace(
        WELL,
        database=DatabaseStatus(kind="postgres", reachable=False, problem="the database did not answer in 3 s"),
        cache=CacheStatus(kind="redis", reachable=False, problem="connection refused"),
        stream=StreamStatus(name="s", reachable=False, problem="connection refused"),
        clients=None,
    )
    database, cache, stream = of(earlier, dead)
    assert said(database) == ("▲ unreachable | the database did not answer in 3 s | 1,284 clients as of 1 min ago")
    assert said(cache) == "▲ unreachable | connection refused | reads go to the database · seen 1 min ago"
    assert said(stream) == "▲ unreachable | connection refused | seen 1 min ago"


@pytest.mark.parametrize(
    ("look", "card", "words", "tone"),
    [
        (replace(WELL, database=replace(DATABASE, outbox=3)), 0, "3 not yet propagated", "warn"),
        (replace(WELL, database=replace(DATABASE, latency_ms=900.0)), 0, "◐ slow", "warn"),
        (replace(WELL, database=replace(DATABASE, denied=("pg_stat_activity",))), 0, "may not see pg_stat", "good"),
        (replace(WELL, clients=None, clients_problem="denied"), 0, "denied", "good"),
        (replace(WELL, clients=StatusCounts(5, 0, 0, exact=False)), 0, "~ 5 clients", "good"),
        (replace(WELL, cache=replace(CACHE, breaker="open")), 1, "breaker open: reads go to the database", "warn"),
        (replace(WELL, cache=replace(CACHE, max_memory=13_000_000)), 1, "12.0 MB of 13.0 MB", "good"),
        (replace(WELL, cache=replace(CACHE, hit_ratio=None)), 1, "no reads yet", "good"),
        (replace(WELL, stream=None), 2, "○ not configured", "dim"),
        (replace(WELL, stream=replace(STREAM, lag=None)), 2, "lag unknown", "good"),
        (replace(WELL, stream=replace(STREAM, dead_letters=1)), 2, "1 dead letter ·", "warn"),
        (replace(WELL, stream=replace(STREAM, lag=5000)), 2, "◐ behind", "warn"),
    ],
)
def test_what_wants_attention(look: RegistryStatus, card: int, words: str, tone: str) -> None:
    shown = of(look)[card]
    assert words in said(shown)
    assert shown.tone == tone


def test_wrong_entries_are_counted_in_the_mark() -> None:
    cache = of(WELL, states=Counter(fresh=9, stale=2, orphan=1))[1]
    assert cache.mark == "▲ 3 wrong"
    assert "2 stale · 1 orphan" in said(cache)


def test_our_own_reads_stand_in_where_the_server_does_not_tell() -> None:
    own = OwnReads(9, 1, 0, 1, 0, 0, hit_ratio=0.9)
    assert "hit 90.0 %" in said(of(replace(WELL, cache=replace(CACHE, hit_ratio=None, own=own)))[1])


def test_hostile_words_are_made_safe() -> None:
    nasty = "\x1b]0;x\x07[/x]"
    dead = replace(
        WELL, database=replace(DATABASE, reachable=False, problem=nasty), cache=replace(CACHE, version=nasty)
    )
    database, cache, _ = of(dead)
    assert "\x1b" not in said(database) + said(cache)
