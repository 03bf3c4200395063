"""Fifty profiles probed side by side, against the way of one after the other; and what the event loop feels of it."""

import asyncio
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.oci.endpoints import OciEndpoints
from ocm_tui.core.oci.service import OciService
from ocm_tui.simulator.oci_identities import TENANCY, Identities, ocid, pem_of
from ocm_tui.simulator.server import Simulator
from ocm_tui.simulator.settings import SimulatorSettings
from tests.benchmarks.table import Row, quantile

__all__ = ["run"]

_PROFILES: Final = 50
_LATENCY_MS: Final = 200
_SEQUENTIAL: Final = 5  # of the fifty: the others would take as long
_TICK: Final = 0.001


def run() -> list[Row]:
    rows = []
    for bits in (2048, 4096):
        together, one_by_one, lag = asyncio.run(_measured(bits))
        name = f"probe {_PROFILES} profiles, {bits} bits, {_LATENCY_MS} ms away"
        rows += [
            Row(name, together * 1e3, one_by_one * 1e3, 0.1, "ms", "one after the other, by the SDK alone"),
            Row(f"{name}: loop lag p99", lag * 1e3, None, 25.0, "ms"),
        ]
    return rows


async def _measured(bits: int) -> tuple[float, float, float]:
    """Seconds: all together, all one after the other (from a tenth of them), and the loop's lag at p99."""
    with tempfile.TemporaryDirectory() as folder, _served(Path(folder), bits) as endpoint:
        file = Path(folder) / "config"
        one_by_one = await asyncio.to_thread(_seed_way, file, endpoint)
        service = OciService(file, ExchangeLog(), endpoints=OciEndpoints(object_storage=endpoint))
        await service.load()
        lags: list[float] = []
        watch = asyncio.create_task(_watch(lags))
        start = time.perf_counter()
        answered = [entry async for entry in service.probe_each()]
        together = time.perf_counter() - start
        watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watch
        assert [entry.status for entry in answered] == ["useable"] * _PROFILES
        return together, one_by_one, quantile(lags, 0.99)


@contextlib.contextmanager
def _served(folder: Path, bits: int) -> Iterator[str]:
    """The service in a process of its own, which knows a key for each of the profiles in `folder`: its endpoint."""
    command = [sys.executable, "-m", "tests.benchmarks.oci_profiles", str(folder), str(bits)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield process.stdout.readline().decode().strip()
        finally:
            process.stdin.close()


async def _serve(folder: Path, bits: int) -> None:
    """Until stdin ends."""
    settings = SimulatorSettings(oci=True, oci_directory=folder / "cloud", latency_ms=_LATENCY_MS)
    async with Simulator(settings) as simulator:
        _write_profiles(folder, bits, simulator.oci.services.identities)
        print(simulator.origin, flush=True)  # noqa: T201  # who started us waits for it
        await asyncio.to_thread(sys.stdin.read)


def _write_profiles(folder: Path, bits: int, identities: Identities) -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa

    from ocm_tui.core.oci.keys import fingerprint_of

    sections = []
    for number in range(_PROFILES):
        key = rsa.generate_private_key(65537, bits)
        user, fingerprint = ocid("user", str(number)), fingerprint_of(key.public_key())
        identities.enrol(TENANCY, user, fingerprint, key.public_key())
        path = folder / f"key-{number}.pem"
        path.touch(mode=0o600)
        path.write_bytes(pem_of(key))
        sections.append(
            f"[p{number}]\nuser={user}\ntenancy={TENANCY}\nfingerprint={fingerprint}\n"
            f"key_file={path}\nregion=eu-frankfurt-1\n"
        )
    file = folder / "config"
    file.touch(mode=0o600)
    file.write_text("\n".join(sections), encoding="utf-8")


def _seed_way(file: Path, endpoint: str) -> float:
    """As the seed does it at its start: read, load the key, ask; then the next one."""
    from oci.config import from_file
    from oci.object_storage import ObjectStorageClient
    from oci.retry import NoneRetryStrategy

    start = time.perf_counter()
    for number in range(_SEQUENTIAL):
        config = from_file(str(file), f"p{number}")
        client = ObjectStorageClient(
            config, retry_strategy=NoneRetryStrategy(), timeout=(1, 10), service_endpoint=endpoint
        )
        client.get_namespace()
    return (time.perf_counter() - start) * _PROFILES / _SEQUENTIAL


async def _watch(lags: list[float]) -> None:
    while True:
        before = time.perf_counter()
        await asyncio.sleep(_TICK)
        lags.append(time.perf_counter() - before - _TICK)


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2])))
