"""Keys and findings in columns: what comes out is what went in, in little memory."""

from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.registry.cache_states import CACHE_STATES, CacheFinding
from ocm_tui.core.registry.findings import Findings, SeenKeys
from ocm_tui.core.registry.ports import CacheKey
from ocm_tui.core.registry.rates import Counters

_VERSIONS = st.none() | st.integers(0, 2**63 - 1)
_FINDINGS = st.builds(
    CacheFinding,
    st.uuids(),
    st.sampled_from([*CACHE_STATES, None]),
    st.integers(-2, 2**40),
    _VERSIONS,
    _VERSIONS,
    st.integers(0, 2**29),
    st.booleans(),
)


@given(st.lists(_FINDINGS, max_size=20))
def test_findings_come_out_as_they_went_in(wanted: list[CacheFinding]) -> None:
    found = Findings()
    for one in wanted:
        found.add(
            one.client_id.bytes,
            one.state,
            ttl_ms=one.ttl_ms,
            versions=(one.cache_version, one.database_version),
            size=one.size,
            approximate=one.approximate,
        )
    assert list(found) == wanted
    assert found[1:-1] == wanted[1:-1]
    assert (not wanted) or found[-1] == wanted[-1]


@given(st.lists(st.uuids(), unique=True, max_size=60), st.integers(1, 20))
def test_parts_hold_every_key_once_and_in_order(ids: list[UUID], most: int) -> None:
    seen = SeenKeys()
    for start in range(0, len(ids), 7):
        seen.add([CacheKey(f"client:{one}", -1, 3, 9) for one in ids[start : start + 7]])
    ranges = [seen.range(part) for part in seen.parts(most)]
    for one in ranges:
        assert all(one.low <= key and (one.high is None or key < one.high) for key in one.places)
    keys = [key for one in ranges for key in sorted(one.places)]
    assert keys == sorted(one.bytes for one in ids)
    assert all(before.high == after.low for before, after in pairwise(ranges))
    assert (ranges[0].low, ranges[-1].high) == (bytes(16), None)


@given(st.lists(st.text(alphabet="0123456789abcdefABCDEF-client:é", max_size=50), max_size=20))
def test_keys_of_nobody_are_counted_and_left_alone(names: list[str]) -> None:
    mine = UUID("6f1c8a52-7c51-4f0e-9d57-0b1f2f3f4a5b")
    strange = [*(f"client:{name}" for name in names if len(name) < 36), f"client:{str(mine).upper()}", "session:1"]
    seen = SeenKeys()
    seen.add([CacheKey(key, 5, 1, 2) for key in [*strange, f"client:{mine}"]])
    assert (len(seen), seen.foreign) == (1, len(strange))
    (part,) = seen.parts(10)
    assert seen.range(part).places == {mine.bytes: 0}


def test_a_version_beyond_all_numbers_is_none_of_ours() -> None:
    seen = SeenKeys()
    seen.add([CacheKey(f"client:{UUID(int=1)}", -1, 10**19 - 1, 30)])
    assert list(seen.versions) == [-1]


def test_a_million_keys_are_some_forty_megabytes() -> None:
    seen, findings, count = SeenKeys(), Findings(), 10_000
    seen.add([CacheKey(f"client:{UUID(int=number)}", 5, 1, 2) for number in range(count)])
    for number in range(count):
        findings.add(UUID(int=number).bytes, "orphan", ttl_ms=5)
    columns = [vars(seen), vars(findings)]
    held = sum(value.__sizeof__() for each in columns for value in each.values())
    assert held / count < 120  # bytes, for a key and its finding; growing columns are a little longer than full


def test_counters_tell_the_time_between() -> None:
    rates = Counters({"hits": 30, "misses": 10, "back": 1}, {"hits": 0, "misses": 0, "back": 5}, 2.0)
    assert (rates.per_second("hits"), rates.share("hits", "misses")) == (15.0, 0.75)
    assert (rates.per_second("back"), rates.share("hits", "back")) == (None, None)
    assert rates.grown("unknown") is None
    assert Counters({"hits": 1}, {"hits": 1}, 0.0).per_second("hits") is None
    assert Counters({"hits": 1, "misses": 1}, {"hits": 1, "misses": 1}, 1.0).share("hits", "misses") is None
