"""Where in a file a check points, for the formats that put marks into files."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ocm_tui.core.checks.model import CheckReport, CheckResult
from ocm_tui.core.text import clean

__all__ = ["Mark", "marks", "one_sentence"]


@dataclass(frozen=True, slots=True)
class Mark:
    """`path` is relative to the report's root, with slashes; `line` counts from 1. `fingerprint` outlives edits."""

    result: CheckResult
    message: str
    path: str
    line: int
    fingerprint: str


def marks(report: CheckReport) -> Iterator[Mark]:
    """Each finding of every warning and failure; a result without findings points at the configuration."""
    seen: set[str] = set()
    for result in report.results:
        if result.status not in {"warn", "fail"}:
            continue
        if not result.findings:
            path = _relative(report.config_file, report.root)
            yield Mark(result, clean(one_sentence(result), 2000), path, 1, _fingerprint(report, result, "", seen))
        for finding in result.findings:
            path = _relative(finding.path or report.config_file, report.root)
            message = clean(finding.message, 1000)
            yield Mark(
                result, message, path, finding.line or 1, _fingerprint(report, result, finding.key or message, seen)
            )


def one_sentence(result: CheckResult) -> str:
    return f"{result.message} ({result.hint})" if result.hint else result.message


def _relative(path: Path | None, root: Path) -> str:
    """Viewers show paths inside of the project; a file outside of it goes by its name, and no file by that of ours."""
    if path is None:
        return "config.yaml"
    absolute = path if path.is_absolute() else root / path
    inside = absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else path.name
    return clean(inside, 1000)


def _fingerprint(report: CheckReport, result: CheckResult, key: str, seen: set[str]) -> str:
    """Of environment, check and finding, but no line number; an equal second finding gets a number of its own."""
    number = 0
    while True:
        parts = (report.environment, result.id, key, str(number))
        digest = hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
        if digest not in seen:
            seen.add(digest)
            return digest
        number += 1
