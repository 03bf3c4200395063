"""The OCI profiles as rows: what is known of each, what is being asked, and the view that is filtered and sorted."""

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ocm_tui.core.secret import LONG, known_secrets
from ocm_tui.core.text import clean
from ocm_tui.tui.state import age_text, duration_text
from ocm_tui.tui.widgets.row_table import Cell, Column, Tone

if TYPE_CHECKING:
    from ocm_tui.core.oci.model import Finding
    from ocm_tui.core.oci.registry import ProfileEntry
    from ocm_tui.tui.models.oci_query import ProfileQuery

__all__ = [
    "AUTH_WORDS",
    "CHANGED_COLUMNS",
    "EXPIRING",
    "PROFILE_COLUMNS",
    "SORTS",
    "STATUS_MARKS",
    "OciRows",
    "countdown_text",
    "counted",
    "exchanges_filter",
    "memory_word",
    "shown",
    "skew_text",
]

PROFILE_COLUMNS: Final = (
    Column("Status", 13),
    Column("Profile", 14, share=3),
    Column("Auth", 9, needs=52),
    Column("Region", 14, share=1, needs=75),
    Column("Tenancy", 12, share=1, needs=130),
    Column("Latency", 8, align="right", needs=84),
    Column("Skew", 7, align="right", needs=92),
    Column("Token", 8, align="right", needs=60),
    Column("Verified", 8, align="right", needs=101),
    Column("Findings", 10, needs=42),
)
# How memory differs from the file: a column that is there when anything does.
_MEMORY: Final = Column("Memory", 8)
_LESS_ROOM: Final = frozenset({"Region", "Latency", "Skew", "Verified", "Tenancy"})
CHANGED_COLUMNS: Final = (
    *(replace(one, needs=one.needs + _MEMORY.width + 1) if one.title in _LESS_ROOM else one for one in PROFILE_COLUMNS),
    _MEMORY,
)
STATUS_MARKS: "Final[Mapping[str, tuple[str, Tone]]]" = {
    "useable": ("●", "good"),
    "not useable": ("▲", "bad"),
    "unknown": ("?", "dim"),
}
SORTS: Final = ("file's order", "name", "status", "findings", "token")
EXPIRING: Final = 300.0  # seconds: a session lives 5 to 60 minutes

AUTH_WORDS: Final = {
    "api_key": "API key",
    "instance_principal": "instance",
    "oke_workload_identity": "workload",
    "security_token": "token",
}
_WORST: Final = {"not useable": 0, "unknown": 1, "useable": 2}
_WARN_SKEW: Final = 60.0  # seconds; OCI refuses from 300 on


class OciRows:
    """A `RowSource`, in the file's order. `probing` are the names that are being asked about; `expiries` says when
    session tokens end, in seconds since the epoch.
    """

    def __init__(self) -> None:
        self.entries: list[ProfileEntry] = []
        self.probing: set[str] = set()
        self.expiries: Mapping[str, float] = {}
        self.query: ProfileQuery | None = None
        self.sort = 0
        self.changed = 0  # how many differ from the file
        self._index: dict[str, int] = {}
        self._view: Sequence[int] = range(0)
        self._places: dict[int, int] = {}  # of the rows that are in the view

    @property
    def total(self) -> int:
        return len(self.entries)

    # RowSource

    def __len__(self) -> int:
        return len(self._view)

    def key(self, position: int) -> str:
        return self.entries[self._view[position]].name

    def position(self, key: str) -> int | None:
        index = self._index.get(key)
        return None if index is None else self._places.get(index)

    def cells(self, position: int) -> Sequence[Cell]:
        entry = self.entries[self._view[position]]
        result, now = entry.result, time.time()
        latency = result.latency_ms if result is not None else None
        return (
            self._status_cell(entry),
            Cell(shown(entry.name)),
            auth_cell(entry),
            Cell(shown(entry.config.region or "–"), "" if entry.config.region else "dim"),
            Cell(_tail(entry.config.tenancy), "dim"),
            Cell(duration_text(latency) if latency is not None else "–", "" if latency is not None else "dim"),
            _skew_cell(result.clock_skew_s if result is not None else None),
            _token_cell(entry, self.expiries.get(entry.name), now),
            Cell(age_text(now - result.verified_at) if result is not None else "–", "dim"),
            _findings_cell(entry.findings),
            *((Cell(memory_word(entry), "warn"),) if self.changed else ()),
        )

    def _status_cell(self, entry: "ProfileEntry") -> Cell:
        if entry.name in self.probing:
            return Cell("◌ probing …", "strong")
        mark, tone = STATUS_MARKS[entry.status]
        return Cell(f"{mark} {entry.status}", tone)

    # Changes

    def get(self, name: str) -> "ProfileEntry | None":
        index = self._index.get(name)
        return None if index is None else self.entries[index]

    def replace(self, entries: "Iterable[ProfileEntry]") -> None:
        """All of them, as the registry has them now."""
        self.entries = list(entries)
        self._index = {entry.name: index for index, entry in enumerate(self.entries)}
        self.probing &= self._index.keys()
        self.changed = sum(entry.modified for entry in self.entries)
        self._rebuild()

    def put(self, entries: "Iterable[ProfileEntry]") -> None:
        """Profiles that were probed; one that is gone meanwhile stays gone."""
        for entry in entries:
            index = self._index.get(entry.name)
            if index is not None:
                self.entries[index] = entry
        if self.sort or (self.query is not None and not self.query.is_empty):
            self._rebuild()

    def set_query(self, query: "ProfileQuery | None") -> None:
        self.query = query
        self._rebuild()

    def set_sort(self, sort: int) -> None:
        self.sort = sort % len(SORTS)
        self._rebuild()

    @property
    def names(self) -> Sequence[str]:
        """Those that are shown, in the order in which they are."""
        return [self.entries[index].name for index in self._view]

    @property
    def columns(self) -> Sequence[Column]:
        return CHANGED_COLUMNS if self.changed else PROFILE_COLUMNS

    def _rebuild(self) -> None:
        query = self.query
        view: Sequence[int] = range(len(self.entries))
        if query is not None and not query.is_empty:
            view = [index for index in view if query.matches(self.entries[index])]
        self._view = sorted(view, key=self._order()) if self.sort else view
        self._places = {index: place for place, index in enumerate(self._view)}

    def _order(self) -> Callable[[int], Any]:
        entries, never = self.entries, float("inf")
        orders: dict[str, Callable[[int], Any]] = {
            "name": lambda index: entries[index].name.casefold(),
            "status": lambda index: _WORST[entries[index].status],
            "findings": lambda index: [-count for count in _counts(entries[index].findings)],
            "token": lambda index: self.expiries.get(entries[index].name, never),
        }
        return orders[SORTS[self.sort]]


