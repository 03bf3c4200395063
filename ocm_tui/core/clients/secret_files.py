"""A secret delivered into a file: never half written, never readable by others, not even for a moment."""

import asyncio
import contextlib
import os
import secrets
from pathlib import Path

from ocm_tui.core.clients.secrets import Destination
from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean

__all__ = ["SecretFile"]


class SecretFile(Destination):
    """`file:PATH`. The file holds the secret alone, without a newline, and has mode 0600. `~` is the home directory.

    The staged copy is a file beside it, `.NAME.staged-…`. A symbolic link is followed: what it points to is replaced.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._target: Path | None = None
        self._staged: Path | None = None

    @property
    def name(self) -> str:
        return clean(f"file:{self._path}")

    @property
    def staged_name(self) -> str | None:
        return clean(f"file:{self._staged}") if self._staged else None

    async def stage(self, secret: Secret) -> None:
        await asyncio.to_thread(self._stage, secret)

    async def promote(self) -> None:
        await asyncio.to_thread(self._promote)

    async def discard(self) -> None:
        await asyncio.to_thread(self._discard)

    def _stage(self, secret: Secret) -> None:
        try:
            target = Path(self._path).expanduser().resolve()
            if target.is_dir():
                raise UsageError(f"{self.name} is a directory", hint="name the file in it")
            staged = target.with_name(f".{target.name}.staged-{secrets.token_hex(4)}")
            _write_new(staged, secret)
            _sync_directory(target.parent)
        except (OSError, RuntimeError, ValueError) as error:  # no home directory; a NUL in the path
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise UsageError(
                f"{self.name} cannot be written: {reason}", hint="the directory must exist and be writable"
            ) from error
        self._target, self._staged = target, staged

    def _promote(self) -> None:
        if self._staged is None or self._target is None:
            return
        try:
            self._staged.replace(self._target)
        except OSError as error:
            raise OcmError(
                f"the secret is set, but could not be moved to {self.name}: {error.strerror}",
                hint=f"it is in {self.staged_name}: move it by hand",
            ) from error
        self._staged = None
        # The file is in its place; a file system that cannot sync a directory must not make that look like a failure.
        with contextlib.suppress(OSError):
            _sync_directory(self._target.parent)

    def _discard(self) -> None:
        if self._staged is None:
            return
        try:
            self._staged.unlink(missing_ok=True)
        except OSError as error:
            raise OcmError(f"the unused {self.staged_name} could not be removed: {error.strerror}") from error
        self._staged = None


def _write_new(path: Path, secret: Secret) -> None:
    """A file that did not exist, readable by its owner only from its first moment, on the disk when this returns."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            file.write(secret.reveal().encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        raise


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
