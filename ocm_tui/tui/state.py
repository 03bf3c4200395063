"""What the banner shows: the connection as it is, not as a file says it."""

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable
from urllib.parse import urlsplit

__all__ = ["Connection", "Phase", "TellsConnection", "age_text", "duration_text", "host_of"]

Phase = Literal["starting", "connecting", "connected", "failed", "none"]


@dataclass(frozen=True, slots=True)
class Connection:
    """`host` is that of the connected endpoint; `as_of` is when the list was last complete, seconds since the epoch."""

    environment: str = ""
    phase: Phase = "starting"
    host: str = ""
    version: str = ""
    user: str = ""
    account: Literal["", "Admin", "Auditor"] = ""
    protected: bool = False
    demo: bool = False
    refusal: str | None = None  # why writes are refused now
    problem: str = ""
    as_of: float | None = None


@runtime_checkable
class TellsConnection(Protocol):
    """A screen that says what the connection is, and is no pane."""

    def connection_changed(self, connection: Connection) -> None: ...


def host_of(url: str) -> str:
    """`https://host:port` of a URL, without userinfo or path."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}:{parts.port}" if parts.port else f"{parts.scheme}://{shown}"


def age_text(seconds: float) -> str:
    """`3 s`, `4 min`, `2 h`, `9 d`: at most one unit, never negative."""
    seconds = max(seconds, 0)
    for limit, size, unit in ((90, 1, "s"), (90 * 60, 60, "min"), (36 * 3600, 3600, "h")):
        if seconds < limit:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds // 86400)} d"


def duration_text(milliseconds: float) -> str:
    """`0.4 ms`, `38 ms`, `2.31 s`."""
    if milliseconds < 10:
        return f"{milliseconds:.1f} ms"
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    return f"{milliseconds / 1000:.2f} s"
