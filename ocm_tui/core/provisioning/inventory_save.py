"""An edited inventory put in the place of the one that it was made from."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from ocm_tui.core.errors import UsageError
from ocm_tui.core.positioned.files import UnusableFile, read_small_file
from ocm_tui.core.provisioning.inventory_files import MAX_BYTES

__all__ = ["save_inventory"]


def save_inventory(path: Path, old: str, new: str) -> None:
    """Whole or not at all, with the former mode; what a symbolic link points to is replaced, the link stays. Blocking.

    UsageError when the file is not what `old` was read from any more, or cannot be written: nothing has changed then.
    """
    try:
        target = path.resolve(strict=True)
        _refuse_changed(path, target, old)
        if not os.access(target, os.W_OK):
            raise UsageError(f"{path} is read-only", hint="make it writable, or edit it by hand")
        _replace(path, target, old, new)
    except (OSError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UsageError(f"{path} cannot be written: {reason}") from error


def _refuse_changed(path: Path, target: Path, old: str) -> None:
    try:
        content = read_small_file(target, MAX_BYTES).content
    except UnusableFile as error:
        raise UsageError(f"{path} {error.reason}") from error
    if content != old.encode():
        raise UsageError(f"{path} has changed since it was read", hint="look at it, then make the edit again")


def _replace(path: Path, target: Path, old: str, new: str) -> None:
    status = target.stat()
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    draft = Path(name)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(new.encode())
            file.flush()
            with contextlib.suppress(OSError):  # only root may give a file away
                os.fchown(descriptor, status.st_uid, status.st_gid)
            os.fchmod(descriptor, stat.S_IMODE(status.st_mode))
            os.fsync(descriptor)
        _refuse_changed(path, target, old)  # the last moment to notice an editor that saved meanwhile
        draft.replace(target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
    _sync(target.parent)


def _sync(directory: Path) -> None:
    """The file is in its place; a file system that cannot sync a directory must not make that look like a failure."""
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
