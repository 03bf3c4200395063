"""The files of `--report FORMAT=FILE`: proven writable before anything is sent, written whole or not at all."""

import contextlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.text import clean

__all__ = ["ReportFile", "prepare"]


@dataclass(slots=True)
class ReportFile:
    """`draft` stands beside the file until it is complete; a pipe or device has none and is written directly."""

    format: str
    path: Path
    draft: Path | None

    def write(self, text: str) -> None:
        try:
            with (self.draft or self.path).open("w", encoding="utf-8", newline="\n", errors="replace") as file:
                file.write(text)
            if self.draft is not None:
                self.draft.replace(self.path.resolve())
                self.draft = None
        except OSError as error:
            raise OcmError(f"the report {clean(self.path)} cannot be written: {error.strerror or error}") from error

    def discard(self) -> None:
        """Remove the draft, if it did not become the file."""
        if self.draft is not None:
            with contextlib.suppress(OSError):
                self.draft.unlink()
            self.draft = None


def prepare(wanted: list[tuple[str, Path]]) -> list[ReportFile]:
    """UsageError for the first file that cannot be written; the drafts of the others are gone then."""
    paths = [path for _, path in wanted]
    for path in paths:
        if paths.count(path) > 1:
            raise UsageError(f"--report names {clean(path)} twice")
    files: list[ReportFile] = []
    try:
        for format_, path in wanted:
            files.append(ReportFile(format_, path, _draft(path)))
    except UsageError:
        for file in files:
            file.discard()
        raise
    return files


def _draft(path: Path) -> Path | None:
    import tempfile  # slow to import, and most runs write no report

    try:
        mode = path.stat().st_mode if path.exists() else None
        if mode is not None and stat.S_ISDIR(mode):
            raise UsageError(f"--report: {clean(path)} is a directory, not a file")
        if mode is not None and not os.access(path, os.W_OK):
            raise UsageError(f"--report: {clean(path)} cannot be written: permission denied")
        if mode is not None and not stat.S_ISREG(mode):
            return None
        target = path.resolve()
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(descriptor, "w"):
            os.fchmod(descriptor, stat.S_IMODE(mode) if mode is not None else 0o666 & ~_umask())
        return Path(name)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = ((error.strerror if isinstance(error, OSError) else "") or "input/output error").lower()
        hint = "its directory must exist" if isinstance(error, FileNotFoundError) else ""
        raise UsageError(f"--report: {clean(path)} cannot be written: {reason}", hint=hint) from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
