"""A crash in words that can be shared: where it happened and what it said, no locals, no known secret."""

import os
import platform
import tempfile
import traceback
from pathlib import Path

from ocm_tui import __version__
from ocm_tui.core.exchanges.redaction import session_redactor
from ocm_tui.core.secret import known_secrets

__all__ = ["crash_text", "write_crash_report"]


def crash_text(error: BaseException) -> str:
    """The traceback; what exceptions quote in it is redacted and cleaned like everything from the wire."""
    lines = traceback.format_exception(type(error), error, error.__traceback__, chain=True)
    text = session_redactor.text(known_secrets.scrub("".join(lines)))
    return f"ocm-tui {__version__}, Python {platform.python_version()}, {platform.system()}\n\n{text}"


def write_crash_report(error: BaseException, directory: Path | None) -> Path | None:
    """A new file `crash-….txt` (0600) in `directory`, else in the temporary directory; None when neither can be
    written."""
    for folder in (directory, Path(tempfile.gettempdir())):
        if folder is None:
            continue
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, name = tempfile.mkstemp(prefix="crash-", suffix=".txt", dir=folder)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(crash_text(error))
        except OSError:
            continue
        return Path(name)
    return None
