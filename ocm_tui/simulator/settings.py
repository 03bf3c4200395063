"""What a simulator is asked to be, checked before anything starts."""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from ocm_tui.core.errors import UsageError

__all__ = ["MOST_CLIENTS", "RELEASES", "Release", "SimulatorSettings", "release_of"]

Release = tuple[int, int]

# The product lines that differ in what a client may hold; the value is the full version when only a line was asked for.
RELEASES: Final[dict[Release, str]] = {
    (11, 3): "11.3.0.0",
    (12, 0): "12.0.0.9",
    (12, 1): "12.1.0.4",
    (12, 2): "12.2.0.0",
    (12, 3): "12.3.0.0",
    (13, 0): "13.0.0.0",
    (13, 1): "13.1.0.5",
}
MOST_CLIENTS: Final = 1_000_000
_LONGEST_LATENCY_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """`port` 0 takes a free one. The same settings give the same clients, ids, dates and secrets.

    `storage` is where the server keeps its clients: "xml" gives 0 for the times of persistent grants that are not set,
    "directory" gives null. `quirks` lets replies break the published schema in the ways that real exports do: an empty
    `policyGroup`, time units of "". `cluster` answers the cluster calls, which a standalone server refuses.
    `request_log` is how many requests `Simulator.requests` keeps. `oci` adds the OCI services; their customers' files
    are written to `oci_directory`, or to a temporary one that goes when the server stops. `oci_clock_skew` is how
    many seconds their clock is ahead.
    """

    port: int = 0
    clients: int = 40
    seed: int = 1
    latency_ms: float = 0.0
    faults: str = ""
    server_version: str = "12.1.0.4"
    storage: Literal["xml", "directory"] = "xml"
    quirks: bool = False
    cluster: bool = False
    secret_retention_minutes: int = 1440
    request_log: int = 5000
    oci: bool = False
    oci_directory: Path | None = None
    oci_clock_skew: float = 0.0

    def check(self) -> None:
        """UsageError for the first value that makes no sense; the fault specification is checked where it is parsed."""
        if not 0 <= self.port <= 65535:
            raise UsageError(f"port {self.port} is out of range", hint="0 takes a free port; others go up to 65535")
        if not 0 <= self.clients <= MOST_CLIENTS:
            raise UsageError(f"{self.clients} clients are out of range", hint=f"between 0 and {MOST_CLIENTS}")
        if not (math.isfinite(self.latency_ms) and 0 <= self.latency_ms <= _LONGEST_LATENCY_MS):
            raise UsageError(
                f"a latency of {self.latency_ms} ms is out of range", hint=f"between 0 and {_LONGEST_LATENCY_MS} ms"
            )
        if self.storage not in {"xml", "directory"}:
            raise UsageError(f"unknown storage {self.storage}", hint="xml or directory")
        if not 0 <= self.secret_retention_minutes < 2**31:
            raise UsageError(f"a secret retention of {self.secret_retention_minutes} minutes is out of range")
        release_of(self.server_version)


def release_of(version: str) -> tuple[Release, str]:
    """`12.1` and `12.1.0.4` name a release; the second item is the version in full."""
    match = re.fullmatch(r"(\d{1,3})\.(\d{1,3})((?:\.\d{1,5}){0,2})", version, re.ASCII)
    release = (int(match[1]), int(match[2])) if match else (0, 0)
    if match is None or release not in RELEASES:
        known = ", ".join(f"{major}.{minor}" for major, minor in RELEASES)
        raise UsageError(f"unknown server version {version!r}", hint=f"one of {known}, or in full such as 12.1.0.4")
    return release, version if match[3].count(".") == 2 else RELEASES[release]
