"""Rows of the registry with what the cache holds of each."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from ocm_tui.core.registry.cache_states import CacheFinding, CacheState
from ocm_tui.core.registry.model import RegistryClient, RegistryQuery
from ocm_tui.tui.models.registry_filter import haystack, matcher
from ocm_tui.tui.models.registry_rows import SORTS, RegistryRows

NOW = datetime(2026, 2, 3, 12, 0, tzinfo=UTC)


def one(number: int) -> UUID:
    return UUID(int=number)


def row(number: int, code: str = "", **members: object) -> RegistryClient:
    return RegistryClient(client_id=one(number), client_code=code or f"client-{number}", **members)  # type: ignore[arg-type]


def finding(number: int, state: CacheState, ttl_ms: int = 100_000, version: int = 1) -> CacheFinding:
    return CacheFinding(one(number), state, ttl_ms, version, version)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def ids(rows: RegistryRows) -> list[int]:
    return [rows.id_at(place).int for place in range(len(rows))]


def test_times_to_live_count_down_by_themselves() -> None:
    clock = Clock()
    rows = RegistryRows(clock)
    rows.extend([row(1), row(2), row(3), row(4)])
    rows.see([finding(1, "fresh", 90_000), finding(2, "stale", -1), finding(3, "missing", -2)])
    assert [rows.cells(place)[3].text for place in range(4)] == ["90 s", "never", "–", "–"]
    clock.now += 60
    assert rows.cells(0)[3].text == "30 s"
    clock.now += 60
    assert rows.time_left(one(1)) == 0.0
    assert [rows.cells(place)[2].text for place in range(4)] == ["● fresh", "▲ stale", "○ missing", "· unread"]


def test_an_orphan_is_listed_until_it_has_a_row_or_is_gone() -> None:
    rows = RegistryRows()
    rows.extend([row(5)])
    assert rows.see([finding(9, "orphan"), finding(3, "negative"), finding(4, "missing", -2)])
    assert ids(rows) == [5, 9], "what is neither a row nor wrong is not listed"
    assert rows.cells(1)[0].text == "– no row"
    assert rows.position(str(one(9))) == 1
    rows.put([row(9)])
    assert ids(rows) == [5, 9]
    assert rows.total == 2
    rows.put([], gone=[one(9)])
    assert ids(rows) == [5, 9], "the row went, the cached value did not"
    rows.forget([one(9)])
    assert ids(rows) == [5]


def test_a_complete_comparison_forgets_what_it_did_not_see_and_a_partial_one_does_not() -> None:
    rows = RegistryRows()
    rows.extend([row(1), row(2)])
    rows.see([finding(1, "fresh"), finding(2, "stale"), finding(8, "orphan")])
    rows.judge_all([finding(1, "fresh")], complete=False)
    assert rows.counts() == {"fresh": 1, "stale": 1, "orphan": 1}
    rows.judge_all([finding(1, "fresh")], complete=True)
    assert rows.counts() == {"fresh": 1}
    assert ids(rows) == [1, 2]


def test_a_comparison_of_versions_does_not_absolve_what_a_closer_look_found_corrupt() -> None:
    rows = RegistryRows()
    rows.extend([row(1), row(2)])
    rows.see([finding(1, "corrupt", version=7), finding(2, "corrupt", version=7)])
    rows.judge_all([finding(1, "fresh", version=7), finding(2, "fresh", version=8)], complete=True)
    assert [rows.seen(one(1)).state, rows.seen(one(2)).state] == ["corrupt", "fresh"]  # type: ignore[union-attr]


def test_problems_only_shows_what_is_wrong_and_what_is_not_propagated() -> None:
    rows = RegistryRows()
    rows.extend([row(number) for number in range(1, 6)])
    rows.see([finding(1, "fresh"), finding(2, "stale"), finding(3, "missing", -2), finding(4, "corrupt")])
    rows.unpropagated.add(one(5))
    rows.show_problems(True)
    assert ids(rows) == [2, 4, 5]
    assert rows.cells(2)[2].text == "◐ not yet"
    assert [one.state for one in rows.wrong()] == ["stale", "corrupt"]
    rows.show_problems(False)
    assert len(rows) == 5


@pytest.mark.parametrize("sort", range(len(SORTS)))
def test_every_row_stands_once_in_every_order_and_is_found_there(sort: int) -> None:
    rows = RegistryRows()
    chance = random.Random(sort)
    states: tuple[CacheState, ...] = ("fresh", "stale", "orphan", "missing", "corrupt")
    rows.extend([row(number, chance.choice("abc"), last_synced_at=NOW if number % 3 else None) for number in range(50)])
    rows.see([finding(number, chance.choice(states), chance.choice((-2, -1, 5000))) for number in range(0, 60, 2)])
    rows.set_sort(sort)
    assert len(set(ids(rows))) == len(rows) >= 50
    for place in range(len(rows)):
        assert rows.position(rows.key(place)) == place
        assert len(rows.cells(place)) == 8


def test_sorted_by_time_to_live_the_next_to_expire_is_first_and_no_key_is_last() -> None:
    rows = RegistryRows()
    rows.extend([row(number) for number in range(1, 5)])
    rows.see([finding(1, "missing", -2), finding(2, "fresh", -1), finding(3, "fresh", 9000), finding(4, "fresh", 10)])
    rows.set_sort(SORTS.index("time to live"))
    assert ids(rows) == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (RegistryQuery(), [1, 2, 3]),
        (RegistryQuery(words=("ORDERS",)), [1, 2]),
        (RegistryQuery(words=("orders", "shop.example")), [2]),
        (RegistryQuery(statuses=("SUSPENDED", "REVOKED")), [2]),
        (RegistryQuery(codes=("orders-*",)), [1]),
        (RegistryQuery(codes=("?rders", "bill[i]ng")), [2, 3]),
        (RegistryQuery(codes=("ORDERS*",)), []),
        (RegistryQuery(baps=("shop*",)), [2]),
        (RegistryQuery(ids=(one(3),)), [3]),
        (RegistryQuery(synced_before=NOW), [1, 3]),
    ],
)
def test_a_filter_gives_the_same_answer_here_as_in_the_database(query: RegistryQuery, found: list[int]) -> None:
    clients = [
        row(1, "orders-api", last_synced_at=NOW - timedelta(hours=1)),
        row(2, "orders", bap_id="shop.example.com", status="SUSPENDED", last_synced_at=NOW),
        row(3, "bill[i]ng"),
    ]
    matches = matcher(query)
    assert [client.client_id.int for client in clients if matches(client, haystack(client))] == found


def test_what_is_not_in_the_list_any_more_leaves_the_selection_near() -> None:
    rows = RegistryRows()
    rows.replace([row(1), row(2), row(3)])
    rows.put([row(2, "changed")])
    assert rows.get(one(2)).client_code == "changed"  # type: ignore[union-attr]
    rows.replace([row(1), row(3)])
    assert rows.position(str(one(2))) is None
    assert rows.visible(-5, 99) == [one(1), one(3)]
