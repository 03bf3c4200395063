"""Text in the user's own editor, while the console waits behind it.

The file lies in a private directory that is removed afterwards, with whatever the editor left beside it. The event loop
goes on meanwhile: exchanges that are under way end in time.
"""

import asyncio
import os
import shlex
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual.app import SuspendNotSupported

from ocm_tui.core.errors import NotConfigured, OcmError
from ocm_tui.core.text import clean

if TYPE_CHECKING:
    from ocm_tui.tui.app import OcmApp

__all__ = ["EditFile", "editing", "find_editor"]

_TO_LEAVE: Final = 5.0  # seconds that an editor has to put the terminal right when the console is told to end
_MAX_BYTES: Final = 4 << 20


def find_editor(environment: Mapping[str, str]) -> list[str]:
    """The command as words. NotConfigured when none of `$VISUAL`, `$EDITOR` and vi can be run."""
    for name in ("VISUAL", "EDITOR"):
        value = environment.get(name, "").strip()
        if not value:
            continue
        try:
            words = shlex.split(value)
        except ValueError:
            words = []
        if words and shutil.which(words[0], path=environment.get("PATH")):
            return words
        raise NotConfigured(f"the editor of ${name} was not found: {clean(value, 200)}", hint=f"set {name} to another")
    if shutil.which("vi", path=environment.get("PATH")):
        return ["vi"]
    raise NotConfigured("no editor was found", hint="set VISUAL or EDITOR, for example to nano")


class EditFile:
    """One file for as many rounds as it takes. It is nobody else's to read."""

    def __init__(self, directory: Path, name: str) -> None:
        self.path = directory / name

    async def edit(self, app: "OcmApp", text: str) -> str:
        """What the user made of `text`. OcmError when the editor cannot be run, fails, or leaves no text behind."""
        command = find_editor(os.environ)
        self._write(text)
        await _run(app, [*command, str(self.path)])
        return self._read(command[0])

    def _write(self, text: str) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)

    def _read(self, editor: str) -> str:
        from ocm_tui.core.positioned.files import UnusableFile, read_small_file

        try:
            return read_small_file(self.path, _MAX_BYTES).content.decode("utf-8-sig").replace("\r\n", "\n")
        except (UnusableFile, UnicodeDecodeError, OSError) as error:
            why = getattr(error, "reason", "is no UTF-8 text")
            raise OcmError(f"the file that {clean(editor, 80)} left behind {why}", hint="nothing was sent") from None


@contextmanager
def editing(client_id: str) -> Iterator[EditFile]:
    """A file named for the client, in a directory of its own; OcmError when there is no place for it."""
    safe = "".join(character if character.isascii() and character.isalnum() else "-" for character in client_id[:60])
    try:
        directory = tempfile.mkdtemp(prefix="ocm-tui-edit-")
    except OSError as error:
        raise OcmError(f"no temporary file can be made: {error.strerror}", hint="TMPDIR names where") from error
    try:
        yield EditFile(Path(directory), f"{safe.strip('-') or 'client'}.yaml")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def _run(app: "OcmApp", command: list[str]) -> None:
    """Give the editor the terminal until it ends."""
    failure: OcmError | None = None
    loop = asyncio.get_running_loop()
    try:
        with app.suspend():
            # ^C belongs to the editor: it reaches this process as well, which must not end of it.
            loop.add_signal_handler(signal.SIGINT, lambda: None)
            try:
                failure = await _until_left(command)
            finally:
                app.obey_signals()
    except SuspendNotSupported:
        raise NotConfigured("this terminal cannot be handed over to an editor", hint="e edits in the console") from None
    if failure is not None:
        raise failure


async def _until_left(command: list[str]) -> OcmError | None:
    """Returned, not raised: the console takes the terminal back before anything else happens."""
    name = clean(command[0], 80)
    try:
        process = await asyncio.create_subprocess_exec(*command)
    except OSError as error:
        return NotConfigured(f"{name} could not be started: {error.strerror}", hint="set VISUAL or EDITOR")
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        await _end(process)
        raise
    return OcmError(f"{name} ended with status {code}", hint="nothing was sent") if code else None


async def _end(process: asyncio.subprocess.Process) -> None:
    process.terminate()
    try:
        async with asyncio.timeout(_TO_LEAVE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
