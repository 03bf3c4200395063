"""What a batch of events makes of the rows that it touches: pure, and the same for every database.

Profile, status and key have a version each, because events of one client arrive in any order: a late update after a
suspension changes the profile and not the status. A status or a key that comes before its client makes a stub
(`profile_version` 0), which readers do not see. REVOKED is terminal, whatever its version.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from ocm_tui.core.registry.events.arrivals import EMPTY_PROFILE, Arrival, merged
from ocm_tui.core.registry.model import ClientStatus
from ocm_tui.core.secret import Secret

__all__ = ["Change", "Outcome", "Row", "fold"]

# `older`: what the row says is newer, so nothing of the event was used. `duplicate`: its event_id was applied before.
Outcome = Literal["applied", "older", "duplicate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What the fold has to know of a row that is there; the defaults are those of one that is not."""

    profile: Mapping[str, Any] = field(default_factory=lambda: EMPTY_PROFILE)
    profile_version: int = 0
    status: ClientStatus = "ACTIVE"
    status_version: int = 0
    secret_version: int = 0


@dataclass(slots=True)
class Change:
    """What has to be written for one client; a part that stays as it is is None."""

    client_id: UUID
    profile: Mapping[str, Any] | None = None
    profile_version: int = 0
    status: ClientStatus | None = None
    status_version: int = 0
    secret_hash: Secret | None = None
    secret_version: int = 0

    @property
    def anything(self) -> bool:
        return self.profile is not None or self.status is not None or self.secret_hash is not None


def fold(rows: Mapping[UUID, Row], fresh: Iterable[Arrival]) -> tuple[list[Change], dict[str, Outcome]]:
    """`fresh` are events that were not applied before, in any order; `rows` the rows that are there, locked.

    The changes are in the order of the ids; the outcomes are by stream id.
    """
    by_client: dict[UUID, list[Arrival]] = defaultdict(list)
    for one in fresh:
        by_client[one.client_id].append(one)
    changes, outcomes = [], {}
    for client_id in sorted(by_client):
        arrivals = sorted(by_client[client_id], key=lambda one: one.version)
        change, used = _one_client(rows.get(client_id, Row()), client_id, arrivals)
        if change.anything:
            changes.append(change)
        for one in arrivals:
            outcomes[one.stream_id] = used.get(one.stream_id, "older")
    return changes, outcomes


def _one_client(row: Row, client_id: UUID, arrivals: Sequence[Arrival]) -> tuple[Change, dict[str, Outcome]]:
    """`arrivals` from the oldest version to the newest."""
    change = Change(client_id, None, row.profile_version, None, row.status_version, None, row.secret_version)
    status, used = row.status, dict[str, Outcome]()
    for one in arrivals:
        if one.profile is not None and one.version > change.profile_version:
            before = row.profile if change.profile is None else change.profile
            change.profile, change.profile_version = merged(before, one), one.version
            used[one.stream_id] = "applied"
        if one.secret_hash is not None and one.version > change.secret_version:
            change.secret_hash, change.secret_version = one.secret_hash, one.version
            used[one.stream_id] = "applied"
        newer = one.version > change.status_version or one.status == "REVOKED"
        if one.status is not None and status != "REVOKED" and newer:
            status = change.status = one.status
            change.status_version = one.version
            used[one.stream_id] = "applied"
    return change, used
