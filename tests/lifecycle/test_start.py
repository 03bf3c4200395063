"""Starting where there is no terminal, or no server that answers."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.command_line import Answer, RawServer, Simulated, closed_port, environment_yaml
from tests.lifecycle.support import DEMO, console

OCM_TUI = (sys.executable, "-m", "ocm_tui")


@pytest.mark.parametrize("streams", ["neither", "only stdin", "only stdout"])
@pytest.mark.parametrize("words", [(), ("--read-only", "--demo")])
def test_no_terminal(tmp_path: Path, streams: str, words: tuple[str, ...]) -> None:
    """Exit code 2, one sentence, and nothing is started or made."""
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [*OCM_TUI, *words],
            stdin=theirs if streams == "only stdin" else subprocess.DEVNULL,
            stdout=theirs if streams == "only stdout" else subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "TMPDIR": str(tmp_path), "HOME": str(tmp_path)},
            timeout=60,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 2
    assert not done.stdout
    assert done.stderr.decode().splitlines()[0] == "error: the console needs a terminal"
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def targets() -> Iterator[dict[str, str]]:
    with (
        Simulated() as simulated,
        RawServer(Answer(b"SSH-2.0-OpenSSH_9.9\r\n")) as other,
        RawServer(Answer(None)) as mute,
    ):
        yield {
            "dead": f"http://127.0.0.1:{closed_port()}/pf-admin-api/v1",
            "other": other.base_url,
            "mute": mute.base_url,
            "unknown": "https://no-such-host.invalid:9999/pf-admin-api/v1",
            "plain": simulated.base_url.replace("http:", "https:"),
            "elsewhere": simulated.base_url.removesuffix("/pf-admin-api/v1") + "/admin",
            "refused": simulated.base_url,
        }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("dead", "refused the connection"),
        ("other", "without an answer"),
        ("mute", "gave no complete answer within 0.5 s"),
        ("unknown", "no-such-host.invalid"),
        ("plain", "TLS"),
        ("elsewhere", "404"),
        ("refused", "does not accept the credentials"),
    ],
)
def test_a_server_that_does_not_answer(tmp_path: Path, targets: dict[str, str], name: str, words: str) -> None:
    """One clear sentence in the place of the list, what to do, and the console works otherwise."""
    text = environment_yaml(name, targets[name]).replace("    server:\n", "    server:\n      timeout: 0.5\n")
    (tmp_path / "config.yaml").write_text("environments:\n" + text)
    variables = {"OCM_TUI_CONFIG": str(tmp_path / "config.yaml"), "PF_PASSWORD": "not-the-passw0rd"}
    with console(tmp_path, command=OCM_TUI, environment=variables) as run:
        terminal = run.terminal
        terminal.wait("r tries again")
        terminal.until(lambda screen: words in " ".join(screen.replace("│", " ").split()), f"{words!r} on the screen")
        assert "Traceback" not in terminal.text
        terminal.key("4")
        terminal.wait("Log ──")
        terminal.key("1")
        terminal.wait("r tries again")
        terminal.key("r")
        terminal.key("q")
        run.check_end(0)


def test_a_secret_that_is_not_there(tmp_path: Path) -> None:
    """The server cannot be used; the console says why, with the place in the file."""
    (tmp_path / "config.yaml").write_text(
        "environments:\n"
        + environment_yaml("dev", "http://127.0.0.1:9/pf-admin-api/v1").replace("PF_PASSWORD", "NOT_SET")
    )
    variables = {"OCM_TUI_CONFIG": str(tmp_path / "config.yaml")}
    with console(tmp_path, command=OCM_TUI, environment=variables) as run:
        run.terminal.wait("NOT_SET")
        run.terminal.wait("config.yaml:")
        run.terminal.key("q")
        run.check_end(0)


@pytest.mark.parametrize(
    ("text", "words"),
    [("environments: [\n", "config.yaml:"), ("environments:\n  dev:\n    servr: {}\n", "did you mean")],
)
def test_a_configuration_that_cannot_be_read(tmp_path: Path, text: str, words: str) -> None:
    """Nothing of a console appears: one sentence and exit code 2."""
    (tmp_path / "config.yaml").write_text(text)
    with console(tmp_path, command=OCM_TUI, environment={"OCM_TUI_CONFIG": str(tmp_path / "config.yaml")}) as run:
        run.check_end(2)
        assert words in run.terminal.text
        assert b"\x1b" not in run.terminal.raw


def test_no_colour(tmp_path: Path) -> None:
    """With NO_COLOR no sequence sets a colour other than a shade of grey."""
    with console(tmp_path, command=DEMO, environment={"NO_COLOR": "1"}) as run:
        run.ready()
        run.terminal.key("q")
        run.check_end(0)
        assert _colours(bytes(run.terminal.raw)) == set()


def _colours(raw: bytes) -> set[bytes]:
    found = set(re.findall(rb"[34]8;2;(\d+;\d+;\d+)", raw))
    return {colour for colour in found if len(set(colour.split(b";"))) > 1}
