"""What a check is, what it says, and what all of them together say."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ocm_tui.core.errors import ConfigError, ExitCode
from ocm_tui.core.text import clean

if TYPE_CHECKING:
    from ocm_tui.core.checks.probe import ServerProbe
    from ocm_tui.core.checks.registry import RegistryProbe
    from ocm_tui.core.session import Session

__all__ = [
    "STATUSES",
    "Check",
    "CheckContext",
    "CheckReport",
    "CheckResult",
    "CheckStatus",
    "FailOn",
    "Finding",
    "Verdict",
    "failed",
    "passed",
    "skipped",
    "warned",
]

CheckStatus = Literal["pass", "warn", "fail", "skip"]
FailOn = Literal["warn", "fail"]

STATUSES: tuple[CheckStatus, ...] = ("pass", "warn", "fail", "skip")


@dataclass(frozen=True, slots=True)
class Finding:
    """One place in a file that a check complains about. `line` counts from 1; None means the file as a whole.

    `key` tells findings of one check apart for longer than their line numbers last; the message, if empty.
    """

    message: str
    path: Path | None = None
    line: int | None = None
    key: str = ""

    @staticmethod
    def of(error: ConfigError) -> "Finding":
        """The error's place and, without it, its sentence."""
        where = ":".join(clean(part) for part in (error.path, error.line, error.column) if part is not None)
        path = None if error.path is None else Path(error.path)
        return Finding(error.title.removeprefix(f"{where}: "), path, error.line)

    def as_json(self) -> dict[str, Any]:
        return {"message": self.message, "path": str(self.path) if self.path else None, "line": self.line}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a check's function returns. `exit_code` is the cause of a failure: 3 unreachable, 4 refused, 2, or 1."""

    status: CheckStatus
    message: str
    hint: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    exit_code: ExitCode = ExitCode.BAD


def passed(message: str, **details: Any) -> Verdict:
    return Verdict(status="pass", message=message, details=details)


def warned(message: str, hint: str = "", findings: Sequence[Finding] = (), **details: Any) -> Verdict:
    return Verdict(status="warn", message=message, hint=hint, findings=tuple(findings), details=details)


def failed(message: str, hint: str = "", findings: Sequence[Finding] = (), **details: Any) -> Verdict:
    return Verdict(status="fail", message=message, hint=hint, findings=tuple(findings), details=details)


def skipped(message: str, hint: str = "", **details: Any) -> Verdict:
    return Verdict(status="skip", message=message, hint=hint, details=details)


@dataclass(slots=True)
class CheckContext:
    """What the checks of one run share: the session, and the one probe each of its server and its registry."""

    session: "Session"
    probe: "ServerProbe"
    registry_probe: "RegistryProbe | None" = None  # made by the first check that needs it


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`run` returns a verdict, or raises an OcmError, which is a failure with that error's words and exit code.

    When a check of `needs` that was selected too has failed or was skipped, this one is skipped with the reason,
    unless `runs_despite` says that this failure does not matter to it. When it was not selected, this check runs,
    and meets the cause itself: a narrow selection is never a silent success.
    """

    id: str
    title: str
    run: Callable[[CheckContext], Awaitable[Verdict]]
    needs: tuple[str, ...] = ()
    runs_despite: Callable[["CheckResult"], bool] = lambda _: False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    id: str
    title: str
    status: CheckStatus
    duration_ms: float
    message: str
    hint: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    exit_code: ExitCode = ExitCode.BAD

    def as_json(self) -> dict[str, Any]:
        details = dict(self.details)
        if self.findings:
            details["findings"] = [finding.as_json() for finding in self.findings]
        return {
            "id": self.id,
            "title": self.title,
            "status": self.status,
            "duration_ms": round(self.duration_ms, 3),
            "message": self.message,
            "hint": self.hint,
            "details": details,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """One run. `started_at` is UTC text; `root` is the directory to which reports make their file paths relative."""

    environment: str
    started_at: str
    duration_ms: float
    results: tuple[CheckResult, ...]
    fail_on: FailOn = "fail"
    config_file: Path | None = None
    root: Path = Path("/")

    def count(self, status: CheckStatus) -> int:
        return sum(result.status == status for result in self.results)

    def is_bad(self, result: CheckResult) -> bool:
        return result.status == "fail" or (result.status == "warn" and self.fail_on == "warn")

    @property
    def exit_code(self) -> ExitCode:
        """0 when nothing is bad; the cause when all that is bad shares one (3, 4 or 2); otherwise 1."""
        causes = {result.exit_code for result in self.results if self.is_bad(result)}
        if not causes:
            return ExitCode.OK
        return causes.pop() if len(causes) == 1 else ExitCode.BAD
