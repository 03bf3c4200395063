"""The campaign with few rounds; its command takes as many as wanted."""

from pathlib import Path

import pytest

from tests.campaigns import minimise


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_nothing_is_left_of_a_minimisation(tmp_path: Path, seed: int) -> None:
    tally = minimise.Tally()
    await minimise.one_round(seed, tmp_path, tally)
    assert tally.problems == []
    assert tally.rounds == tally.kills + tally.ended == 1
    assert "PROBLEM" not in tally.table()
