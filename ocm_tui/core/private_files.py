"""Files for their owner's eyes only, written whole or not at all."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from ocm_tui.core.errors import UsageError
from ocm_tui.core.text import clean

__all__ = ["write_private"]


def write_private(path: Path, text: str) -> None:
    """`path` holds `text` afterwards, with mode 0600 from its first moment; what was there is replaced in one step.

    A link is followed; a pipe or a device is written as it is. UsageError when that cannot be done. Blocks.
    """
    try:
        target = path.expanduser().resolve()
        mode = target.stat().st_mode if target.exists() else None
        if mode is not None and stat.S_ISDIR(mode):
            raise UsageError(f"{clean(path)} is a directory", hint="name the file in it")
        if mode is not None and not stat.S_ISREG(mode):
            with target.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
                file.write(text)
            return
        _replace(target, text)
    except BrokenPipeError:
        return  # who read has gone
    except (OSError, RuntimeError, ValueError) as error:  # no home directory; a NUL in the path
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        hint = "its directory must exist" if isinstance(error, FileNotFoundError) else ""
        raise UsageError(f"{clean(path)} cannot be written: {reason}", hint=hint) from None


def _replace(target: Path, text: str) -> None:
    descriptor, draft = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)  # 0600, exclusive
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(draft).unlink()
        raise
