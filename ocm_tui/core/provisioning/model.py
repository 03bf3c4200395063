"""What an inventory declares, what a plan says about it, and how the steps of an apply ended.

Nothing in here is secret: documents carry no plaintext secret, only where one comes from and where it goes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.positioned.problems import Place, Problem

__all__ = [
    "Action",
    "ApplyResult",
    "Change",
    "ClientState",
    "DeclaredClient",
    "FieldDrift",
    "Inventory",
    "LastApplied",
    "Moved",
    "Plan",
    "PlanOptions",
    "RowChange",
    "SecretDeclaration",
    "SecretSource",
    "SecretUse",
    "StepResult",
    "StepStatus",
]

Action = Literal["create", "update", "delete", "unchanged", "blocked"]
Moved = Literal["inventory", "server", "both"]
SecretSource = Literal["generate", "env", "file", "keyring", "keep"]
SecretUse = Literal["set", "keep", "rotate"]
StepStatus = Literal["succeeded", "failed", "skipped", "unknown"]
ClientState = Literal["in sync", "drifted", "missing", "unmanaged", "blocked", "unknown"]


@dataclass(frozen=True, slots=True)
class SecretDeclaration:
    """`secret:` of one client. `argument` is the variable's name, the path or SERVICE/USER; "" for generate and keep.

    `deliver` is a destination as `parse_destination` takes it. A higher `version` than the one last applied means
    rotate; what was never applied by this tool is kept.
    """

    source: SecretSource
    argument: str = ""
    deliver: str | None = None
    length: int = 48
    version: int = 1


@dataclass(frozen=True, slots=True)
class DeclaredClient:
    """One client, with defaults, template and the environment's overlay folded in and the name settled.

    `document` holds what was declared, no more and no secret. `where` finds the place of a field (dotted path, indexes
    allowed); of what a template or the defaults gave, the place is there.
    """

    client_id: str
    document: ClientDocument
    place: Place
    where: Callable[[str], Place] = field(repr=False, compare=False)
    secret: SecretDeclaration | None = None
    registry: Mapping[str, Any] = field(default_factory=dict)
    keep_name: bool = False  # name_policy: keep, and no name was declared: the server's name stays


@dataclass(frozen=True, slots=True)
class Inventory:
    """`clients` in the order of the files, each clientId once (without regard to case)."""

    paths: tuple[Path, ...]
    clients: tuple[DeclaredClient, ...]
    warnings: tuple[Problem, ...] = ()

    @property
    def label(self) -> str:
        return ", ".join(str(path) for path in self.paths)


@dataclass(frozen=True, slots=True)
class LastApplied:
    """What this tool last wrote, or found as declared, for one client. `created` when it made the client itself."""

    document: ClientDocument
    created: bool
    applied_at: str  # UTC, ISO 8601
    run_id: str
    secret_version: int | None = None


@dataclass(frozen=True, slots=True)
class FieldDrift:
    """`before` is the server's value, `after` the inventory's; None is absent. `moved` is None when nobody can tell."""

    path: str
    before: Any
    after: Any
    moved: Moved | None = None


@dataclass(frozen=True, slots=True)
class RowChange:
    """The row of the client registry that a change writes as well, after the server. `declared` is the `registry:`
    block; `seen` marks the row that the plan was made from, None when there was none. A deletion declares nothing, and
    revokes its row."""

    client_id: str  # the row's UUID
    declared: Mapping[str, Any]
    seen: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One client of a plan. `fields` are safe to show; those of its registry row begin with `registry.`.

    `desired` is what was declared (None for a deletion); the server's other members survive a write. `seen` marks the
    server document that the plan was made from (None when there was none): an apply refuses when it is another one.
    """

    client_id: str
    action: Action
    fields: tuple[FieldDrift, ...] = ()
    reasons: tuple[str, ...] = ()
    desired: ClientDocument | None = None
    seen: str | None = None
    secret: SecretUse | None = None
    declaration: SecretDeclaration | None = None
    place: str = ""  # file:line:column of the declaration
    row: RowChange | None = None

    @property
    def state(self) -> ClientState:
        states: dict[Action, ClientState] = {
            "create": "missing",
            "update": "drifted",
            "delete": "unmanaged",
            "unchanged": "in sync",
            "blocked": "blocked",
        }
        return states[self.action]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """`only` are globs over client ids; none means all. `prune` adds deletions of what this tool created."""

    only: tuple[str, ...] = ()
    prune: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`changes` in the inventory's order, deletions last. `unmanaged` are ids on the server that nobody declared."""

    environment: str
    base_url: str
    inventory: tuple[str, ...]
    created_at: str  # UTC, ISO 8601
    changes: tuple[Change, ...]
    unmanaged: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    server_version: str = ""
    requests: int = 0  # that making it took

    def count(self, action: Action) -> int:
        return sum(change.action == action for change in self.changes)

    @property
    def summary(self) -> dict[str, int]:
        actions: Sequence[Action] = ("create", "update", "delete", "unchanged", "blocked")
        return {action: self.count(action) for action in actions}

    @property
    def steps(self) -> tuple[Change, ...]:
        """What an apply would do."""
        return tuple(change for change in self.changes if change.action in {"create", "update", "delete"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """How one step ended. `attempts` counts requests that could have changed something.

    `notes` are words for people, safe to show: where a secret went, what the server stored differently.
    """

    client_id: str
    action: Action
    status: StepStatus
    attempts: int = 0
    exchange_ids: tuple[str, ...] = ()
    error: str | None = None
    hint: str = ""
    conflict: bool = False  # the server document was newer than the plan
    exit_code: int = 0  # what the error alone would end a command with, as `core.errors.ExitCode`
    notes: tuple[str, ...] = ()
    server_done: bool = False  # only the registry's row is left to be written


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyResult:
    """One run. `interrupted` when it was cancelled: what was in flight is finished, the rest is `skipped`."""

    run_id: str
    environment: str
    results: tuple[StepResult, ...]
    interrupted: bool = False
    duration_ms: float = 0.0

    def count(self, status: StepStatus) -> int:
        return sum(result.status == status for result in self.results)

    @property
    def summary(self) -> dict[str, int]:
        statuses: Sequence[StepStatus] = ("succeeded", "failed", "skipped", "unknown")
        return {status: self.count(status) for status in statuses}
