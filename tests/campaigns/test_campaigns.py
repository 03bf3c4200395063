"""The campaigns with few rounds; their commands take as many as wanted."""

from pathlib import Path

import pytest

from ocm_tui.simulator.wire import RecordedRequest
from tests.campaigns import faults, kill
from tests.campaigns.requests import repeated_after_4xx


@pytest.mark.parametrize("seed", [1, 8])
async def test_every_reported_outcome_is_what_the_server_holds(tmp_path: Path, seed: int) -> None:
    tally = faults.Tally()
    await faults.one_round(seed, 16, tmp_path, tally)
    assert tally.problems == []
    assert sum(tally.reported.values()) == 28
    assert len(tally.faulted) > 5
    assert "PROBLEM" not in tally.table()


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_killed_run_is_resumed_until_all_is_as_declared(tmp_path: Path, seed: int) -> None:
    tally = kill.Tally()
    await kill.one_round(seed, 12, tmp_path, tally)
    assert tally.problems == []
    assert tally.clients == 21
    assert tally.secrets == 15


def recorded(method: str, path: str, status: int | None, *, fault: str | None = None) -> RecordedRequest:
    return RecordedRequest(method, path, "", status, (), b"", fault)


@pytest.mark.parametrize(
    ("requests", "found"),
    [
        ([("POST", "/c", 422), ("POST", "/c", 422)], ["POST /c"]),
        ([("GET", "/c/a", 404), ("GET", "/c/a", 404)], ["GET /c/a"]),
        ([("GET", "/c/a", 404), ("POST", "/c", None), ("GET", "/c/a", 404)], []),
        ([("PUT", "/c/a", 422), ("GET", "/c/a", 200), ("PUT", "/c/a", 200)], ["PUT /c/a"]),
        ([("PUT", "/c/a", 429), ("PUT", "/c/a", 200)], []),
        ([("PUT", "/c/a", 503), ("PUT", "/c/a", 200)], []),
    ],
)
def test_the_rule_itself(requests: list[tuple[str, str, int | None]], found: list[str]) -> None:
    assert repeated_after_4xx(recorded(*one) for one in requests) == found
