"""One apply as its caller sees it: what may be asked of it, what it tells on the way, and what is kept of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ocm_tui.core.provisioning.model import Action, ApplyResult, StepResult

__all__ = ["ApplyEvent", "ApplyOptions", "OnEvent", "RunEnded", "RunStarted", "RunSummary", "StepEnded", "StepStarted"]

RunStatus = Literal["running", "finished", "interrupted", "abandoned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyOptions:
    """`only` narrows a plan to some of its clients; None carries out all of it.

    `wait` is how many seconds another run on the same server is waited for. `print_secrets` allows the destination
    `stdout`: the caller gives `Provisioning.apply` a function that prints one.
    """

    concurrency: int = 8
    fail_fast: bool = False
    only: frozenset[str] | None = None
    wait: float = 0.0
    print_secrets: bool = False


@dataclass(frozen=True, slots=True)
class RunStarted:
    run_id: str
    total: int


@dataclass(frozen=True, slots=True)
class StepStarted:
    client_id: str
    action: Action


@dataclass(frozen=True, slots=True)
class StepEnded:
    result: StepResult


@dataclass(frozen=True, slots=True)
class RunEnded:
    result: ApplyResult


ApplyEvent = RunStarted | StepStarted | StepEnded | RunEnded
OnEvent = Callable[[ApplyEvent], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One line of the journal. Times are UTC, ISO 8601. `abandoned`: its process is gone and it never ended."""

    run_id: str
    environment: str
    base_url: str
    started_at: str
    ended_at: str | None
    status: RunStatus
    total: int
    succeeded: int
    failed: int
    skipped: int
    unknown: int
