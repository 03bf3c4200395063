"""Secrets that go into files: in groups, beside the steps that follow, and each with an end of its own."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from ocm_tui.core.errors import OcmError
from ocm_tui.core.provisioning import deliveries
from ocm_tui.core.provisioning.staging import StagedSecrets
from tests.contract.apply_support import applying, with_secret

CLIENTS = [f"client-{number:02}" for number in range(20)]


async def test_many_are_delivered_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    groups: list[int] = []
    promote = StagedSecrets.promote_files

    async def counted(self: StagedSecrets, client_ids: Sequence[str]) -> list[OcmError | None]:
        groups.append(len(client_ids))
        return await promote(self, client_ids)

    monkeypatch.setattr(StagedSecrets, "promote_files", counted)
    monkeypatch.setattr(deliveries, "_GATHER", 3600.0)  # so that only their number, and the end, bring them together
    monkeypatch.setattr(deliveries, "_MOST", 8)
    async with applying(tmp_path) as it:
        result = await it.provisioning.apply(await it.plan(*map(with_secret, CLIENTS)))
        assert [(one.client_id, one.status) for one in result.results] == [(name, "succeeded") for name in CLIENTS]
        assert all(one.notes == (f"its secret is at file:{tmp_path}/{one.client_id}.secret",) for one in result.results)
        assert [it.secret(name) for name in CLIENTS] == [it.stored(name).secret for name in CLIENTS]
        assert not it.staged()
    assert sum(groups) == len(CLIENTS)
    assert len(groups) <= 3


async def test_one_that_cannot_be_delivered_leaves_the_others_alone(tmp_path: Path) -> None:
    async with applying(tmp_path) as it:
        plan = await it.plan(*map(with_secret, CLIENTS))

        def block(_: object) -> None:  # when everything is staged
            (tmp_path / f"{CLIENTS[3]}.secret").mkdir(exist_ok=True)

        result = await it.provisioning.apply(plan, on_event=block)
        assert result.count("succeeded") == len(CLIENTS)
        (copy,) = it.staged()
        told = {one.client_id: one.notes for one in result.results}
        assert told[CLIENTS[3]][-1] == f"it is in file:{tmp_path}/{copy}: move it by hand"
        assert (tmp_path / copy).read_text(encoding="utf-8") == it.stored(CLIENTS[3]).secret
        others = [name for name in CLIENTS if name != CLIENTS[3]]
        assert [it.secret(name) for name in others] == [it.stored(name).secret for name in others]
