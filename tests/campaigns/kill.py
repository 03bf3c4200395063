"""`python -m tests.campaigns.kill --rounds 100`: applies that are killed at a random moment, and then resumed.

In each round a process of its own applies an inventory that creates, changes, rotates and deletes, with generated
secrets delivered into files. It gets SIGKILL at a random moment, and so may the process that resumes the run. In the
end the server has to be what the inventory declares, with no client made twice, every secret in its file in force, and
nothing secret anywhere else.
"""

import argparse
import asyncio
import json
import random
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from ocm_tui.core.provisioning.journal import read_run, read_runs
from ocm_tui.core.provisioning.model import PlanOptions
from ocm_tui.core.provisioning.store import FILE_NAME
from ocm_tui.simulator.documents import StoredClient
from ocm_tui.simulator.server import Simulator
from ocm_tui.simulator.settings import SimulatorSettings
from tests.campaigns.children import Home, run_rounds
from tests.campaigns.inventories import first, second, secret_file

__all__ = ["Tally", "one_round"]


@dataclass
class Tally:
    """`when` counts what the journal said after each kill."""

    rounds: int = 0
    kills: int = 0
    clients: int = 0
    secrets: int = 0
    when: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def table(self) -> str:
        moments = "\n".join(f"  {moment:<28} {count:>5}" for moment, count in sorted(self.when.items()))
        return "\n".join([
            f"rounds {self.rounds}, kills {self.kills}", f"clients as declared {self.clients}",
            f"secrets in their files and in force {self.secrets}", "killed:", moments,
            *(f"PROBLEM: {problem}" for problem in self.problems), f"problems: {len(self.problems)}",
        ])  # fmt: skip


class InventoryHome(Home):
    """With an inventory, and files for its secrets."""

    def __init__(self, directory: Path, simulator: Simulator) -> None:
        super().__init__(directory, simulator, "tests.campaigns.kill", environment="    inventory: inventory.yaml\n")
        self.inventory = directory / "inventory.yaml"
        (directory / "secrets").mkdir()


async def one_round(seed: int, clients: int, directory: Path, tally: Tally) -> None:
    chance = random.Random(seed)
    async with Simulator(SimulatorSettings(clients=2, seed=seed, latency_ms=2, request_log=100_000)) as simulator:
        home = InventoryHome(directory, simulator)
        home.inventory.write_text(first(clients).text, encoding="utf-8")
        code, seconds = await home.child("apply")
        assert code == 0, home.output
        home.inventory.write_text(second(clients).text, encoding="utf-8")
        command: tuple[str, ...] = ("apply",)
        # The second apply has about as much to do as the first; the resumed ones less and less.
        for share in (1.2, 0.8, None):
            kill_after = None if share is None else chance.uniform(0, seconds * share)
            code, _ = await home.child(*command, kill_after=kill_after)
            if code == -signal.SIGKILL:
                command = _after_kill(home, tally)
            elif code != 0:
                tally.problems.append(f"seed {seed}: exit {code}: {home.output.decode()[-2000:]}")
            else:
                break
        tally.rounds += 1
        await _judge(home, simulator, seed, clients, tally)


def _after_kill(home: InventoryHome, tally: Tally) -> tuple[str, ...]:
    """What has to be done now; the journal can be read at any moment."""
    tally.kills += 1
    runs = read_runs(home.state / FILE_NAME, 10)
    run = runs[0]
    if run.status != "abandoned":  # killed before the plan was on the disk
        tally.when["before the run was journalled"] += 1
        return ("apply",)
    record = read_run(home.state / FILE_NAME, run.run_id)
    done = len(record.outcomes)
    tally.when["before any outcome" if done == 0 else "between two outcomes" if done < run.total else "after all"] += 1
    return ("resume", run.run_id)


async def _judge(home: InventoryHome, simulator: Simulator, seed: int, clients: int, tally: Tally) -> None:
    store, wanted = simulator.api.store, second(clients)
    problems = []
    code, _ = await home.child("check")
    if code != 0:
        problems.append(f"not as declared: {home.output.decode()[-2000:]}")
    ids = [row for row in store.rows() if isinstance(row, str)]
    if sorted(ids) != sorted(wanted.clients):
        problems.append(f"the server has {sorted(ids)}")
    created = Counter(_created(simulator))
    problems += [f"{client_id} was created {count} times" for client_id, count in created.items() if count > 1]
    lost = [one for one in wanted.with_secret if not _in_force(store.get(one), secret_file(home.directory, one))]
    problems += [f"the secret of {client_id} is lost, or readable by others" for client_id in lost]
    secrets = list((home.directory / "secrets").iterdir())
    problems += [f"a staged copy was left: {path.name}" for path in secrets if ".staged-" in path.name]
    known = {path.read_text(encoding="utf-8") for path in secrets}
    known |= {secret for one in ids if (client := store.get(one)) is not None and (secret := client.secret)}
    problems += _told_secrets(home, known)
    tally.clients += len(ids)
    tally.secrets += len(wanted.with_secret) - len(lost)
    tally.problems += [f"seed {seed}: {problem}" for problem in problems]


def _in_force(client: StoredClient | None, path: Path) -> bool:
    if client is None or not path.exists() or path.stat().st_mode & 0o777 != 0o600:
        return False
    return path.read_text(encoding="utf-8") == client.secret


def _created(simulator: Simulator) -> list[str]:
    """The clientId of every POST that made a client."""
    return [
        json.loads(one.body)["clientId"]
        for one in simulator.requests
        if one.method == "POST" and one.status == 201 and unquote(one.path).endswith("/oauth/clients")
    ]


def _told_secrets(home: InventoryHome, known: set[str]) -> Iterator[str]:
    """Where a secret is that must not be: the journal, the history, what was printed."""
    texts = {path.name: path.read_bytes() for path in home.state.iterdir() if path.is_file()}
    texts["the output"] = home.output
    for run in read_runs(home.state / FILE_NAME, 100):
        texts[f"the plan of {run.run_id}"] = repr(read_run(home.state / FILE_NAME, run.run_id)).encode()
    for name, text in texts.items():
        if any(secret.encode() in text for secret in known):
            yield f"a secret is in {name}"


async def _child(words: list[str]) -> int:
    from ocm_tui.bootstrap import open_session

    config, command, *rest = words
    options = argparse.Namespace(demo=False, config=Path(config), env=None, read_only=False)
    async with open_session(options) as session:
        provisioning = session.require_provisioning()
        plan = await provisioning.plan(options=PlanOptions(prune=True))
        sys.stdout.write("begins\n")
        sys.stdout.flush()
        if command == "check":
            sys.stdout.write(f"{plan.steps}\n")
            return len(plan.steps)
        result = await (provisioning.resume(rest[0]) if command == "resume" else provisioning.apply(plan))
        sys.stdout.write(f"{result}\n")
        return 0 if result.count("succeeded") == len(result.results) else 1


def main() -> int:
    if sys.argv[1:2] == ["--child"]:
        return asyncio.run(_child(sys.argv[2:]))
    return run_rounds(
        "tests.campaigns.kill",
        __doc__,
        Tally(),
        lambda seed, options, directory, tally: one_round(seed, options.clients, directory, tally),
        rounds=10,
        clients=24,
    )


if __name__ == "__main__":
    sys.exit(main())
