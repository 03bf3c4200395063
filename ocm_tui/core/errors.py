"""Every failure that a user can meet, as one tree.

    OcmError                 title, detail, hint, exit code
    ├── UsageError           2  the command line, or a value given to it, is wrong; nothing was sent
    ├── ConfigError          2  a file is wrong: path, line and column say where; nothing was sent
    ├── NotConfigured        2  the environment has no such target
    ├── TransportError       3  no complete answer: `layer` names dns, tcp, tls, proxy, deadline or http
    ├── Unclear              3  a write may or may not have happened, and reading back did not tell
    ├── ApiError             1  the server answered with a failure
    │   ├── NotFound         1
    │   ├── ValidationFailed 1  400 and 422, with the fields it named
    │   ├── Unauthorised     4  401
    │   └── Forbidden        4  403
    ├── Refused              4  we refused: read-only, or a protected environment without consent
    ├── Conflict             5  the server document is newer than what was looked at
    └── Interrupted        130

Messages may quote strings from outside: the constructor cleans them and removes every known secret.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Literal

from ocm_tui.core.secret import known_secrets
from ocm_tui.core.text import clean, clean_lines

__all__ = [
    "ApiError",
    "ConfigError",
    "Conflict",
    "ExitCode",
    "Forbidden",
    "Interrupted",
    "Layer",
    "NotConfigured",
    "NotFound",
    "OcmError",
    "Refused",
    "TransportError",
    "Unauthorised",
    "Unclear",
    "UsageError",
    "ValidationFailed",
    "Violation",
]

Layer = Literal["dns", "tcp", "tls", "proxy", "deadline", "http"]


class ExitCode(IntEnum):
    """Exit codes are API: see the contract in the README."""

    OK = 0
    BAD = 1
    USAGE = 2
    UNREACHABLE = 3
    REFUSED = 4
    CONFLICT = 5
    INTERRUPTED = 130


class OcmError(Exception):
    """A failure with a name, what exactly happened, and what to do about it. `str()` is one sentence."""

    exit_code: ExitCode = ExitCode.BAD

    def __init__(self, title: str, *, detail: str = "", hint: str = "") -> None:
        self.title = known_secrets.scrub(clean(title, 600))
        self.detail = known_secrets.scrub(clean_lines(detail, 4000))
        self.hint = known_secrets.scrub(clean(hint, 600))
        super().__init__(self.title)

    def __str__(self) -> str:
        return f"{self.title}: {self.detail}" if self.detail and "\n" not in self.detail else self.title


class UsageError(OcmError):
    exit_code = ExitCode.USAGE


class ConfigError(OcmError):
    """`path:line:column` stand before the title when they are known; line and column count from 1."""

    exit_code = ExitCode.USAGE

    def __init__(
        self,
        title: str,
        *,
        path: Path | str | None = None,
        line: int | None = None,
        column: int | None = None,
        detail: str = "",
        hint: str = "",
    ) -> None:
        self.path, self.line, self.column = path, line, column
        where = ":".join(str(part) for part in (path, line, column) if part is not None)
        super().__init__(f"{where}: {title}" if where else title, detail=detail, hint=hint)


class NotConfigured(OcmError):
    exit_code = ExitCode.USAGE


class TransportError(OcmError):
    """No complete answer came. `maybe_applied` is false only when the request certainly did not reach the server."""

    exit_code = ExitCode.UNREACHABLE

    def __init__(
        self,
        title: str,
        *,
        layer: Layer,
        maybe_applied: bool = True,
        detail: str = "",
        hint: str = "",
        exchange_id: str | None = None,
    ) -> None:
        super().__init__(title, detail=detail, hint=hint)
        self.layer: Layer = layer
        self.maybe_applied = maybe_applied
        self.exchange_id = exchange_id


class Unclear(OcmError):
    exit_code = ExitCode.UNREACHABLE


@dataclass(frozen=True, slots=True)
class Violation:
    """One validation error of the server. `field_path` is dotted, with indexes: `restrictedScopes[0]`; may be empty."""

    message: str
    error_id: str = ""
    field_path: str = ""


class ApiError(OcmError):
    """The server answered, and the answer is a failure. `status` is the HTTP status.

    `retry_after` is how many seconds the server asks to wait; None when it does not ask.
    """

    def __init__(
        self,
        title: str,
        *,
        status: int,
        result_id: str = "",
        violations: Sequence[Violation] = (),
        detail: str = "",
        hint: str = "",
        exchange_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(title, detail=detail, hint=hint)
        self.status = status
        self.result_id = result_id
        self.violations = tuple(violations)
        self.exchange_id = exchange_id
        self.retry_after = retry_after


class NotFound(ApiError):
    pass


class ValidationFailed(ApiError):
    pass


class Unauthorised(ApiError):
    exit_code = ExitCode.REFUSED


class Forbidden(ApiError):
    exit_code = ExitCode.REFUSED


class Refused(OcmError):
    exit_code = ExitCode.REFUSED


class Conflict(OcmError):
    """`theirs` is the server's present document, for a conflict screen; None when it is gone."""

    exit_code = ExitCode.CONFLICT

    def __init__(self, title: str, *, theirs: object | None = None, detail: str = "", hint: str = "") -> None:
        super().__init__(title, detail=detail, hint=hint)
        self.theirs = theirs


class Interrupted(OcmError):
    exit_code = ExitCode.INTERRUPTED
