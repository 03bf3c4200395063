"""The search alone: what it finds, and what it costs when a trial that passes has to be deleted again."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.diagnosis.minimise.search import smallest_failing


@dataclass
class Oracle:
    """Fails when all of one of `causes` are there; a set is only tried, and paid for, once."""

    causes: Sequence[frozenset[int]]
    requests: int = 0
    seen: dict[frozenset[int], bool] = field(default_factory=dict)

    async def fails(self, items: Sequence[int]) -> bool:
        tried = frozenset(items)
        if tried not in self.seen:
            self.seen[tried] = any(cause <= tried for cause in self.causes)
            self.requests += 1 if self.seen[tried] else 2
        return self.seen[tried]

    def search(self, count: int, guess: int | None = None, without_fails: bool | None = None) -> set[int]:
        self.seen[frozenset(range(count))] = True
        return set(asyncio.run(smallest_failing(range(count), self.fails, guess=guess, without_fails=without_fails)))


@pytest.mark.parametrize("count", [1, 2, 3, 8, 39, 40, 54])
def test_one_bad_item_at_any_place(count: int) -> None:
    costs = []
    for bad in range(count):
        oracle = Oracle([frozenset({bad})])
        assert oracle.search(count) == {bad}
        costs.append(oracle.requests)
    # With the first trial, the repeated verdict and the payload that passes it is four more.
    assert max(costs) <= 10


def test_two_bad_items_at_any_two_places() -> None:
    worst = 0
    for pair in combinations(range(40), 2):
        oracle = Oracle([frozenset(pair)])
        assert oracle.search(40) == set(pair)
        worst = max(worst, oracle.requests)
    assert worst <= 24


def test_a_good_guess_is_cheap() -> None:
    oracle = Oracle([frozenset({0})])
    assert oracle.search(40, guess=1, without_fails=False) == {0}
    assert oracle.requests == 1


def test_nothing_at_all_fails_as_well() -> None:
    assert Oracle([frozenset()]).search(40) == set()


@given(st.data())
def test_what_is_found_fails_and_nothing_of_it_can_go(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 24))
    sets = st.frozensets(st.integers(0, count - 1), max_size=5)
    causes = data.draw(st.lists(sets, min_size=1, max_size=4))
    found = Oracle(causes).search(count, guess=data.draw(st.none() | st.integers(0, count)))
    assert any(cause <= found for cause in causes)
    assert not any(cause <= found - {one} for cause in causes for one in found)
