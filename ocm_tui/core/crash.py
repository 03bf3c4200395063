"""A crash in words that can be shared: where it happened and what it said, no locals, nothing that may be a secret."""

import os
import platform
import re
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ocm_tui import __version__
from ocm_tui.core.errors import OcmError
from ocm_tui.core.exchanges.redaction import session_redactor
from ocm_tui.core.secret import known_secrets

__all__ = ["crash_text", "write_crash_report"]

_MOST_EXCEPTIONS: Final = 20
_LONGEST_MESSAGE: Final = 300
# Quoted once or twice over, data can no longer be taken apart: these give it away.
_MAY_BE_DATA: Final = re.compile(
    r"[\n\\{}]|[A-Za-z0-9+/=_~-]*(?:[A-Za-z][0-9]|[0-9][A-Za-z])[A-Za-z0-9+/=_~-]*(?<=[A-Za-z0-9+/=_~-]{16})"
)


def crash_text(error: BaseException) -> str:
    """The tracebacks of the exception and of those it came of. What they say is left out where it may quote data."""
    lines = [part for one in _chain(error) for part in _told(one)]
    text = session_redactor.text(known_secrets.scrub("".join(lines)))
    return f"ocm-tui {__version__}, Python {platform.python_version()}, {platform.system()}\n\n{text}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The oldest first, as tracebacks have them; each once."""
    chain: list[BaseException] = []
    open_: list[BaseException] = [error]
    while open_ and len(chain) < _MOST_EXCEPTIONS:
        one = open_.pop()
        if one in chain:
            continue
        chain.append(one)
        if isinstance(one, BaseExceptionGroup):
            open_ += one.exceptions
        cause = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        if cause is not None:
            open_.append(cause)
    return reversed(chain)


def _told(error: BaseException) -> Iterator[str]:
    if error.__traceback__ is not None:
        yield "Traceback (most recent call last):\n"
        yield from traceback.format_tb(error.__traceback__)
    kind = type(error)
    yield f"{kind.__module__}.{kind.__qualname__}: {_words(error)}\n\n"


def _words(error: BaseException) -> str:
    """The errors of this program are made to be shown."""
    try:
        said = str(error)
    except Exception:  # noqa: BLE001  # whatever an exception of somebody else does when it is asked
        return "(it cannot say what it is)"
    if isinstance(error, OcmError) or (len(said) <= _LONGEST_MESSAGE and not _MAY_BE_DATA.search(said)):
        return said
    return f"(left out: {len(said):,} characters that may quote data)"


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
