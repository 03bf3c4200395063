"""Every command that the README shows is one that the program takes."""

import re
import shlex
from pathlib import Path

import pytest

from ocm_tui.arguments import parse

_README = Path(__file__).parents[3] / "README.md"


def shown_commands() -> list[str]:
    """Lines of shell blocks that begin with the program's name, without what a pipe or a redirection follows with."""
    blocks = re.findall(r"```(?:sh|console|yaml)\n(.*?)```", _README.read_text(encoding="utf-8"), re.DOTALL)
    found = (re.search(r"^(?:\$ |\s*script: )?(ocm-tui\b.*)$", line) for block in blocks for line in block.splitlines())
    return [re.split(r"\s[|>]\s", match[1])[0] for match in found if match]


def test_there_are_commands() -> None:
    assert len(shown_commands()) > 15


@pytest.mark.parametrize("command", shown_commands())
def test_it_is_understood(command: str) -> None:
    parse(shlex.split(command, comments=True)[1:])  # UsageError for whatever is not
