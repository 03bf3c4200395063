"""What can be wrong with a configuration, and where: one list that errors, `validate` and the checks all speak from."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from ocm_tui.core.errors import ConfigError
from ocm_tui.core.secret import known_secrets
from ocm_tui.core.text import clean

__all__ = ["InvalidConfiguration", "Place", "Problem", "in_order", "nearest", "shown_key", "without_userinfo"]

_KEY: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,47}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands. Line and column count from 1; all is None for what no file says."""

    path: Path | None = None
    line: int | None = None
    column: int | None = None
    key: str = ""  # dotted: environments.dev.server.base_url

    def error(self, title: str, *, hint: str = "", detail: str = "") -> ConfigError:
        return ConfigError(title, path=self.path, line=self.line, column=self.column, hint=hint, detail=detail)

    def as_error(self, message: str, *, hint: str = "") -> "Problem":
        return Problem("error", message, self.path, self.line, self.column, hint, self.key)

    def as_warning(self, message: str, *, hint: str = "") -> "Problem":
        return Problem("warning", message, self.path, self.line, self.column, hint, self.key)


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. Its strings are clean and hold no secret. `str()` is `file:line:column: severity: message`."""

    severity: Literal["error", "warning"]
    message: str
    path: Path | str | None = None
    line: int | None = None
    column: int | None = None
    hint: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", known_secrets.scrub(clean(self.message, 600)))
        object.__setattr__(self, "hint", known_secrets.scrub(clean(self.hint, 600)))

    @staticmethod
    def of(error: ConfigError) -> "Problem":
        where = ":".join(str(part) for part in (error.path, error.line, error.column) if part is not None)
        title = error.title.removeprefix(f"{clean(where)}: ") if where else error.title
        return Problem("error", title, error.path, error.line, error.column, error.hint)

    @property
    def where(self) -> str:
        return clean(":".join(str(part) for part in (self.path, self.line, self.column) if part is not None))

    def __str__(self) -> str:
        return f"{self.where}: {self.severity}: {self.message}" if self.where else f"{self.severity}: {self.message}"

    def as_json(self) -> dict[str, Any]:
        return {
            "severity": self.severity,
            "line": self.line,
            "column": self.column,
            "key": self.key or None,
            "message": self.message,
            "hint": self.hint or None,
        }


class InvalidConfiguration(ConfigError):
    """At least one problem, in the order of the file: the first is the title, the detail has a line for each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = in_order(problems)
        first, count = self.problems[0], len(self.problems)
        super().__init__(
            first.message if count == 1 else f"{first.message} (and {count - 1} more)",
            path=first.path,
            line=first.line,
            column=first.column,
            detail="\n".join(f"{problem.where}: {problem.message}" for problem in self.problems) if count > 1 else "",
            hint=first.hint,
        )


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each once, by its place: what no file says first, then file by file as they come."""
    each = dict.fromkeys(problems)
    files = {path: number for number, path in enumerate(dict.fromkeys([None, *(problem.path for problem in each)]))}
    return tuple(sorted(each, key=lambda problem: (files[problem.path], problem.line or 0, problem.column or 0)))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    import difflib

    names = list(known)
    folded = {name.lower().replace("-", "_"): name for name in names}
    wanted = word.lower().replace("-", "_")[:64]
    close = difflib.get_close_matches(wanted, list(folded), 1, 0.6)
    if close:
        return folded[close[0]]
    inside = [name for short, name in folded.items() if len(wanted) >= 3 and (wanted in short or short in wanted)]
    return inside[0] if inside else None


def shown_key(key: str) -> str:
    """A key as a message may quote it. `password:hunter2`, without its space, is a key too: only its word is shown."""
    word = _KEY.match(key)
    if word is None:
        return "`…`"
    return f"`{key}`" if word[0] == key else f"`{word[0]}…`"


def without_userinfo(text: str) -> str:
    """Everything between `://` and the last `@` becomes `***`: a password may hold any character."""
    start, end = text.find("://") + 3, text.rfind("@")
    return f"{text[:start]}***{text[end:]}" if 3 <= start <= end else text
