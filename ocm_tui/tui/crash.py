"""A crash in words that can be shared: where it happened and what it said, no locals, no known secret."""

import os
import tempfile
import time
import traceback
from pathlib import Path

from ocm_tui import __version__
from ocm_tui.core.secret import known_secrets
from ocm_tui.core.text import clean_lines

__all__ = ["write_report"]


def write_report(error: BaseException, directory: Path) -> Path:
    """Writes `crash-….txt` (0600) into `directory`, or into the temporary directory if that cannot be written."""
    lines = traceback.format_exception(type(error), error, error.__traceback__, chain=True)
    text = known_secrets.scrub(clean_lines("".join(lines)))
    body = f"ocm-tui {__version__}\n\n{text}"
    name = f"crash-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}.txt"
    for folder in (directory, Path(tempfile.gettempdir())):
        path = folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        except OSError:
            continue
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(body)
        return path
    return Path(os.devnull)
