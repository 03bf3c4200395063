"""Keys that arrive all at once, as a slow line delivers them: each does what it would have done alone."""

import sys
from collections.abc import Iterator

import pytest

from tests.terminal import Terminal

BACKSPACE = "\x7f"


@pytest.fixture(scope="module")
def demo() -> Iterator[Terminal]:
    with Terminal([sys.executable, "-m", "ocm_tui", "--demo"]) as terminal:
        terminal.wait("drift 5")  # everything that moves by itself at the start has come
        yield terminal


@pytest.mark.parametrize(
    ("keys", "shown", "gone"),
    [
        (f"/wrong{BACKSPACE * 5}orders-u", ("/ orders-u ", "1 of 43"), "1 of 43"),
        (f"/orders{BACKSPACE}{BACKSPACE}rsx{BACKSPACE}", ("/ orders ", "3 of 43"), "3 of 43"),
        ("/orders\rjj", ("/ orders ", "─ orders-ui ─"), "3 of 43"),
        ("?no such word", ("  no such word ", "Nothing like that."), "Help:"),
        # `e` opens a form, `t` switches a client off, `d` explains a failure, `q` leaves
        ("/detqe\r", ("/ detqe ", "0 of 43"), "0 of 43"),
    ],
)
def test_each_key_counts_in_its_place(demo: Terminal, keys: str, shown: tuple[str, ...], gone: str) -> None:
    demo.type(keys)
    demo.until(lambda screen: all(text in screen for text in shown), f"{shown} on the screen")
    demo.key("escape")
    demo.gone(gone)


def test_a_form_takes_what_was_typed_for_it(demo: Terminal) -> None:
    demo.type("n\rmy-client\r")
    demo.wait("● Client ID")
    assert "my-client" in demo.text
    demo.key("escape")
    demo.wait("would be lost")
    demo.key("y")
    demo.gone("New client")
