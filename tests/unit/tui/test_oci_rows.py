"""The rows of the OCI profiles pane, its filter, and what leads from a profile to its requests."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.errors import UsageError
from ocm_tui.core.exchanges.model import Exchange, Message, Timings
from ocm_tui.core.exchanges.query import parse_query
from ocm_tui.core.oci.model import Finding
from ocm_tui.core.oci.probe import ProbeResult
from ocm_tui.core.oci.registry import ProfileEntry
from ocm_tui.core.oci.schemas import OciProfileConfig
from ocm_tui.core.text import clean
from ocm_tui.tui.models.oci_query import parse_profile_query
from ocm_tui.tui.models.oci_rows import OciRows, countdown_text, exchanges_filter, skew_text


def entry(name: str, *, findings: tuple[Finding, ...] = (), result: ProbeResult | None = None, **fields: Any) -> Any:
    return ProfileEntry(OciProfileConfig(auth_profile=name, **fields), findings=findings, result=result)


PROFILES = (
    entry("DEFAULT", region="eu-frankfurt-1", result=ProbeResult(profile="DEFAULT", status="useable")),
    entry("reporting", authentication="security_token", findings=(Finding("token-expired", "error", "it expired"),)),
    entry("Archive", region="us-ashburn-1", result=ProbeResult(profile="Archive", status="not useable")),
)


def rows(*entries: ProfileEntry) -> OciRows:
    found = OciRows()
    found.replace(entries or PROFILES)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["DEFAULT", "reporting", "Archive"]),
        ("arch", ["Archive"]),
        ("-arch", ["DEFAULT", "reporting"]),
        ("frankfurt", ["DEFAULT"]),
        ("status:useable", ["DEFAULT"]),
        ("status:not", ["Archive"]),
        ('status:"not useable"', ["Archive"]),
        ("status:unknown", ["reporting"]),
        ("-is:probed", ["reporting"]),
        ("auth:token", ["reporting"]),
        ("auth:api", ["DEFAULT", "Archive"]),
        ("region:ash", ["Archive"]),
        ("finding:expired is:error", ["reporting"]),
        ("is:warning", []),
    ],
)
def test_filters(text: str, expected: list[str]) -> None:
    found = rows()
    found.set_query(parse_profile_query(text))
    assert list(found.names) == expected
    assert [found.key(position) for position in range(len(found))] == expected
    assert [found.position(name) for name in expected] == list(range(len(expected)))


@pytest.mark.parametrize(
    ("text", "words"),
    [("stauts:x", "did you mean status:?"), ("status:fine", "status:useable"), ("is:x", "is:draft"), ("q:x", "one of")],
)
def test_a_wrong_filter_says_what_there_is(text: str, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_profile_query(text)
    assert words in raised.value.hint
    assert "column 1" in raised.value.title


def test_sorting_keeps_every_profile() -> None:
    found = rows()
    found.expiries = {"reporting": 10.0}
    orders = []
    for sort in range(1, 5):
        found.set_sort(sort)
        orders.append(list(found.names))
    assert orders == [
        ["Archive", "DEFAULT", "reporting"],
        ["Archive", "reporting", "DEFAULT"],
        ["reporting", "DEFAULT", "Archive"],
        ["reporting", "DEFAULT", "Archive"],
    ]


def test_cells_go_with_the_columns_whether_memory_differs_or_not() -> None:
    found = rows()
    assert found.changed == 3, "none of them stands in a file"
    assert all(len(found.cells(position)) == len(found.columns) for position in range(3))
    assert rows(entry("x")).columns[-1].title == "Memory"
    found.changed = 0
    assert all(len(found.cells(position)) == len(found.columns) for position in range(3))


def test_an_answer_for_a_profile_that_is_gone_is_dropped() -> None:
    found = rows()
    found.put([entry("gone"), entry("DEFAULT")])
    assert list(found.names) == ["DEFAULT", "reporting", "Archive"]
    known = found.get("DEFAULT")
    assert known is not None
    assert known.result is None


@pytest.mark.parametrize(
    ("seconds", "text"), [(-1, "expired"), (0, "expired"), (59, "0:59"), (3292, "54:52"), (7300, "2 h")]
)
def test_countdowns(seconds: float, text: str) -> None:
    assert countdown_text(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.0, "0 s"), (2.4, "+2 s"), (-74.0, "-74 s"), (-600.0, "-10 min")])
def test_skews(seconds: float, text: str) -> None:
    assert skew_text(seconds) == text


def about(purpose: str, **changes: Any) -> Exchange:
    exchange = Exchange(
        id="1",
        started_at=0.0,
        target="oci",
        method="GET",
        url="https://objectstorage.example.com/n",
        path="/n",
        status=200,
        duration_ms=1.0,
        timings=Timings(total=1.0),
        request=Message(()),
        response=None,
        purpose=purpose,
    )
    return replace(exchange, **changes)


@given(name=st.text(min_size=1, max_size=30), other=st.text(alphabet='ab*?[]\\"', min_size=1, max_size=8))
def test_the_filter_finds_the_requests_of_that_profile_and_of_no_other(name: str, other: str) -> None:
    name = clean(name, 200)
    if not name.strip():
        return
    query = parse_query(exchanges_filter(name))
    for start in ("probe ", "models for "):
        assert query.matches(about(start + name))
    if clean(other, 200).casefold() != name.casefold():
        assert not query.matches(about(f"probe {clean(other, 200)}"))
    assert not query.matches(about(f"probe {name}-2"))
    assert not query.matches(about(f"probe {name}", target="server"))