def shown(text: object, limit: int = 300) -> str:
    """What a file says, for a screen: clean, and without any value that is known to be secret."""
    from ocm_tui.core.oci.secrecy import concealed

    return known_secrets.scrub(clean(concealed(str(text)), limit), shortest=LONG)


def memory_word(entry: "ProfileEntry") -> str:
    """How memory and file differ: `draft` was refused when it was created, `new` is not in the file."""
    if entry.draft:
        return "draft"
    if not entry.modified:
        return ""
    return "new" if entry.source is None else "modified"


def auth_cell(entry: "ProfileEntry") -> Cell:
    known = entry.config.auth
    if known is None:
        return Cell(shown(entry.config.authentication, 40), "bad")
    return Cell(AUTH_WORDS[known], "dim" if known == "api_key" else "")


def countdown_text(seconds: float) -> str:
    """`54:12`, `2 h`, `expired`."""
    if seconds <= 0:
        return "expired"
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02}" if whole < 5400 else age_text(seconds)


def skew_text(seconds: float) -> str:
    """The server's clock minus ours: `0 s`, `+2 s`, `-7 min`."""
    if abs(seconds) < 1:
        return "0 s"
    return f"{'+' if seconds > 0 else '-'}{age_text(abs(seconds))}"


def counted(findings: "Sequence[Finding]") -> str:
    """`1 error, 2 warnings`; what is only worth to know is not counted."""
    words = zip(_counts(findings), ("error", "warning"), strict=True)
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in words if count)


def _counts(findings: "Sequence[Finding]") -> tuple[int, int]:
    severities = [finding.severity for finding in findings]
    return severities.count("error"), severities.count("warning")


def _findings_cell(findings: "Sequence[Finding]") -> Cell:
    errors, warnings = _counts(findings)
    if errors:
        return Cell(f"{errors} error{'' if errors == 1 else 's'}", "bad")
    return Cell(f"{warnings} warning{'' if warnings == 1 else 's'}", "warn") if warnings else Cell("–", "dim")


def _skew_cell(skew: float | None) -> Cell:
    if skew is None:
        return Cell("–", "dim")
    return Cell(skew_text(skew), "warn" if abs(skew) >= _WARN_SKEW else "")


def _token_cell(entry: "ProfileEntry", expires_at: float | None, now: float) -> Cell:
    if expires_at is None or entry.config.auth != "security_token":
        return Cell("–", "dim")
    left = expires_at - now
    return Cell(countdown_text(left), "bad" if left <= 0 else "warn" if left <= EXPIRING else "")


def _tail(ocid: str | None) -> str:
    """The end of an OCID is what tells it from others."""
    text = shown(ocid or "–")
    return f"…{text[-11:]}" if len(text) > 12 else text


def exchanges_filter(name: str) -> str:
    """For the log: the requests about this profile, and no other whose name looks like a pattern."""
    literal = re.sub(r"[*?\[\\]", lambda sign: f"[{sign[0]}]", clean(name, 200)).replace('"', '\\"')
    return f'profile:"{literal}"'
