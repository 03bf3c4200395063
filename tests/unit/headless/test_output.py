import argparse
import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from ocm_tui.core.errors import OcmError
from ocm_tui.headless.output import Output
from tests.unit.headless.support import Streams


def test_words_are_cleaned_and_data_is_not_touched() -> None:
    streams = Streams()
    streams.output.say("a\x1bb\nc\u202e")
    streams.output.data('{"a": 1}\n')
    assert (streams.words, streams.data) == ("a␛b\nc⟨202E⟩\n", '{"a": 1}\n')


def test_quiet_and_verbose() -> None:
    for settings, expected in (
        ({}, "say\ncomplain\n"),
        ({"quiet": True}, "complain\n"),
        ({"verbose": True}, "say\nnote\ncomplain\n"),
    ):
        streams = Streams(**settings)
        streams.output.say("say")
        streams.output.note("note")
        streams.output.complain("complain")
        assert streams.words == expected


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("terminal", "no_color", "term", "color"),
    [
        (True, False, "xterm", True),
        (True, True, "xterm", False),
        (True, False, "dumb", False),
        (False, False, "xterm", False),
    ],
)
def test_colour_only_where_a_person_looks(
    terminal: bool, no_color: bool, term: str, color: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal() if terminal else io.StringIO())
    monkeypatch.setenv("TERM", term)
    options = argparse.Namespace(no_color=no_color, output=None, quiet=False, verbose=False)
    assert Output.of(options).color is color


def _pipe() -> tuple[Any, Any]:
    reading, writing = os.pipe()
    return os.fdopen(reading, "r"), os.fdopen(writing, "w")


def test_a_reader_that_has_gone_ends_our_writing_quietly() -> None:
    reader, writer = _pipe()
    reader.close()
    output = Output(writer, io.StringIO())
    output.data("x" * 100_000)
    assert output.closed
    output.data("more")
    writer.flush()  # as Python does when it ends
    writer.close()


def test_a_full_disk_is_said() -> None:
    with Path("/dev/full").open("w") as full, pytest.raises(OcmError, match="standard output cannot be written"):
        Output(full, io.StringIO()).data("x")


def test_a_stderr_that_has_gone_is_no_reason_to_fail() -> None:
    reader, writer = _pipe()
    reader.close()
    output = Output(io.StringIO(), writer)
    output.complain("x" * 100_000)
    os.dup2(os.open(os.devnull, os.O_WRONLY), writer.fileno())
    writer.close()
