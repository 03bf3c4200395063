"""What a minimisation is given, tells on its way, and gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ocm_tui.core.errors import OcmError, Violation

__all__ = ["Budget", "Culprit", "LeftOver", "Minimised", "OnTrial", "Trial", "Verdict"]

# other: the server refused the trial as well, and not for the reason that is looked for.
Verdict = Literal["fails", "other", "passes"]


@dataclass(frozen=True, slots=True)
class Budget:
    """`requests` counts everything that is sent, deletions too; those of accepted trials are made whatever it says."""

    requests: int = 60
    per_second: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One payload and what the server said to it. `payload` is as it was sent, secrets masked.

    `fields` are those that were taken from the failed request. `requests` have been sent by then, and among `suspects`
    fields the cause is still looked for.
    """

    number: int
    client_id: str
    fields: tuple[str, ...]
    verdict: Verdict
    status: int
    violations: tuple[Violation, ...]
    payload: Mapping[str, Any]
    requests: int
    suspects: int

    def as_json(self) -> dict[str, Any]:
        """A member of `trials` in `ocm-tui/diagnosis/v1`."""
        return {
            "number": self.number,
            "client_id": self.client_id,
            "verdict": self.verdict,
            "status": self.status,
            "violations": [_violation_json(violation) for violation in self.violations],
            "fields": list(self.fields),
            "payload": dict(self.payload),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Culprit:
    """Fields that fail together, and of which none may be left out. `values` are what was tried, secrets masked.

    `field_path` is the place in the refused payload, with indexes. `needs` are fields without which these could not be
    tried. `confirmed`: the server said so twice.
    """

    fields: tuple[str, ...]
    field_path: str
    values: Mapping[str, Any]
    needs: tuple[str, ...]
    violations: tuple[Violation, ...]
    status: int
    confirmed: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "fields": list(self.fields),
            "field_path": self.field_path,
            "values": dict(self.values),
            "needs": list(self.needs),
            "status": self.status,
            "violations": [_violation_json(violation) for violation in self.violations],
            "confirmed": self.confirmed,
        }


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A throwaway client that is on the server, or may be: `certain` tells which. It is in the journal."""

    client_id: str
    why: str
    certain: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimised:
    """The payloads carry the client's own id, and no secret. None is what was not found.

    `reproduced`: the server refused the whole payload again. `stopped` says why it ended early, and `error` is what
    it met then; what is in here was found before. `suspects` are the fields of the smallest payload that failed: more
    than the culprits only when it ended early. `notes` are sentences that the reader needs.
    """

    run_id: str
    exchange_id: str | None
    client_id: str | None
    reproduced: bool
    culprits: tuple[Culprit, ...]
    suspects: tuple[str, ...]
    minimal_payload: Mapping[str, Any] | None
    passing_payload: Mapping[str, Any] | None
    left_out: tuple[str, ...]  # fields of the request that the passing payload has not
    changed: tuple[str, ...]  # lists of which it has fewer items
    trials: tuple[Trial, ...]
    left_over: tuple[LeftOver, ...]
    requests: int
    notes: tuple[str, ...] = ()
    stopped: str | None = None
    interrupted: bool = False
    error: OcmError | None = None
    directory: Path | None = None

    def as_json(self) -> dict[str, Any]:
        """What `ocm-tui/diagnosis/v1` says beside `exchange_id` and `findings`."""
        return {
            "minimal_payload": dict(self.minimal_payload) if self.minimal_payload is not None else None,
            "passing_payload": dict(self.passing_payload) if self.passing_payload is not None else None,
            "left_out": list(self.left_out),
            "changed": list(self.changed),
            "culprits": [culprit.as_json() for culprit in self.culprits],
            "suspects": list(self.suspects),
            "reproduced": self.reproduced,
            "run_id": self.run_id,
            "requests": self.requests,
            "stopped": self.stopped,
            "notes": list(self.notes),
            "left_over": [
                {"client_id": one.client_id, "why": one.why, "certain": one.certain} for one in self.left_over
            ],
            "directory": str(self.directory) if self.directory is not None else None,
            "trials": [trial.as_json() for trial in self.trials],
        }


OnTrial = Callable[[Trial], None]


def _violation_json(violation: Violation) -> dict[str, str]:
    return {"field_path": violation.field_path, "error_id": violation.error_id, "message": violation.message}
