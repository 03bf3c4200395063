"""What is kept of the trials, one file each, in a private directory: for the person who reads them the next morning."""

import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from ocm_tui.core.diagnosis.minimise.journal import is_at_work
from ocm_tui.core.secret import LONG, known_secrets
from ocm_tui.core.text import json_text

__all__ = ["Artifacts", "forget_old_runs"]

_KEPT_RUNS: Final = 50
_RUN: Final = re.compile(r"\d{8}t\d{6}-[a-z2-7]{8}")


class Artifacts:
    """Files of mode 0600, secrets masked. They are never in the way: `problem` says why one could not be written."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.problem: str | None = None

    def write(self, name: str, members: Mapping[str, Any]) -> None:
        """Whole or not at all."""
        path = self.directory / name
        draft = path.with_name(f".{name}.draft")
        text = known_secrets.scrub(json_text(members) + "\n", shortest=LONG)
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
                file.write(text)
            draft.replace(path)
        except OSError as error:
            self.problem = self.problem or f"{path} could not be written: {error.strerror or error}"


def forget_old_runs(state: Path) -> None:
    """Directories of runs beyond the newest; their names sort by time, and nothing else is touched."""
    with suppress(OSError):
        runs = sorted(path.name for path in (state / "trials").iterdir() if _RUN.fullmatch(path.name))
        for name in runs[:-_KEPT_RUNS]:
            if not is_at_work(state, name):
                shutil.rmtree(state / "trials" / name, ignore_errors=True)
