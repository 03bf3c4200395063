"""The four planes of a client: their names, what one of them shows, and where they disagree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from uuid import UUID

__all__ = ["PLANES", "Cure", "Disagreement", "PlaneName", "PlaneState", "PlaneView", "Planes"]

PlaneName = Literal["inventory", "server", "registry", "cache"]
PlaneState = Literal["present", "absent", "unknown", "not configured"]
Cure = Literal["apply", "sync", "set", "set-status", "refresh", ""]

PLANES: Final[tuple[PlaneName, ...]] = ("inventory", "server", "registry", "cache")


@dataclass(frozen=True, slots=True)
class PlaneView:
    """`text` is one line, such as `ACTIVE, stale, 212 s left`; with state unknown, why. `fields` are name and value as
    text, safe to show; None where a plane says nothing about a field."""

    state: PlaneState
    text: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """`values` are those of the planes that say something about `field`. `cure` is a command line, "" when a person has
    to decide; `action` is what the console does for it."""

    field: str
    values: Mapping[PlaneName, str]
    cure: str
    action: Cure = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planes:
    client_id: UUID
    client_code: str
    inventory: PlaneView
    server: PlaneView
    registry: PlaneView
    cache: PlaneView
    disagreements: Sequence[Disagreement] = ()

    def __getitem__(self, plane: PlaneName) -> PlaneView:
        views = {"inventory": self.inventory, "server": self.server, "registry": self.registry, "cache": self.cache}
        return views[plane]

    def as_json(self) -> dict[str, Any]:
        return {
            "client_id": str(self.client_id),
            "client_code": self.client_code,
            "planes": {
                name: {"state": self[name].state, "text": self[name].text, "fields": dict(self[name].fields)}
                for name in PLANES
            },
            "disagreements": [
                {"field": one.field, "values": dict(one.values), "cure": one.cure or None} for one in self.disagreements
            ],
        }
