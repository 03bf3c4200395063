"""Copies: which way they go, and that the words say so."""

import os
import stat
from pathlib import Path
from typing import Final

import pytest

from ocm_tui.tui import clipboard
from ocm_tui.tui.clipboard import FILE_NAME, put
from tests.tui.support import console

SSH: Final = {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22", "TERM": "xterm-256color"}
LOCAL: Final = {"TERM": "xterm-256color"}


class Tools:
    """A directory of clipboard tools that write what they are given into a file of their name."""

    def __init__(self, folder: Path, *names: str, script: str = 'cat > "{out}"') -> None:
        self.folder = folder
        for name in names:
            path = folder / name
            path.write_text(f"#!/bin/sh\n{script.format(out=folder / (name + '.out'))}\n")
            path.chmod(0o755)

    def find(self, name: str) -> str | None:
        path = self.folder / name
        return str(path) if path.exists() else None

    def taken(self, name: str) -> str | None:
        path = self.folder / f"{name}.out"
        return path.read_bytes().decode() if path.exists() else None


@pytest.mark.parametrize(
    ("variables", "names", "used"),
    [
        (LOCAL | {"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, ("wl-copy", "xclip"), "wl-copy"),
        (LOCAL | {"DISPLAY": ":0"}, ("wl-copy", "xclip"), "xclip"),
        (LOCAL | {"DISPLAY": ":0"}, ("wl-copy", "xsel"), "xsel"),
        (LOCAL, ("pbcopy", "xclip"), "pbcopy"),
        (LOCAL | {"TMUX": "x"}, ("tmux",), "tmux"),
        (SSH | {"TMUX": "x", "DISPLAY": ":0"}, ("tmux", "xclip"), "tmux"),
    ],
)
async def test_a_tool_at_the_machine_itself(
    tmp_path: Path, variables: dict[str, str], names: tuple[str, ...], used: str
) -> None:
    tools = Tools(tmp_path, *names)
    async with console(tmp_path / "state") as the:
        given = {"PATH": os.environ["PATH"], **variables}
        assert put(the.app, "örders-api", environ=given, find=tools.find) == f"was copied with {used}"
    assert {name: tools.taken(name) for name in names} == {
        name: "örders-api" if name == used else None for name in names
    }


@pytest.mark.parametrize(
    "variables",
    [LOCAL, LOCAL | {"WAYLAND_DISPLAY": "w"}, SSH, SSH | {"DISPLAY": "localhost:10", "WAYLAND_DISPLAY": "w"}],
)
async def test_else_the_terminal(tmp_path: Path, variables: dict[str, str]) -> None:
    tools = Tools(tmp_path, "xclip") if "SSH_CONNECTION" in variables else Tools(tmp_path)
    async with console(tmp_path / "state") as the:
        words = put(the.app, "orders-api", environ={"PATH": os.environ["PATH"], **variables}, find=tools.find)
        assert words == "was sent to the terminal's clipboard (OSC 52)"
        assert the.app.clipboard == "orders-api"
    assert tools.taken("xclip") is None


@pytest.mark.parametrize("script", ["exit 1", "exec sleep 60", "kill -9 $$"])
async def test_a_tool_that_fails_or_hangs(tmp_path: Path, script: str) -> None:
    tools = Tools(tmp_path, "xclip", script=script)
    async with console(tmp_path / "state") as the:
        variables = {"PATH": os.environ["PATH"], **LOCAL, "DISPLAY": ":0"}
        assert "OSC 52" in put(the.app, "orders-api", environ=variables, find=tools.find)


@pytest.mark.parametrize(
    ("variables", "text", "why"),
    [
        (SSH, "ö" * 40_000, "it is too long for the terminal's clipboard"),
        (SSH | {"TERM": "linux"}, "orders-api", "the terminal takes no copies"),
    ],
)
async def test_else_a_file(tmp_path: Path, variables: dict[str, str], text: str, why: str) -> None:
    async with console(tmp_path / "state") as the:
        words = put(the.app, text, environ=variables, find=lambda _: None)
        directory = the.session.state_directory
        assert directory is not None
        path = directory / FILE_NAME
        assert words == f"is in {path} (readable by you only): {why}"
        assert path.read_text("utf-8") == text
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        the.session.state_directory = Path("/dev/null/no/directory")
        assert put(the.app, text, environ=variables, find=lambda _: None).startswith(
            f"could not be copied: {why}, and "
        )
        the.session.state_directory = None
        assert "there is no directory" in put(the.app, text, environ=variables, find=lambda _: None)


async def test_what_is_pasted_is_obeyed_by_no_terminal(tmp_path: Path) -> None:
    async with console(tmp_path / "state") as the:
        put(the.app, "a\x1b]0;x\x07b\n\u202ec", environ=SSH, find=lambda _: None)
        assert the.app.clipboard == "a␛]0;x␇b\n⟨202E⟩c"


async def test_the_key_says_which_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a test the clipboard of the machine is left alone."""

    def refuse(*_: object) -> bool:
        raise AssertionError("a tool of this machine was started")

    monkeypatch.setattr(clipboard, "_taken", refuse)
    async with console(tmp_path / "state") as the:
        await the.press("y")
        notice = the.app.notices[-1].text
        assert notice == "The client's id was sent to the terminal's clipboard (OSC 52)."
        assert the.app.clipboard == the.clients.table.selected_key
