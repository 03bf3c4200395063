"""What SQLite leaves out must not match: the history and the query agree on every exchange, and indexes are used."""

import asyncio
import itertools
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocm_tui.core.errors import OcmError
from ocm_tui.core.exchanges import history_reader
from ocm_tui.core.exchanges.codec import decoded, encoded
from ocm_tui.core.exchanges.history import HistoryReader, HistoryWriter
from ocm_tui.core.exchanges.history_conditions import Condition
from ocm_tui.core.exchanges.history_file import Bounds, HistoryFile
from ocm_tui.core.exchanges.history_search import HistorySearch
from ocm_tui.core.exchanges.model import Exchange, Message
from ocm_tui.core.exchanges.query import parse_query
from tests.unit.core.exchanges.examples import exchange

NOW = time.time()
PATHS = ("/oauth/clients", "/oauth/clients/orders-api?x=1", "/as/token.oauth2", "/a_b/50%", "/[x]/ÄÖ")
CLIENTS = (None, "orders-api", "Orders_web", "shop", "straße", "100%", "[x]", "\u212aelvin")
BODIES = ("", '{"name": "Zoë"}', 'say "hi" \\ there', "Straße", "line\nbreak", "\u212aelvin STRASSE \u017fun", "🙂 ok")
ERRORS = (None, None, ("tls", "expired"), ("tcp", "refused"), ("deadline", "too slow"))
STATUSES = (200, 201, 204, 301, 404, 409, 422, 503)


def made(number: int) -> Exchange:
    """Every combination comes up, and many of them are in no order at all."""
    error = ERRORS[number % 5]
    values: dict[str, Any] = {
        "started_at": NOW - (number * 7919 % 600) * 10,
        "path": PATHS[number % len(PATHS)],
        "status": None if error and number % 2 else STATUSES[number * 3 % 8],
        "method": ("GET", "POST", "PUT", "DELETE")[number * 5 % 4],
        "target": ("server", "token", "oci")[number % 3],
        "client_id": CLIENTS[number * 11 % len(CLIENTS)],
        "run_id": None if number % 4 else f"run-{number % 7}",
        "duration_ms": number * 37 % 3_000,
        "purpose": "background traffic" if number % 9 == 0 else "",
        "request": Message((), BODIES[number % len(BODIES)]),
    }
    return exchange(number, error=error, **values)


