"""A client in the user's own editor, in a real terminal: it is handed over, taken back, and nothing is left behind."""

import signal
import stat
from pathlib import Path

from tests.lifecycle.support import Run, console, wait_for

# Shows what it was given, waits for a word, and edits accordingly.
_EDITOR = """\
#!/bin/sh
file="$1"; n=$(ls "$SEEN" | wc -l); cp -p "$file" "$SEEN/$n"
printf '\\033[2J\\033[HEDITING round %s\\n' "$n"
read -r word
case "$word" in
  break) sed -i 's/^description: .*/description: [broken/' "$file" ;;
  mend) sed -i 's/^description: .*/description: Mended/' "$file" ;;
  fail) exit 3 ;;
  empty) : > "$file" ;;
esac
"""


def environment(folder: Path) -> dict[str, str]:
    editor, seen = folder / "editor", folder / "seen"
    editor.write_text(_EDITOR)
    editor.chmod(0o755)
    seen.mkdir()
    return {"EDITOR": str(editor), "VISUAL": "", "SEEN": str(seen)}


def open_editor(run: Run, round_number: int) -> None:
    run.terminal.key("E")
    run.terminal.wait(f"EDITING round {round_number}")


def say(run: Run, word: str) -> None:
    run.terminal.type(word + "\r")


def edit_files(run: Run) -> list[Path]:
    return [path for path in run.temporary.iterdir() if path.name.startswith("ocm-tui-edit-")]


def test_a_mistake_comes_back_with_its_line_and_the_edit_is_reviewed(tmp_path: Path) -> None:
    with console(tmp_path, environment=environment(tmp_path)) as run:
        run.ready()
        run.terminal.wait("drift ")
        open_editor(run, 0)
        assert run.terminal.left_on == [], "the editor has the terminal as it was"
        say(run, "break")
        run.terminal.wait("EDITING round 1")
        say(run, "mend")
        run.terminal.wait("orders-api: 1 change")
        run.terminal.wait("+ Mended")
        run.terminal.type("y")
        run.terminal.wait("orders-api is stored")
        run.terminal.wait("write the edit there too", timeout=20)
        run.terminal.key("escape")
        run.terminal.gone("write the edit there too")
        assert edit_files(run) == []
        run.terminal.key("q")
        run.check_end(0)
    first, second = ((tmp_path / "seen" / str(number)).read_text() for number in (0, 1))
    assert first.startswith("# orders-api in demo\n")
    assert "encryptedSecret: '***'" in first
    mistake = next(line for line in second.split("\n") if line.startswith("# ! line "))
    number = int(mistake.split()[3].rstrip(":"))
    assert "description: [broken" in second.split("\n")[number - 2 : number + 1]
    assert stat.S_IMODE((tmp_path / "seen" / "0").stat().st_mode) == 0o600


def test_a_failed_and_an_emptied_edit_send_nothing(tmp_path: Path) -> None:
    with console(tmp_path, environment=environment(tmp_path)) as run:
        run.ready()
        open_editor(run, 0)
        say(run, "fail")
        run.terminal.wait("ended with status 3")
        open_editor(run, 1)
        say(run, "empty")
        run.terminal.wait("The file was emptied")
        open_editor(run, 2)
        say(run, "leave it")
        run.terminal.wait("was changed")
        run.terminal.key("q")
        run.check_end(0)


def test_a_signal_while_the_editor_is_open(tmp_path: Path) -> None:
    """^C is the editor's; SIGTERM ends both, and leaves the terminal and the directory clean."""
    with console(tmp_path, environment=environment(tmp_path)) as run:
        run.ready()
        open_editor(run, 0)
        run.terminal.signal(signal.SIGINT)
        assert edit_files(run)
        say(run, "leave it")
        run.terminal.wait("was changed")
        open_editor(run, 1)
        run.terminal.signal(signal.SIGTERM)
        wait_for(lambda: run.terminal.pump() is False or not edit_files(run), "the file is removed")
        run.check_end(128 + signal.SIGTERM)
