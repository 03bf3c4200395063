"""`python -m tests.campaigns.faults --rounds N`: applies behind a server of which 30 % of the requests fail.

In each round an inventory is applied in peace, then changed, and applied while the server resets connections before
and after its work, loses answers, is busy, fails, cuts its JSON short, drips and stalls. Every reported outcome is held
against what the server really has; then the faults end, the run is resumed, and everything has to be in order.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocm_tui.core.clients.difference import not_stored
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import OcmError
from ocm_tui.core.provisioning.model import Change, Plan, PlanOptions, StepResult
from ocm_tui.core.provisioning.service import Provisioning
from ocm_tui.core.provisioning.writing import document_to_write
from ocm_tui.simulator.faults import FaultPlan
from tests.campaigns.children import run_rounds
from tests.campaigns.inventories import Wanted, first, second, secret_file
from tests.campaigns.requests import repeated_after_4xx
from tests.contract.servers import Bench, bench

__all__ = ["FAULTS", "Tally", "one_round"]

FAULTS = {
    "reset-before": 4, "reset-after": 4, "lost-answer": 4, "429": 3, "500": 3, "502": 2, "503": 2, "html": 1,
    "truncate": 2, "cut-json": 2, "stall": 1.5, "drip": 1.5,
}  # fmt: skip
_DEADLINE = 0.6  # seconds: what stalls and drips is cut off

_Held = tuple[dict[str, Any], str | None] | None  # a client's document and secret, as the simulator has them


@dataclass
class Tally:
    """`reported` counts outcomes by action, status and whether the server bears them out."""

    reported: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    naive: Counter[bool] = field(default_factory=Counter)
    faulted: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    problems: list[str] = field(default_factory=list)

    def table(self) -> str:
        lines = ["action   status     borne out   not borne out"]
        for action in ("create", "update", "delete"):
            for status in ("succeeded", "failed", "skipped", "unknown"):
                good, bad = (self.reported[action, status, borne] for borne in (True, False))
                if good or bad:
                    lines.append(f"{action:<8} {status:<9} {good:>10} {bad:>15}")
        faults = sum(self.faulted.values())
        share = 100 * faults / max(self.requests, 1)
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self.faulted.items()))
        right, sent = self.naive[True], sum(self.naive.values())
        return "\n".join([
            *lines, "", f"requests {self.requests}, of which {faults} failed ({share:.0f} %): {kinds}",
            f"a client that believes each answer, on the same faults: {right} of {sent} reported as they are",
            *(f"PROBLEM: {problem}" for problem in self.problems),
        ])  # fmt: skip


async def one_round(seed: int, clients: int, directory: Path, tally: Tally) -> None:
    inventory = directory / "inventory.yaml"
    (directory / "secrets").mkdir(parents=True)
    inventory.write_text(first(clients).text, encoding="utf-8")
    async with bench(clients=3, seed=seed, deadline=_DEADLINE, request_log=100_000) as it:
        provisioning = _provisioning(it, directory, inventory)
        await provisioning.apply(await provisioning.plan())
        inventory.write_text(second(clients).text, encoding="utf-8")
        plan = await provisioning.plan(options=PlanOptions(prune=True))
        before = {one.client_id: _held(it, one.client_id) for one in plan.steps}
        quiet, start = it.simulator._service.faults, len(it.simulator.requests)
        it.simulator._service.faults = FaultPlan.parse(_specification(seed), seed)
        result = await provisioning.apply(plan)
        for change, told in zip(plan.steps, result.results, strict=True):
            truth = _borne_out(it, directory, change, told, before[change.client_id])
            tally.reported[change.action, told.status, truth] += 1
            if not truth:
                tally.problems.append(f"seed {seed}: {told}")
        await _believe_each_answer(it, plan, tally)
        sent = it.simulator.requests[start:]
        tally.requests += len(sent)
        tally.faulted.update(one.fault for one in sent if one.fault)
        it.simulator._service.faults = quiet
        result = await provisioning.resume(result.run_id)
        tally.problems += [f"after resuming: {one}" for one in result.results if one.status != "succeeded"]
        plan = await provisioning.plan(options=PlanOptions(prune=True))
        tally.problems += [f"not as declared after resuming: {change}" for change in plan.steps]
        tally.problems += _lost_secrets(it, directory, second(clients))
        tally.problems += [f"seed {seed}: repeated after a 4xx: {one}" for one in repeated_after_4xx(sent)]


def _provisioning(it: Bench, directory: Path, inventory: Path) -> Provisioning:
    return Provisioning(
        it.service,
        it.log,
        environment="test",
        state_directory=directory / "state",
        inventory=(inventory,),
        concurrency=8,
    )


def _specification(seed: int) -> str:
    return ",".join([*(f"{kind}={rate}%" for kind, rate in FAULTS.items()), f"seed={seed}"])


def _held(it: Bench, client_id: str) -> _Held:
    stored = it.stored(client_id)
    return None if stored is None else (stored.document, stored.secret)


def _borne_out(it: Bench, directory: Path, change: Change, told: StepResult, before: _Held) -> bool:
    """Succeeded is all that was wanted, failed is not all of it, skipped is as it was. Unknown claims nothing."""
    held = _held(it, change.client_id)
    if told.status == "unknown":
        return True
    if told.status == "skipped":
        return held == before
    return _is_done(directory, change, held, before) == (told.status == "succeeded")


def _is_done(directory: Path, change: Change, held: _Held, before: _Held) -> bool:
    if change.action == "delete":
        return held is None
    if held is None:
        return False
    assert change.desired is not None
    as_declared = not not_stored(document_to_write(change.desired, None), held[0])
    if change.secret not in {"set", "rotate"}:
        return as_declared
    path = secret_file(directory, change.client_id)
    is_new = before is None or held[1] != before[1]
    return as_declared and is_new and path.exists() and path.read_text(encoding="utf-8") == held[1]


async def _believe_each_answer(it: Bench, plan: Plan, tally: Tally) -> None:
    """What a plain loop would report: each client created once, a success when the answer says so."""
    for change in plan.steps:
        if change.action != "create" or change.desired is None or change.desired["clientAuth"]["type"] != "NONE":
            continue
        document = ClientDocument({**change.desired, "clientId": f"naive-{change.client_id}"})
        try:
            await it.server.create(document, settle=False)
            told = True
        except OcmError:
            told = False
        tally.naive[told == (it.stored(f"naive-{change.client_id}") is not None)] += 1


def _lost_secrets(it: Bench, directory: Path, wanted: Wanted) -> Iterator[str]:
    for client_id in wanted.with_secret:
        path = secret_file(directory, client_id)
        if not path.exists() or path.read_text(encoding="utf-8") != it.stored(client_id).secret:
            yield f"the secret of {client_id} is lost"
    for path in (directory / "secrets").iterdir():
        if ".staged-" in path.name:
            yield f"a staged copy was left: {path.name}"


if __name__ == "__main__":
    sys.exit(
        run_rounds(
            "tests.campaigns.faults",
            __doc__,
            Tally(),
            lambda seed, options, directory, tally: one_round(seed, options.clients, directory, tally),
            rounds=10,
            clients=24,
        )
    )
