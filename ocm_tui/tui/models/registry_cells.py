"""One client of the registry as cells: its row, and what the cache holds of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from ocm_tui.core.text import clean
from ocm_tui.tui.state import age_text
from ocm_tui.tui.widgets.row_table import Cell, Column, Tone

if TYPE_CHECKING:
    from ocm_tui.core.registry.inspection import CacheFinding
    from ocm_tui.core.registry.model import RegistryClient

__all__ = ["CACHE_MARKS", "NEVER", "REGISTRY_COLUMNS", "STATUS_MARKS", "WRONG", "Seen", "row_cells", "ttl_text"]

REGISTRY_COLUMNS: Final = (
    Column("Status", 11),
    Column("Client", 16, share=3),
    Column("Cache", 11),
    Column("TTL", 7, align="right", needs=48),
    Column("Bap", 8, share=1, needs=74),
    Column("Rate", 6, align="right", needs=66),
    Column("Networks", 12, share=1, needs=88),
    Column("Synced", 6, align="right", needs=58),
)
STATUS_MARKS: "Final[Mapping[str, tuple[str, Tone]]]" = {
    "ACTIVE": ("●", "good"),
    "SUSPENDED": ("◐", "warn"),
    "REVOKED": ("■", "bad"),
}
CACHE_MARKS: "Final[Mapping[str, tuple[str, Tone]]]" = {
    "fresh": ("●", "good"),
    "stale": ("▲", "bad"),
    "orphan": ("◌", "bad"),
    "corrupt": ("✗", "bad"),
    "negative": ("∅", "dim"),
    "missing": ("○", "dim"),
}
WRONG: Final = frozenset({"stale", "orphan", "corrupt"})  # not what the row says; a missing entry is merely absent
_NOT_READ: Final = Cell("· unread", "dim")
NEVER: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the cache held of one client when it was last looked at. `expires` is of the monotonic clock, infinite for
    a key without expiry and None for no key."""

    finding: "CacheFinding"
    expires: float | None

    @classmethod
    def of(cls, finding: "CacheFinding", now: float) -> "Seen":
        ttl = finding.ttl_ms
        return cls(finding, None if ttl <= -2 else NEVER if ttl < 0 else now + ttl / 1000)


def ttl_text(seconds: float | None) -> str:
    """`212 s`, `never` for a key without expiry, a dash for no key."""
    if seconds is None:
        return "–"
    if seconds == NEVER:
        return "never"
    return f"{int(max(seconds, 0))} s" if seconds < 10_000 else age_text(seconds)


def row_cells(
    client_id: UUID,
    client: "RegistryClient | None",
    seen: "CacheFinding | None",
    left: float | None,
    *,
    propagated: bool,
) -> Sequence[Cell]:
    """`left` is the time to live in seconds; `propagated` is false while the cache may not know the last write."""
    cache, ttl = _cache_cells(seen, left)
    if not propagated:
        cache = Cell("◐ not yet", "warn")
    if client is None:
        absent = "– no row" if seen is not None and seen.state == "orphan" else "– unlisted"
        return Cell(absent, "dim"), Cell(str(client_id), "dim"), cache, ttl, *(Cell("–", "dim"),) * 4
    mark, tone = STATUS_MARKS.get(client.status, ("?", "dim"))
    return (
        Cell(f"{mark} {clean(client.status, 20).lower()}", tone),
        Cell(clean(client.client_code, 200) or str(client_id), "" if client.status == "ACTIVE" else "dim"),
        cache,
        ttl,
        Cell(clean(client.bap_id or "–", 100), "dim"),
        Cell(str(client.rate_limit)),
        Cell(_networks(client.allowed_ips), "dim"),
        Cell(_age(client.last_synced_at), "dim"),
    )


def _cache_cells(seen: "CacheFinding | None", left: float | None) -> tuple[Cell, Cell]:
    if seen is None or seen.state is None:
        return _NOT_READ, Cell("–", "dim")
    mark, tone = CACHE_MARKS[seen.state]
    shown = Cell(f"{mark} {'~' if seen.approximate else ''}{seen.state}", tone)
    return shown, Cell(ttl_text(left), "bad" if left == NEVER else "dim" if tone == "good" or left is None else tone)


def _networks(networks: Sequence[str]) -> str:
    if not networks:
        return "any"
    return clean(networks[0], 60) + (f" +{len(networks) - 1}" if len(networks) > 1 else "")


def _age(at: datetime | None) -> str:
    return "never" if at is None else age_text((datetime.now(UTC) - at).total_seconds())
