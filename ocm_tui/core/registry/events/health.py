"""How a consumer is, from its start on: for a line on stderr, a probe, and the pane."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

__all__ = ["ConsumerHealth", "ConsumerState"]

# `waiting`: something that it needs is not there, `problem` says what; it goes on by itself.
ConsumerState = Literal["joining", "running", "waiting", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumerHealth:
    """Counts are of this consumer's life. `older`: the row was newer; `duplicates`: applied before; `retrying`: of the
    last batch, left for another try; `gone`: trimmed away before anybody could apply them."""

    name: str
    stream: str
    state: ConsumerState = "joining"
    problem: str = ""
    batches: int = 0
    applied: int = 0
    older: int = 0
    duplicates: int = 0
    buried: int = 0
    gone: int = 0
    retrying: int = 0
    last_batch_at: datetime | None = None

    @property
    def seen(self) -> int:
        return self.applied + self.older + self.duplicates

    def line(self) -> str:
        """One line for people."""
        counts = {
            "applied": self.applied, "older": self.older, "duplicates": self.duplicates,
            "dead letters": self.buried, "trimmed away": self.gone, "retrying": self.retrying,
        }  # fmt: skip
        told = ", ".join(f"{name} {count}" for name, count in counts.items() if count or name == "applied")
        return f"{self.name}: {self.state}, {told}" + (f": {self.problem}" if self.problem else "")

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "stream": self.stream,
            "state": self.state,
            "problem": self.problem or None,
            "batches": self.batches,
            "applied": self.applied,
            "older": self.older,
            "duplicates": self.duplicates,
            "dead_letters": self.buried,
            "gone": self.gone,
            "retrying": self.retrying,
            "last_batch_at": None if self.last_batch_at is None else self.last_batch_at.isoformat(),
        }
