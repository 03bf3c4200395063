"""`python -m tests.campaigns.minimise --rounds 200`: minimisations that are killed at a random moment, or meet faults.

In each round a process of its own has a payload of 40 fields refused, for one field or for two together, and minimises
it. Most of them get SIGKILL at a random moment, some while the server fails. What is on the server then must be in the
journal; after the clean-up nothing may be left of the trials, on the server or in the journal, and no secret is
anywhere. Those that reach their end must have found the cause.
"""

import argparse
import asyncio
import random
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocm_tui.core.diagnosis.minimise.journal import PREFIX, TrialJournal
from ocm_tui.core.errors import OcmError
from ocm_tui.simulator.faults import FaultPlan
from ocm_tui.simulator.server import Simulator
from ocm_tui.simulator.settings import SimulatorSettings
from tests.campaigns.children import Home, run_rounds
from tests.contract.minimise_support import BAD, BAD_PAIRS, SECRET, spoiled

__all__ = ["Tally", "one_round"]

FAULTS = "reset-before=3%,reset-after=3%,lost-answer=3%,500=2%,502=2%,html=1%,truncate=2%,cut-json@POST=1%"
_SETTLING = 0.3  # seconds: the simulator is quicker than a server behind proxies
_UNHURRIED = 0.6  # seconds that a minimisation takes here, for a first guess at the moment of the kill


@dataclass
class Tally:
    """`left` counts the throwaway clients on the server at the moment after a kill."""

    rounds: int = 0
    kills: int = 0
    ended: int = 0
    seconds: float = _UNHURRIED
    when: Counter[str] = field(default_factory=Counter)
    left: int = 0
    removed: int = 0
    problems: list[str] = field(default_factory=list)

    def table(self) -> str:
        moments = "\n".join(f"  {moment:<40} {count:>5}" for moment, count in sorted(self.when.items()))
        return "\n".join([
            f"rounds {self.rounds}, kills {self.kills}, ended {self.ended}", "killed:", moments,
            f"on the server after kills {self.left}, deleted by clean-ups {self.removed}",
            *(f"PROBLEM: {problem}" for problem in self.problems), f"problems: {len(self.problems)}",
        ])  # fmt: skip


class TrialHome(Home):
    def __init__(self, directory: Path, simulator: Simulator) -> None:
        super().__init__(directory, simulator, "tests.campaigns.minimise")

    def pending(self) -> list[str]:
        journal = TrialJournal(self.state)
        try:
            return [one.client_id for one in journal.pending()]
        finally:
            journal.close()


async def one_round(seed: int, directory: Path, tally: Tally) -> None:
    chance = random.Random(seed)
    kills, faulty = chance.random() < 0.8, chance.random() < 0.3
    async with Simulator(SimulatorSettings(clients=2, seed=seed, latency_ms=10, request_log=10_000)) as simulator:
        home = TrialHome(directory, simulator)
        if faulty:
            simulator._service.faults = FaultPlan.parse(FAULTS, seed)
        moment = chance.uniform(0, tally.seconds * 1.1) if kills else None
        code, seconds = await home.child("minimise", str(seed), kill_after=moment)
        if code == -signal.SIGKILL:
            tally.kills += 1
            await _after_kill(home, simulator, seed, tally)
        else:
            tally.ended += 1
            if not faulty:
                tally.seconds = (tally.seconds + seconds) / 2
            if code != 0 and not (faulty and code == 3):
                tally.problems.append(f"seed {seed}: exit {code}: {home.output.decode()[-2000:]}")
        simulator._service.faults = FaultPlan()
        if home.pending() or faulty or kills:
            code, _ = await home.child("clean-up")
            if code != 0:
                tally.problems.append(f"seed {seed}: clean-up ended with {code}: {home.output.decode()[-2000:]}")
        tally.rounds += 1
        left = _on_server(simulator)
        tally.problems += [f"seed {seed}: left on the server: {one}" for one in left]
        tally.problems += [f"seed {seed}: left in the journal: {one}" for one in home.pending()]
        tally.problems += [f"seed {seed}: {told}" for told in _told_secrets(home)]


async def _after_kill(home: TrialHome, simulator: Simulator, seed: int, tally: Tally) -> None:
    """What the server was sent is done, then both sides are looked at."""
    await asyncio.sleep(0.05)  # the simulator may be at work on the last request for its latency
    left, pending = _on_server(simulator), home.pending()
    tally.left += len(left)
    tally.removed += len(left)
    tally.when[
        "before the first trial" if not (home.state / "trials").exists()
        else "between two trials" if not pending
        else "with a client on the server" if left
        else "with a trial in the journal, and not there"
    ] += 1  # fmt: skip
    tally.problems += [f"seed {seed}: {one} is not in the journal" for one in set(left) - set(pending)]
    if len(pending) > 1:
        tally.problems.append(f"seed {seed}: {len(pending)} trials at once: {pending}")


def _on_server(simulator: Simulator) -> list[str]:
    return [row for row in simulator.api.store.rows() if isinstance(row, str) and row.startswith(PREFIX)]


def _told_secrets(home: TrialHome) -> Iterator[str]:
    texts = {path.name: path.read_bytes() for path in home.state.rglob("*") if path.is_file()}
    texts["the output"] = home.output
    for name, text in texts.items():
        if SECRET.encode() in text:
            yield f"a secret is in {name}"


def _payload(seed: int) -> tuple[dict[str, Any], set[str]]:
    """Ways to spoil it, and the fields that are to blame."""
    chance = random.Random(seed + 10_000)
    if chance.random() < 0.4:
        pair = chance.choice(list(BAD_PAIRS))
        return BAD_PAIRS[pair], set(pair)
    name = chance.choice(list(BAD))
    return {name: BAD[name]}, {name}


async def _child(words: list[str]) -> int:
    from ocm_tui.bootstrap import open_session
    from ocm_tui.core.diagnosis.minimise.clean_up import clean_up
    from ocm_tui.core.diagnosis.minimise.model import Budget
    from ocm_tui.core.diagnosis.minimise.run import minimise

    config, command, *rest = words
    options = argparse.Namespace(demo=False, config=Path(config), env=None, read_only=False)
    async with open_session(options) as session:
        assert session.state_directory is not None
        server, journal = session.require_clients().server, TrialJournal(session.state_directory)
        sys.stdout.write("begins\n")
        sys.stdout.flush()
        if command == "clean-up":
            done = await clean_up(journal, server, policy=session.policy, settling=_SETTLING, per_second=float("inf"))
            sys.stdout.write(f"{done}\n")
            return int(done.exit_code)
        changes, blamed = _payload(int(rest[0]))
        exchange = None
        while exchange is None:
            try:
                await server.create(spoiled(changes), settle=False)
            except OcmError:
                newest = session.log.snapshot()[-1]
                exchange = newest if newest.status in {400, 422} else None
        budget = Budget(200, float("inf"))
        result = await minimise(server, exchange, policy=session.policy, journal=journal, budget=budget)
        sys.stdout.write(f"{result}\n")
        if result.error is not None:
            return 3
        right = result.reproduced and {name for one in result.culprits for name in one.fields} == blamed
        return 0 if right and not any(one.certain for one in result.left_over) else 1


def main() -> int:
    if sys.argv[1:2] == ["--child"]:
        return asyncio.run(_child(sys.argv[2:]))
    return run_rounds(
        "tests.campaigns.minimise",
        __doc__,
        Tally(),
        lambda seed, _, directory, tally: one_round(seed, directory, tally),
        rounds=20,
    )


if __name__ == "__main__":
    sys.exit(main())
