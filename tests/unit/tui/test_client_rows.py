"""The view over the rows: whatever way it came about, it is what filtering and sorting everything would give."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ocm_tui.core.clients.model import ClientRow
from ocm_tui.core.clients.query import parse_client_query
from ocm_tui.tui.models.client_rows import CLIENT_COLUMNS, SORTS, STATE_COLUMNS, ClientRows, State

_IDS = st.text("abo-", min_size=1, max_size=5)
_ROWS = st.lists(
    st.builds(
        ClientRow,
        client_id=_IDS,
        name=st.text("abO ", max_size=4),
        enabled=st.booleans(),
        grant_types=st.sampled_from([("CLIENT_CREDENTIALS",), ("AUTHORIZATION_CODE", "REFRESH_TOKEN")]),
        auth_type=st.sampled_from(["NONE", "SECRET"]),
        token_manager=st.sampled_from(["", "jwt"]),
        modified=st.sampled_from(["", "2024-01-30T20:22:16.054Z", "2025-01-30T20:22:16.054Z", "nonsense"]),
    ),
    max_size=20,
)
_QUERIES = st.sampled_from(["", "a", "ab", "abo", "b -a", "is:disabled", "o is:enabled", "auth:none b", "grant:code"])


_STATES: tuple[State, ...] = ("in sync", "drifted", "unmanaged", "unknown")


def state_of(row: ClientRow) -> State:
    return _STATES[len(row.client_id) % len(_STATES)]


_STATE_QUERIES = st.sampled_from(
    ["", "state:drifted", "a state:drifted,unmanaged", "-state:in-sync o", "state:unknown"]
)


def keys(rows: ClientRows) -> list[str]:
    return [rows.key(position) for position in range(len(rows))]


def expected(rows: list[ClientRow], query: str, sort: int) -> list[str]:
    parsed = parse_client_query(query)
    unique = {row.client_id: row for row in reversed(rows)}
    first = list(dict.fromkeys(row.client_id for row in rows))
    kept = [unique[client_id] for client_id in first if parsed.matches(unique[client_id])]
    if sort == 1:
        kept.sort(key=lambda row: row.client_id.lower())
    elif sort == 2:
        kept.sort(key=lambda row: row.name.lower())
    elif sort == 3:
        kept.sort(key=lambda row: row.modified, reverse=True)
    return [row.client_id for row in kept]


@settings(max_examples=200)
@given(_ROWS, _ROWS, st.lists(_QUERIES, min_size=1, max_size=4), st.integers(0, len(SORTS) - 1))
def test_pages_filters_and_sorts_in_any_order(
    first: list[ClientRow], second: list[ClientRow], queries: list[str], sort: int
) -> None:
    rows = ClientRows()
    rows.set_sort(sort)
    rows.extend(first)
    for query in queries:
        rows.set_query(parse_client_query(query))
    rows.extend(second)
    assert keys(rows) == expected([*first, *second], queries[-1], sort)
    for position, key in enumerate(keys(rows)):
        assert rows.position(key) == position
        assert len(rows.cells(position)) == len(CLIENT_COLUMNS)


@given(_ROWS, _QUERIES)
def test_put_and_remove(rows_given: list[ClientRow], query: str) -> None:
    rows = ClientRows()
    rows.extend(rows_given)
    rows.set_query(parse_client_query(query))
    for row in rows_given:
        changed = ClientRow(row.client_id, row.name, not row.enabled, row.grant_types, "NONE", "", "")
        rows.put(changed)
        assert rows.get(row.client_id) == changed
    for row in rows_given[::2]:
        rows.remove(row.client_id)
        assert rows.get(row.client_id) is None
        assert rows.position(row.client_id) is None
    left = [rows.rows[index] for index in range(rows.total)]
    assert keys(rows) == expected(left, query, 0)


def test_narrowing_looks_only_at_what_was_left() -> None:
    rows = ClientRows()
    rows.extend(ClientRow(f"client-{n:05}", "", True, (), "NONE", "", "") for n in range(1000))
    rows.set_query(parse_client_query("client-0001"))
    assert len(rows) == 10
    rows.set_query(parse_client_query("client-00013"))
    assert keys(rows) == ["client-00013"]
    rows.set_query(parse_client_query("client-0002"))
    assert len(rows) == 10


@settings(max_examples=100)
@given(_ROWS, _ROWS, st.lists(_STATE_QUERIES, min_size=1, max_size=3), st.integers(0, len(SORTS) - 1), st.booleans())
def test_states_filter_however_late_they_come(
    first: list[ClientRow], second: list[ClientRow], queries: list[str], sort: int, late: bool
) -> None:
    """What came before the inventory is judged afterwards; the view is the same as if it had been there at once."""
    rows = ClientRows()
    rows.set_sort(sort)
    rows.extend(first, ["unknown"] * len(first) if late else [state_of(row) for row in first])
    for query in queries:
        rows.set_query(parse_client_query(query))
    if late:
        rows.judge({row.client_id: state_of(row) for row in first})
    rows.extend(second, [state_of(row) for row in second])
    wanted = parse_client_query(queries[-1])
    shown = [row for row in rows.rows if wanted.matches(row, state=state_of(row))]
    assert sorted(keys(rows)) == sorted(row.client_id for row in shown)
    assert sum(rows.counts.values()) == rows.total
    for position, key in enumerate(keys(rows)):
        assert rows.position(key) == position
        assert rows.state(key) == state_of(rows.rows[rows._view[position]])
        assert len(rows.cells(position)) == len(STATE_COLUMNS)


@given(_ROWS)
def test_what_is_only_declared_is_a_row_until_it_is_stored_or_gone(given_rows: list[ClientRow]) -> None:
    rows = ClientRows()
    rows.declare([(row, "missing") for row in given_rows])
    ids = {row.client_id for row in given_rows}
    assert set(keys(rows)) == ids
    assert not any(map(rows.is_stored, ids))
    assert rows.counts["missing"] == len(ids)
    for row in given_rows:
        rows.put(row, "in sync")
        assert rows.is_stored(row.client_id)
    assert rows.counts["missing"] == 0
    rows.change([], gone=ids)
    assert rows.total == 0
    assert rows.absent == set()
