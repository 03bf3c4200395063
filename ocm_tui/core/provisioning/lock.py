"""One apply at a time on one server: a lock file that holds the id of the run, and that dies with its process."""

import asyncio
import contextlib
import fcntl
import hashlib
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ocm_tui.core.errors import ConfigError, Refused
from ocm_tui.core.text import clean

__all__ = ["RunLock", "holder"]

_POLL: Final = 0.1  # seconds
_LEAST: Final = 0.3  # seconds: who only asks for the holder has the lock for a moment
_LONGEST_ID: Final = 80


def lock_path(directory: Path, base_url: str) -> Path:
    return directory / f"apply-{hashlib.sha256(base_url.casefold().encode()).hexdigest()[:16]}.lock"


class RunLock:
    """`async with RunLock(directory, base_url, run_id, wait=…)`: Refused names the run that holds it after `wait` s.

    The file stays when the lock is gone: to remove it would let two processes hold locks on two files of one name.
    """

    def __init__(self, directory: Path, base_url: str, run_id: str, *, wait: float = 0.0) -> None:
        self._path = lock_path(directory, base_url)
        self._base_url, self._run_id, self._wait = base_url, run_id, wait
        self._descriptor: int | None = None

    async def __aenter__(self) -> Self:
        until = time.monotonic() + max(self._wait, _LEAST)
        while not self._try():
            if time.monotonic() >= until:
                other = clean(_written(self._path) or "unknown", _LONGEST_ID)
                raise Refused(
                    f"another apply is at work on {self._base_url}: run {other}",
                    hint="wait for its end, or let this one wait",
                )
            await asyncio.sleep(_POLL)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.ftruncate(descriptor, 0)
            os.close(descriptor)

    def _try(self) -> bool:
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ConfigError(
                f"the lock of an apply cannot be taken: {error.strerror}",
                path=self._path,
                hint="the state directory must be writable",
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, self._run_id.encode(), 0)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError as error:
            os.close(descriptor)
            raise ConfigError(f"the lock of an apply cannot be taken: {error.strerror}", path=self._path) from error
        self._descriptor = descriptor
        return True


def holder(directory: Path, base_url: str) -> str | None:
    """The run that is at work on this server now, in whatever process; None when there is none."""
    path = lock_path(directory, base_url)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _written(path)
    else:
        return None
    finally:
        os.close(descriptor)


def _written(path: Path) -> str | None:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return path.read_text(encoding="utf-8")[:_LONGEST_ID] or None
    return None
