"""What SQLite leaves out must not match: the history and the query agree on every exchange, and indexes are used."""

import itertools
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocm_tui.core.exchanges import history_reader
from ocm_tui.core.exchanges.codec import decoded, encoded
from ocm_tui.core.exchanges.history import HistoryReader, HistoryWriter
from ocm_tui.core.exchanges.history_conditions import Condition
from ocm_tui.core.exchanges.history_file import Bounds, HistoryFile
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
    *("nowhere", "none", '"post 404 https"', "tcp"),
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


@given(st.text(min_size=1, max_size=6), st.text(max_size=8))
@settings(max_examples=150, deadline=None)
def test_any_word_and_any_pattern(tmp_path_factory: pytest.TempPathFactory, word: str, around: str) -> None:
    """The text to be found holds the word, in some case, between other text."""
    word = word.replace('"', "").replace("\\", "")
    place = tmp_path_factory.mktemp("word") / "history.sqlite3"
    one = exchange(1, request=Message((), f"{around}{word.upper()}{around}"), client_id=word)
    file = HistoryFile(place, Bounds(1e9, 10**9, 10**12))
    file.append([one])
    file.close()
    for key in ("", "body:", "client:"):
        if word.strip():
            query = parse_query(f'{key}"{word}"')
            assert HistoryReader(place).list(query) == [one] * query.matches(one)


@pytest.mark.parametrize("size", [300, 20_000])
def test_a_very_long_query(path: Path, size: int) -> None:
    for query in (" ".join(["test"] * size), " or ".join(["status:404"] * size), f"client:{'a*' * size}"):
        assert found(path, query, 3) == expected(query)[-3:]


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