EXCHANGES = [made(number) for number in range(400)]
TERMS = (
    *("status:4xx", "status:>=409", "status:404,error", "status:error", "status:<300", "method:POST", "method:get,PUT"),
    *(
        "path:/oauth/clients",
        "path:/oauth/clients/*",
        "path:*x=1",
        "path:a_b",
        "path:50%",
        "path:*[a-o]uth*",
        "path:ÄÖ",
    ),
    *(
        "client:orders-*",
        "client:ORDERS?WEB",
        "client:*",
        "client:100%",
        "client:straße",
        "client:[[]x]",
        "client:kelvin",
    ),
    *("run:run-3", "run:r", "run:Run", "target:token,oci", "took:>1s", "took:<=500ms", "took:37ms", "error:any"),
    *("error:tls,deadline", "since:30m", "since:1h", "body:zoë", 'body:"hi\\" \\\\ th"', "body:STRASSE", "body:kelvin"),
    *("body:sun", 'body:"line break"', "orders", "ZOË", "kelvin", '"get 200"', "expired", "background", "🙂", "test-1"),
    *("nowhere", "none", '"post 404 https"', "tcp", "50%", "a_b", '"%"', '"\\\\ there"', "body:_hi"),
)
QUERIES = st.recursive(
    st.sampled_from(TERMS),
    lambda inner: st.one_of(
        inner.map(lambda one: f"-({one})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: f"({' or '.join(some)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: f"({' '.join(some)})"),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("state") / "history.sqlite3"
    file = HistoryFile(place, Bounds(1e9, 10**9, 10**12))
    file.append(EXCHANGES)
    file.close()
    return place


def expected(query: str) -> list[str]:
    in_order = sorted(enumerate(EXCHANGES), key=lambda one: (one[1].started_at, one[0]))
    parsed = parse_query(query)
    return [each.id for _, each in in_order if parsed.matches(each)]


def found(path: Path, query: str, limit: int | None = None) -> list[str]:
    return [each.id for each in HistoryReader(path).list(parse_query(query), limit)]


@pytest.mark.parametrize("term", TERMS)
def test_each_term_and_its_opposite(path: Path, term: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for rows, query in itertools.product((0, 10**6), (term, f"-{term}", f"{term} or {TERMS[0]}")):
        monkeypatch.setattr(history_reader, "_rows", lambda _, rows=rows: rows)  # back in time, and by an index
        assert found(path, query) == expected(query)
        assert found(path, query, 7) == expected(query)[-7:]


@given(QUERIES)
@settings(max_examples=150, deadline=None)
def test_any_query(path: Path, query: str) -> None:
    assert found(path, query) == expected(query)


class Words:
    """A file that takes one exchange more for each example."""

    def __init__(self, path: Path) -> None:
        self.path, self.written = path, list[Exchange]()
        self.file = HistoryFile(path, Bounds(1e9, 10**9, 10**12))

    def write(self, request: Message, client_id: str) -> None:
        number = len(self.written) + 1
        self.written.append(exchange(number, request=request, client_id=client_id, started_at=NOW + number))
        self.file.append(self.written[-1:])


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Words]:
    them = Words(tmp_path_factory.mktemp("words") / "history.sqlite3")
    yield them
    them.file.close()


@given(st.text(min_size=1, max_size=6), st.text(max_size=8))
@settings(max_examples=150, deadline=None)
def test_any_word_and_any_pattern(words: Words, word: str, around: str) -> None:
    """A text holds the word, in some case, between other text; it is found again, and what else holds it."""
    word = word.replace('"', "").replace("\\", "")
    words.write(Message((), f"{around}{word.upper()}{around}"), word)
    for key in ("", "body:", "client:"):
        if word.strip():
            query = parse_query(f'{key}"{word}"')
            assert HistoryReader(words.path).list(query) == [each for each in words.written if query.matches(each)]


@pytest.mark.parametrize("size", [300, 20_000])
def test_a_very_long_query(path: Path, size: int) -> None:
    """It says what one of its terms says, of every kind of exchange."""
    for query, term in ((" ".join(["test"] * size), "test"), (" or ".join(["status:404"] * size), "status:404")):
        assert found(path, query, 3) == expected(term)[-3:]
        parsed, short = parse_query(query), parse_query(term)
        assert all(parsed.matches(each) == short.matches(each) for each in EXCHANGES[:40])
    pattern = f"client:{'a*' * size}"
    assert found(path, pattern, 3) == expected(pattern)[-3:]


INDEXED = (
    "status:404",
    "status:4xx",
    "status:>=400",
    "status:error",
    "status:>=400,error",
    "method:DELETE",
    "took:>2s",
)


@pytest.mark.parametrize(
    "term", [*INDEXED, "target:oci,token", "client:orders-*", "client:shop", "run:run-3", "error:any", "error:tls,tcp"]
)
def test_an_index_leads_to_the_rows(path: Path, term: str) -> None:
    condition = parse_query(term).conditions[0]
    assert condition.indexed
    assert "SCAN" not in _plan(path, condition), term


def _plan(path: Path, condition: Condition) -> str:
    database = sqlite3.connect(path)
    try:
        rows = database.execute(
            f"EXPLAIN QUERY PLAN SELECT seq FROM exchange WHERE {condition.sql} ORDER BY +started_at",
            condition.values,
        )
        return "\n".join(str(row[3]) for row in rows)
    finally:
        database.close()


def test_reading_one_page_reads_no_more_than_that(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counted(text: str) -> Exchange:
        read.append(text)
        return decoded(text)

    monkeypatch.setattr(history_reader, "decoded", counted)
    assert len(HistoryReader(path).list(parse_query("status:4xx"), 5)) == 5
    assert len(read) == 5


@pytest.mark.parametrize("query", ["", "nowhere", "ZOË", "background", "path:50%", "-body:zoë", "status:404 orders"])
@pytest.mark.parametrize("size", [1, 7, 400, 1000])
def test_the_stretches_join_without_a_seam(path: Path, query: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_reader, "_FIRST_STRETCH", size)
    monkeypatch.setattr(history_reader, "_next_size", lambda size, _: size)
    assert found(path, query) == expected(query)


def test_who_watches_hears_of_it_and_can_end_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_reader, "_FIRST_STRETCH", 50)
    monkeypatch.setattr(history_reader, "_next_size", lambda size, _: size)
    shares: list[float] = []
    assert list(HistoryReader(path).newest(parse_query("nowhere"), watch=shares.append)) == []
    assert shares == sorted(shares)
    assert len(shares) == 400 // 50
    assert 0.1 < shares[0] < 0.2
    assert shares[-1] == 1.0

    def enough(share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(HistoryReader(path).newest(parse_query("nowhere"), watch=enough))


@pytest.mark.parametrize(
    ("size", "took", "following"),
    [(500, 0.0, 1000), (500, 0.05, 1000), (500, 0.1, 500), (500, 1.0, 100), (40_000, 0.001, 50_000), (1000, 0.4, 250)],
)
def test_a_stretch_takes_about_as_long_as_the_last(size: int, took: float, following: int) -> None:
    assert history_reader._next_size(size, took) == following


async def test_a_search_can_be_looked_at_and_left(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    search = HistorySearch(HistoryReader(path), parse_query("status:404"), 5)
    await search.run()
    assert search.complete
    assert [one.id for one in search.found] == expected("status:404")[-5:]

    monkeypatch.setattr(history_reader, "_FIRST_STRETCH", 50)
    monkeypatch.setattr(history_reader, "_next_size", lambda size, _: size)
    reached, go_on = threading.Event(), threading.Event()
    left = HistorySearch(HistoryReader(path), parse_query("background"), None)
    reading = left._watch

    def halfway(share: float) -> None:
        if share > 0.5:
            reached.set()
            go_on.wait(30)
        reading(share)

    monkeypatch.setattr(left, "_watch", halfway)
    task = asyncio.create_task(left.run())
    await asyncio.to_thread(reached.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    every = expected("background")
    assert not left.complete
    assert 0 < left.count < len(every)
    assert [one.id for one in left.found] == every[-left.count :], "the newest, without a gap"


async def test_a_search_of_an_unreadable_file(tmp_path: Path) -> None:
    (tmp_path / "history.sqlite3").write_bytes(b"not a database at all" * 100)
    with pytest.raises(OcmError, match="cannot be read"):
        await HistorySearch(HistoryReader(tmp_path / "history.sqlite3"), None, 5).run()


# --- a file of the first version -----------------------------------------------------------------------------------


def first_version(path: Path) -> None:
    """As the first release wrote it."""
    path.parent.mkdir(exist_ok=True)
    database = sqlite3.connect(path)
    database.execute("PRAGMA auto_vacuum = INCREMENTAL")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute(
        "CREATE TABLE exchange (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, started_at REAL NOT NULL, "
        "document TEXT NOT NULL)"
    )
    database.execute("CREATE INDEX exchange_started ON exchange (started_at, seq)")
    rows = [(each.id, each.started_at, encoded(each)) for each in EXCHANGES]
    database.executemany("INSERT INTO exchange (id, started_at, document) VALUES (?, ?, ?)", rows)
    database.execute(f"PRAGMA application_id = {0x6F636D74}")
    database.execute("PRAGMA user_version = 1")
    database.commit()
    database.close()


def test_a_file_of_the_first_version_is_read_as_it_is_and_carried_over_by_the_next_writer(tmp_path: Path) -> None:
    place = tmp_path / "history.sqlite3"
    first_version(place)
    queries = ("", "status:4xx", "client:orders-*", "error:tls", "took:>1s run:run-3")
    assert [found(place, query) for query in queries] == [expected(query) for query in queries]
    assert HistoryReader(place).get("test-7") == EXCHANGES[7]
    writer = HistoryWriter(place)
    writer(exchange(1_000, started_at=NOW + 1, status=404))
    writer.close()
    assert (writer.problem, writer.notice) == (None, None)
    assert found(place, "id-of-nothing or test-1000") == ["test-1000"]
    for query in queries[1:]:
        assert [one for one in found(place, query) if one != "test-1000"] == expected(query)
    assert HistoryReader(place).get("test-7") == EXCHANGES[7]
