"""A secret delivered into a file: never half written, never readable by others, not even for a moment.

Thousands at once are staged in three rounds: all are written, then all are made durable by a few threads (a disk merges
what several ask for at the same time), then all get the names under which they count as staged.
"""

import asyncio
import contextlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from ocm_tui.core.clients.secret_file_io import (
    place_copy,
    read_own,
    reason,
    sync_directories,
    sync_files,
    write_new,
)
from ocm_tui.core.clients.secrets import Destination
from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean

__all__ = ["SecretFile", "discard_files", "promote_files", "recover_files", "stage_files"]


class SecretFile(Destination):
    """`file:PATH`. The file holds the secret alone, without a newline, and has mode 0600. `~` is the home directory.

    The staged copy is a file beside it, `.NAME.staged-…`, complete as soon as it has this name. A symbolic link is
    followed: what it points to is replaced. Methods without `async` block.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._target: Path | None = None
        self._beside: tuple[str, Path] | None = None  # a tag, and the staged copy's name under it
        self._staged: Path | None = None

    @property
    def name(self) -> str:
        return clean(f"file:{self._path}")

    @property
    def staged_name(self) -> str | None:
        return clean(f"file:{self._staged}") if self._staged else None

    @property
    def directory(self) -> Path | None:
        """Where the staged copy is; None when there is none."""
        return self._staged.parent if self._staged else None

    def target(self) -> Path:
        """The file itself, links followed, found once. UsageError for a directory, or a path that cannot be."""
        if self._target is None:
            try:
                target = Path(self._path).expanduser().resolve()
                is_directory = target.is_dir()
            except (OSError, RuntimeError, ValueError) as error:  # no home directory; a NUL in the path
                raise self._unwritable(error) from error
            if is_directory:
                raise UsageError(f"{self.name} is a directory", hint="name the file in it")
            self._target = target
        return self._target

    def problem(self) -> str | None:
        try:
            parent = self.target().parent
        except UsageError as error:
            return error.title
        if not parent.is_dir():
            return f"{self.name} cannot be written: there is no directory {clean(parent)}"
        if not os.access(parent, os.W_OK | os.X_OK):
            return f"{self.name} cannot be written: the directory {clean(parent)} is not writable"
        return None

    async def stage(self, secret: Secret, *, tag: str | None = None) -> None:
        await stage_files([(self, secret)], tag=tag or secrets.token_hex(4))

    async def recover(self, tag: str) -> Secret | None:
        return (await recover_files([self], tag=tag))[0]

    async def promote(self, *, keep: bool = False) -> None:
        await asyncio.to_thread(self.promote_now, keep=keep)

    async def discard(self) -> None:
        await discard_files([self])

    def write_draft(self, secret: Secret, tag: str) -> Path:
        """The first round: complete, but neither durable nor under the name that counts."""
        draft = Path(f"{self._staged_under(tag)}.part")
        try:
            try:
                write_new(draft, secret)
            except FileExistsError:
                draft.unlink(missing_ok=True)  # of a process that was killed in this round: nobody has used it
                write_new(draft, secret)
        except OSError as error:
            raise self._unwritable(error) from error
        return draft

    def finish_draft(self, draft: Path, tag: str) -> None:
        """The last round."""
        staged = self._staged_under(tag)
        draft.rename(staged)
        self._staged = staged

    def recover_now(self, tag: str) -> Secret | None:
        staged = self._staged_under(tag)
        try:
            secret = read_own(staged)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            raise UsageError(
                f"the staged copy {clean(f'file:{staged}')} cannot be used: {reason(error)}",
                hint="it may be the only copy of a secret that is in force",
            ) from error
        self._staged = staged
        return secret

    def discard_now(self) -> None:
        if self._staged is None:
            return
        try:
            self._staged.unlink(missing_ok=True)
        except OSError as error:
            raise OcmError(f"the unused {self.staged_name} could not be removed: {reason(error)}") from error
        self._staged = None

    def promote_now(self, *, keep: bool) -> None:
        if self._staged is None:
            return
        target = self.target()
        try:
            if keep:
                place_copy(self._staged, target)
            else:
                self._staged.replace(target)
        except (OSError, ValueError) as error:
            raise OcmError(
                f"the secret is set, but could not be moved to {self.name}: {reason(error)}",
                hint=f"it is in {self.staged_name}: move it by hand",
            ) from error
        if not keep:
            self._staged = None
            sync_directories([target.parent])

    def _staged_under(self, tag: str) -> Path:
        if self._beside is None or self._beside[0] != tag:
            target = self.target()
            self._beside = tag, target.with_name(f".{target.name}.staged-{tag}")
        return self._beside[1]

    def _unwritable(self, error: Exception) -> UsageError:
        hint = "the directory must exist and be writable"
        return UsageError(f"{self.name} cannot be written: {reason(error)}", hint=hint)


async def stage_files(pairs: Sequence[tuple[SecretFile, Secret]], *, tag: str) -> None:
    """All, durably, or UsageError and none of them."""
    await asyncio.to_thread(_stage_all, pairs, tag)


async def recover_files(files: Sequence[SecretFile], *, tag: str) -> list[Secret | None]:
    """As `Destination.recover`, of each."""
    return await asyncio.to_thread(lambda: [file.recover_now(tag) for file in files])


async def promote_files(files: Sequence[SecretFile]) -> list[OcmError | None]:
    """As `promote(keep=True)`, of each; in their order why it is not in its place, or None."""
    return await asyncio.to_thread(lambda: [_promoted(file) for file in files])


async def discard_files(files: Sequence[SecretFile]) -> None:
    """All that can be; then the first OcmError. What was promoted is durable before its staged copy goes."""
    await asyncio.to_thread(_discard_all, files)


def _stage_all(pairs: Sequence[tuple[SecretFile, Secret]], tag: str) -> None:
    drafts: list[Path] = []
    try:
        for file, secret in pairs:
            draft = file.write_draft(secret, tag)
            drafts.append(draft)
        sync_files(drafts)
        for (file, _), draft in zip(pairs, drafts, strict=True):
            file.finish_draft(draft, tag)
        sync_directories({file.target().parent for file, _ in pairs})
    except BaseException as error:
        _remove(drafts, [file for file, _ in pairs])
        if isinstance(error, OSError):
            raise UsageError(f"secrets cannot be staged in files: {reason(error)}", hint="is the disk full?") from error
        raise


def _remove(drafts: Sequence[Path], files: Sequence[SecretFile]) -> None:
    """What a failed staging leaves; nobody has used it."""
    for draft in drafts:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    with contextlib.suppress(OcmError):
        _discard_all(files)


def _promoted(file: SecretFile) -> OcmError | None:
    try:
        file.promote_now(keep=True)
    except OcmError as error:
        return error
    return None


def _discard_all(files: Sequence[SecretFile]) -> None:
    sync_directories({file.directory for file in files if file.directory is not None})
    first: OcmError | None = None
    for file in files:
        try:
            file.discard_now()
        except OcmError as error:
            first = first or error
    if first is not None:
        raise first
