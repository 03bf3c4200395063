"""Text to the clipboard of whoever sits at the terminal, and in which way it went.

Over ssh only the terminal can reach that clipboard, by the OSC 52 sequence; at the machine itself its own tools are
surer. What neither takes goes into a file.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from ocm_tui.core.errors import OcmError
from ocm_tui.core.private_files import write_private
from ocm_tui.core.text import clean, clean_lines

if TYPE_CHECKING:
    from ocm_tui.tui.app import OcmApp

__all__ = ["FILE_NAME", "put"]

FILE_NAME: Final = "clipboard.txt"
_SSH: Final = ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT")
_LONGEST_SEQUENCE: Final = 74_994  # bytes before base64: what the common terminals take
_NO_OSC_52: Final = frozenset({"dumb", "linux", "vt100", "vt220", "cons25"})
_PATIENCE: Final = 0.5  # seconds: the console stands still meanwhile


class _Tool(NamedTuple):
    variable: str  # that says that the tool has somebody to talk to; empty: it is enough that it exists
    command: tuple[str, ...]


_TOOLS: Final = (
    _Tool("", ("pbcopy",)),
    _Tool("WAYLAND_DISPLAY", ("wl-copy",)),
    _Tool("DISPLAY", ("xclip", "-selection", "clipboard")),
    _Tool("DISPLAY", ("xsel", "--clipboard", "--input")),
)
# tmux keeps OSC 52 of the programs in it to itself unless it was configured; this asks it to hand it on.
_TMUX: Final = _Tool("TMUX", ("tmux", "load-buffer", "-w", "-"))


def put(
    app: "OcmApp",
    text: str,
    *,
    environ: Mapping[str, str] | None = None,
    find: Callable[[str], str | None] = shutil.which,
) -> str:
    """Copy `text`; the words end a sentence that begins with what was copied: `was copied with wl-copy`.

    Never raises. Control characters become visible marks: what is pasted into a shell must not be obeyed by it.
    """
    text, variables = clean_lines(text), os.environ if environ is None else environ
    if app.is_headless and environ is None:  # a browser or a test: this machine's clipboard is not the user's
        return _sequence(app, text)
    remote = any(variables.get(name) for name in _SSH)
    for variable, (name, *options) in (_TMUX,) if remote else (*_TOOLS, _TMUX):
        program = find(name) if not variable or variables.get(variable) else None
        if program is not None and _taken((program, *options), text, variables):
            return f"was copied with {name}"
    fits = len(text.encode("utf-8", "replace")) <= _LONGEST_SEQUENCE
    if fits and variables.get("TERM", "") not in _NO_OSC_52:
        return _sequence(app, text)
    return _file(app, text, "the terminal takes no copies" if fits else "it is too long for the terminal's clipboard")


def _taken(command: tuple[str, ...], text: str, variables: Mapping[str, str]) -> bool:
    """The tools stay in the background to serve the clipboard: nothing of ours may stay open in them."""
    try:
        done = subprocess.run(  # noqa: S603  # a name of the table above, found in the user's own PATH
            command,
            input=text.encode("utf-8", "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            env=dict(variables),
            check=False,
            start_new_session=True,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _sequence(app: "OcmApp", text: str) -> str:
    app.copy_to_clipboard(text)
    return "was sent to the terminal's clipboard (OSC 52)"


def _file(app: "OcmApp", text: str, why: str) -> str:
    directory = app.session.state_directory if app.session is not None else None
    if directory is None:
        return f"could not be copied: {why}, and there is no directory for a file"
    path = Path(directory) / FILE_NAME
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, text)
    except (OcmError, OSError) as error:
        return f"could not be copied: {why}, and {clean(error, 200)}"
    return f"is in {clean(path)} (readable by you only): {why}"
