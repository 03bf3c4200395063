"""Which editor is started, and what is left of its file."""

from pathlib import Path

import pytest

from ocm_tui.core.errors import NotConfigured
from ocm_tui.tui.editor import editing, find_editor


@pytest.fixture
def programs(tmp_path: Path) -> str:
    for name in ("vi", "nano", "code"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    return str(tmp_path)


@pytest.mark.parametrize(
    ("variables", "command"),
    [
        ({}, ["vi"]),
        ({"EDITOR": "nano"}, ["nano"]),
        ({"EDITOR": "nano", "VISUAL": "code --wait"}, ["code", "--wait"]),
        ({"EDITOR": "nano", "VISUAL": "  "}, ["nano"]),
        ({"VISUAL": "code '--a b'"}, ["code", "--a b"]),
    ],
)
def test_the_editor_that_the_user_named(programs: str, variables: dict[str, str], command: list[str]) -> None:
    assert find_editor({"PATH": programs, **variables}) == command


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "no editor was found"),
        ({"EDITOR": "nowhere"}, r"\$EDITOR was not found: nowhere"),
        ({"VISUAL": "vi 'unbalanced"}, r"\$VISUAL was not found"),
        ({"EDITOR": "\x1b]0;x\x07"}, "␛"),
    ],
)
def test_no_editor_is_a_sentence(variables: dict[str, str], words: str) -> None:
    with pytest.raises(NotConfigured, match=words) as caught:
        find_editor({"PATH": "", **variables})
    assert caught.value.hint


@pytest.mark.parametrize("client_id", ["orders-api", "../../etc/passwd", "\x1b]0;x\x07", "", "漢字", "a" * 500])
def test_the_file_is_private_named_safely_and_gone_afterwards(client_id: str) -> None:
    with editing(client_id) as file:
        file._write("name: a\n")
        assert file.path.stat().st_mode & 0o777 == 0o600
        assert file.path.parent.stat().st_mode & 0o777 == 0o700
        assert file.path.name.isascii()
        assert file.path.suffix == ".yaml"
        (file.path.parent / f".{file.path.name}.swp").write_text("what an editor leaves")
        assert file._read("vi") == "name: a\n"
        directory = file.path.parent
    assert not directory.exists()
