"""The built-in demo: simulated servers in a process of their own, a temporary directory, and traffic to look at.

Nothing is written outside the temporary directory, and both are gone when the demo ends. The servers live as long as
the pipe to them is open, so they end even if this process is killed.
"""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ocm_tui.core.errors import TransportError

if TYPE_CHECKING:
    from ocm_tui.core.clients.policy import WritePolicy
    from ocm_tui.core.http.types import HTTP

__all__ = ["DEMO_ENVIRONMENT", "Demo", "DemoOci", "DemoServers"]

DEMO_ENVIRONMENT: Final = "demo"
_START_SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class DemoServers:
    """What the simulated servers said when they accepted connections."""

    base_url: str
    username: str
    password: str
    token_url: str


@dataclass(frozen=True, slots=True)
class DemoOci:
    """What the simulated OCI services said when they were there."""

    config_file: Path
    endpoints: Mapping[str, Any]  # the members of `OciEndpoints`
    checked: Sequence[str]  # the profiles that are meant to work


class Demo:
    """`start` returns at once; `servers` waits until they accept connections; `close` leaves nothing behind.

    Until `start` there is nothing to leave: who was killed before it could clean up has not made anything.
    """

    def __init__(self) -> None:
        self._directory: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._traffic: asyncio.Task[None] | None = None

    @property
    def directory(self) -> Path:
        assert self._directory is not None  # the demo was started
        return self._directory

    @property
    def inventory(self) -> Path:
        return self.directory / "client-inventory.yaml"

    def start(self, *arguments: str) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="ocm-tui-demo-"))
        command = [sys.executable, "-m", "ocm_tui.simulator", "--until-stdin-closes"]
        command += ["--oci-later", "--oci-directory", str(self._directory / "oci"), *arguments]
        self._process = subprocess.Popen(  # noqa: S603  # our own module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def write_inventory(self) -> None:
        """What the demo's clients should be; some of them are not. The secret files that it names lie beside it."""
        from ocm_tui.simulator.inventory import demo_inventory, demo_secrets
        from ocm_tui.simulator.settings import SimulatorSettings

        self.inventory.write_text(demo_inventory(), encoding="utf-8")
        for name, secret in demo_secrets(SimulatorSettings().seed).items():
            path = self.directory / name
            path.parent.mkdir(mode=0o700, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secret, encoding="utf-8")

    def write_configuration(self, servers: DemoServers) -> Path:
        """What a user would have written for these servers; the password lies beside it."""
        oci = self.oci()
        password = self.directory / "password"
        password.touch(mode=0o600)
        password.write_text(servers.password, encoding="utf-8")
        path = self.directory / "config.yaml"
        path.write_text(
            f"default_environment: {DEMO_ENVIRONMENT}\n"
            "environments:\n"
            f"  {DEMO_ENVIRONMENT}:\n"
            "    server:\n"
            "      kind: pingfederate\n"
            f"      base_url: {servers.base_url}\n"
            f"      token_url: {servers.token_url}\n"
            f"      auth: {{type: basic, username: {servers.username}, password: '${{file:password}}'}}\n"
            "    oci:\n"
            f"      config_file: {oci.config_file}\n"
            f"      endpoint: {oci.endpoints['object_storage']}\n"
            f"      check: [{', '.join(oci.checked)}]\n"
            f"    inventory: {self.inventory.name}\n",
            encoding="utf-8",
        )
        self.write_inventory()
        return path

    async def servers(self) -> DemoServers:
        import json

        process = self._process
        assert process is not None
        assert process.stdout is not None
        loop = asyncio.get_running_loop()
        line = loop.create_future()

        def arrived() -> None:
            loop.remove_reader(descriptor)
            if not line.done():
                line.set_result(os.read(descriptor, 65536))

        descriptor = process.stdout.fileno()
        loop.add_reader(descriptor, arrived)
        try:
            async with asyncio.timeout(_START_SECONDS):
                said: dict[str, Any] = json.loads(await line)
        except (TimeoutError, ValueError) as error:
            raise TransportError(
                "the demo's simulated servers did not start", layer="tcp", maybe_applied=False,
                hint="ocm-tui simulate shows why",
            ) from error  # fmt: skip
        finally:
            loop.remove_reader(descriptor)
        server = said["pingfederate"]
        return DemoServers(
            base_url=server["base_url"],
            username=server["username"],
            password=server["password"],
            token_url=said["token_url"],
        )

    def ask_for_oci(self) -> None:
        """Have the OCI services opened: making their keys takes a moment, in which something else can be done."""
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # `oci` finds out that the server is gone
            self._process.stdin.write(b"oci\n")
            self._process.stdin.flush()

    def oci(self) -> DemoOci:
        """The OCI services, opened if nobody has asked for them before. Blocks until they are there."""
        import json

        self.ask_for_oci()
        assert self._process is not None
        announcement = self.directory / "oci" / "announcement.json"
        end = time.monotonic() + _START_SECONDS
        while not announcement.exists():
            if time.monotonic() > end or self._process.poll() is not None:
                raise TransportError(
                    "the demo's simulated OCI services did not start", layer="tcp", maybe_applied=False,
                    hint="ocm-tui simulate shows why",
                )  # fmt: skip
            time.sleep(0.01)
        oci: dict[str, Any] = json.loads(announcement.read_text(encoding="utf-8"))
        return DemoOci(Path(oci["config_file"]), _oci_endpoints(oci), oci["working"])

    def keep_busy(self, http: "HTTP", policy: "WritePolicy") -> None:
        """Background traffic, so that the live log has something to show."""
        from ocm_tui.demo_traffic import browse

        self._traffic = asyncio.create_task(browse(http, policy), name="demo traffic")

    async def close(self) -> None:
        if self._traffic is not None:
            self._traffic.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._traffic
        await asyncio.to_thread(self.stop)

    def stop(self) -> None:
        """End the servers and remove the directory; safe to call twice."""
        process, self._process = self._process, None
        if process is not None:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
            process.kill()  # it holds nothing that would be lost
            process.wait()
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)


def _oci_endpoints(oci: Mapping[str, Any]) -> Mapping[str, Any]:
    """One origin stands for all services of every region."""
    cluster = oci["cluster"]
    return {
        "object_storage": oci["endpoint"],
        "generative_ai": oci["endpoint"],
        "inference": oci["endpoint"],
        "metadata": oci["metadata_url"],
        "federation": oci["federation_url"],
        "oke_host": cluster["host"],
        "oke_port": cluster["port"],
        "oke_ca_file": Path(cluster["ca_file"]),
        "oke_token_file": Path(cluster["token_file"]),
    }
