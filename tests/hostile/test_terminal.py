"""A real pseudo-terminal: of all that a lying server says, nothing reaches the terminal as a command."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.command_line import Program, environment_yaml
from tests.hostile.documents import JSON_SAFE, document_of
from tests.hostile.server import Lie, LyingServer
from tests.hostile.strings import MARKER, NASTY, NASTY_HEADERS, WIRE_SAFE, escape_leaks
from tests.terminal import Terminal


@pytest.fixture
def server() -> Iterator[LyingServer]:
    with LyingServer(
        clients=[document_of(text, start) for start, text in enumerate(JSON_SAFE.values()) if text][::3],
        choices=[text for text in JSON_SAFE.values() if text],
        version=f"12.1 {NASTY['title']}[/x]",
        headers=NASTY_HEADERS,
        reason=WIRE_SAFE["colour"],
    ) as running:
        yield running


def test_the_search_itself_finds_what_it_looks_for() -> None:
    for name in (
        "lone escape",
        "colour",
        "cursor",
        "title",
        "hyperlink",
        "clipboard",
        "device control",
        "C1 CSI",
        "NUL",
    ):
        assert escape_leaks(b"\x1b[0m before " + NASTY[name].encode() + b" after"), name
    own = "\x1b]52;c;b3JkZXJz\x07\x1b[?1049h\x1b[1;31mPWNED\x1b[0m ␛ \ufffd".encode()
    assert not escape_leaks(own)


def press(terminal: Terminal, key: str) -> None:
    """An escape needs a pause behind it, to be none that begins a sequence."""
    terminal.respond(key, quiet=0.15 if key == "escape" else 0.03)


def test_a_tour_of_the_console(tmp_path: Path, server: LyingServer) -> None:
    (tmp_path / "config.yaml").write_text(
        "default_environment: dev\nenvironments:\n" + environment_yaml("dev", server.base_url, username='"[/x]"')
    )
    program = Program(tmp_path)
    error = {"errorId": NASTY["title"], "fieldPath": NASTY["clipboard"], "message": NASTY["hyperlink"]}
    with Terminal([sys.executable, "-m", "ocm_tui"], 130, 36, environment=program.environ()) as terminal:
        terminal.wait("Clients ──")
        terminal.wait("PWNED")
        for key in ("end", "home", *["down", "]"] * 6, "o"):
            press(terminal, key)
        server.lie("PUT", "/", Lie.json({"message": NASTY["title"], "validationErrors": [error]}, 422))
        terminal.key("t")  # enable or disable: the difference, the refusal, a toast
        terminal.wait("cancel")
        terminal.key("y")
        terminal.wait("evil.example")  # the refusal, in a toast
        terminal.key("e")
        terminal.wait("nothing changed")
        for key in ("enter", "escape", *["down", "enter", "escape"] * 2):
            press(terminal, key)
        terminal.key("escape")
        terminal.gone("nothing changed")
        for key in ("N", "escape", "/", *NASTY["closing tag"], "escape", "x"):
            press(terminal, key)
        terminal.wait("Log ──")
        for key in ("home", "]", "]", "]", "down", "enter", "end"):
            press(terminal, key)
        terminal.key("q")
        assert terminal.end() == 0
        assert terminal.left_on == []
        assert escape_leaks(bytes(terminal.raw)) == []
        assert MARKER.encode() in terminal.raw, "the tour has seen hostile data"
