"""What files with secrets need of the system: exclusive creation, suspicious reading, durable contents and names."""

import contextlib
import os
import stat
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from ocm_tui.core.secret import Secret

__all__ = ["place_copy", "read_own", "reason", "sync_directories", "sync_files", "write_new"]

# Measured with 5,000 files: on a fast disk one thread is as good, on a slow one four are, and more only disturb.
_THREADS: Final = 4
_FEW: Final = 8
_LARGEST: Final = 64 * 1024
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def write_new(path: Path, secret: Secret) -> None:
    """A file that did not exist, readable by its owner only from its first moment."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK, 0o600), "wb") as file:
            file.write(secret.reveal().encode())
    except FileExistsError:
        raise
    except OSError:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        raise


def read_own(path: Path) -> Secret:
    """OSError as it comes; ValueError for what this program has not written: another's file, something empty."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | _NO_LINK), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            raise ValueError("it is no regular file of this user")
        text = file.read(_LARGEST).decode()
    if not text:
        raise ValueError("it is empty")
    return Secret(text)


def place_copy(staged: Path, target: Path) -> None:
    """Both names hold the secret afterwards; the target changes in one step."""
    place = Path(f"{staged}.new")
    try:
        try:
            os.link(staged, place, follow_symlinks=False)
        except (OSError, NotImplementedError):
            place.unlink(missing_ok=True)  # of a process that was killed here
            _copy(staged, place)
        place.replace(target)
    finally:
        with contextlib.suppress(OSError):
            place.unlink(missing_ok=True)  # still there when the target was this very file already


def _copy(staged: Path, place: Path) -> None:
    """A second name, or on a file system without hard links a second file."""
    try:
        os.link(staged, place, follow_symlinks=False)
    except (OSError, NotImplementedError):
        write_new(place, read_own(staged))
        sync_files([place])


def sync_files(paths: Sequence[Path]) -> None:
    """Durable contents. An OSError here is a full or broken disk."""
    if len(paths) <= _FEW:
        _sync_each(paths)
        return
    with ThreadPoolExecutor(_THREADS) as threads:
        for _ in threads.map(_sync_each, [paths[start::_THREADS] for start in range(_THREADS)]):
            pass


def sync_directories(paths: Iterable[Path]) -> None:
    """Durable names. A file system that cannot do this for a directory must not look like a failure."""
    for path in paths:
        with contextlib.suppress(OSError):
            _sync(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))


def reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def _sync_each(paths: Iterable[Path]) -> None:
    for path in paths:
        _sync(path, os.O_RDONLY | _NO_LINK)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
