"""The race campaign with few rounds; its command takes as many as wanted."""

import pytest

from tests.campaigns.registry_race import BACKENDS, race


@pytest.mark.parametrize("backend", BACKENDS)
async def test_no_reader_puts_an_old_row_back(backend: str, request: pytest.FixtureRequest) -> None:
    if backend == "valkey":
        request.getfixturevalue("valkey_server")  # skips, or fails, where there is none
    tally = await race(backend, 150, restart_every=50)
    assert tally.problems == []
    assert (tally.stale, tally.lied) == (0, 0)
    assert (tally.rounds, tally.restarts) == (150, 3)
    assert tally.evicted > 40
    assert tally.lost > 1
    assert tally.filled > 15
    assert tally.naive_stale > 1  # the usual protocol, with the same luck
