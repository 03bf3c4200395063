"""One simulator in a process for all tests of the command line that only read, and a home for the program.

And pauses that nobody waits for.
"""

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocm_tui.core.provisioning.repeat import StopSignal
from tests.contract.command_line import DOCUMENT, Program, Simulated, closed_port, environment_yaml


@pytest.fixture(scope="session")
def simulated() -> Iterator[Simulated]:
    """Shared: tests that write use clients of their own."""
    with Simulated("--clients", "40", "--seed", "11") as simulator:
        yield simulator


@pytest.fixture
def program(tmp_path: Path, simulated: Simulated) -> Program:
    """Environments: dev (default), prod (protected), refused, auditor, dead, empty."""
    home = tmp_path / "home"
    home.mkdir()
    inventory = home / "inventory.yaml"
    inventory.write_text(
        "version: 1\nclients:\n- clientId: orders-api\n  grantTypes: [CLIENT_CREDENTIALS]\n"
        "  clientAuth: {type: SECRET}\n  secret: keep\n",
        encoding="utf-8",
    )
    (home / "config.yaml").write_text(
        "default_environment: dev\nenvironments:\n"
        + environment_yaml("dev", simulated.base_url, inventory="inventory.yaml")
        + environment_yaml("prod", simulated.base_url, protected="true")
        + environment_yaml("refused", simulated.base_url, "nobody")
        + environment_yaml("auditor", simulated.base_url, simulated.auditor["username"], password="AUDITOR_PASSWORD")
        + environment_yaml("dead", f"http://127.0.0.1:{closed_port()}/pf-admin-api/v1")
        + "  empty: {}\n",
        encoding="utf-8",
    )
    return Program(home, {"PF_PASSWORD": simulated.password, "AUDITOR_PASSWORD": simulated.auditor["password"]})


@pytest.fixture
def client(program: Program, request: pytest.FixtureRequest) -> str:
    """A client of this test's own."""
    name = f"own-{hashlib.sha256(request.node.name.encode()).hexdigest()[:12]}"
    done = program("clients", "create", "--file", "-", stdin=DOCUMENT.format(id=name))
    assert done.code == 0, done.stderr
    return name


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses between two attempts, as they were asked for, without waiting for them."""
    asked: list[float] = []

    async def pause(self: StopSignal, seconds: float) -> None:
        asked.append(seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr(StopSignal, "pause", pause)
    return asked
