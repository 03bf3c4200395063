"""The contract of the command line, from outside: exit codes, stdout and stderr, `--check` and its reports."""

import json
import re
import shlex
import signal
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.contract.command_line import Answer, Program, RawServer, Simulated, environment_yaml
from tests.terminal import Terminal

ANSI = re.compile("\x1b")


def checks(report: object) -> dict[str, str]:
    assert isinstance(report, dict)
    return {check["id"]: check["status"] for check in report["checks"]}


def test_demo_check_passes_with_nothing_configured(program: Program) -> None:
    (program.home / "config.yaml").unlink()
    done = program("--demo", "--check", "--output", "json")
    assert (done.code, done.stderr) == (0, "")
    report = done.json
    assert list(report) == ["schema", "environment", "started_at", "duration_ms", "summary", "checks"]
    assert (report["schema"], report["environment"]) == ("ocm-tui/check/v1", "demo")
    assert report["summary"]["failed"] == 0
    assert {"config", "server.reachable", "server.authenticated", "server.version"} <= {
        name for name, status in checks(report).items() if status == "pass"
    }
    assert not program.state.exists()  # the demo writes nothing outside its temporary directory


def test_a_real_environment(program: Program) -> None:
    done = program("--check")
    assert done.code == 0
    assert not ANSI.search(done.stdout + done.stderr)
    assert "● pass  server.authenticated" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("dev: 5 passed, 0 warned, 0 failed, 5 skipped")


@pytest.mark.parametrize(
    ("environment", "code", "failed", "skipped"),
    [
        ("dead", 3, {"server.reachable"}, {"server.authenticated", "server.version", "server.tls"}),
        ("refused", 4, {"server.authenticated"}, {"server.version", "server.tls"}),
        ("empty", 0, set(), {"server.reachable", "server.authenticated", "server.version", "server.tls"}),
    ],
)
def test_exit_code_is_the_cause(
    program: Program, environment: str, code: int, failed: set[str], skipped: set[str]
) -> None:
    done = program("--check", "--env", environment, "--output", "json")
    found = checks(done.json)
    assert done.code == code
    assert {name for name, status in found.items() if status == "fail"} == failed
    absent = {"inventory", "registry.database", "registry.cache", "registry.stream", "registry.consistency"}
    assert {name for name, status in found.items() if status == "skip"} == skipped | absent


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("environments: [\n", "config.yaml:"),
        ("environments:\n  dev:\n    servr: {}\n", "did you mean"),
        ("", "empty"),
    ],
)
@pytest.mark.parametrize("output", ["text", "json", "junit", "sarif", "gitlab", "github"])
def test_a_configuration_that_cannot_be_loaded(program: Program, output: str, text: str, words: str) -> None:
    (program.home / "config.yaml").write_text(text)
    report = program.home / "report.json"
    done = program("--check", "--output", output, "--report", f"json={report}", "--only", "server.*")
    assert done.code == 2
    assert words in done.stderr
    assert done.stdout
    written = json.loads(report.read_text())
    assert checks(written)["config"] == "fail"
    assert set(checks(written).values()) == {"fail", "skip"}


def test_an_unknown_environment_is_named_with_its_neighbour(program: Program) -> None:
    done = program("--check", "--env", "prdo", "--output", "json")
    assert done.code == 2
    assert "prod" in done.stderr
    assert done.json["checks"][0]["status"] == "fail"


def test_a_password_that_is_not_there_fails_before_anything_is_sent(program: Program) -> None:
    environ = {"PF_PASSWORD": ""}
    del program.variables["PF_PASSWORD"]
    done = program("--check", "--output", "json", environ=environ)
    assert done.code == 2
    assert checks(done.json)["config"] == "fail"
    assert checks(done.json)["inventory"] == "pass"  # what is broken does not keep the rest from a verdict


def test_a_broken_inventory(program: Program) -> None:
    (program.home / "inventory.yaml").write_text("version: 1\nclients:\n- clientId: a\n  nonsense: 1\n- clientId: a\n")
    done = program("--check", "--output", "gitlab")
    assert done.code == 1
    places = [issue["location"] for issue in json.loads(done.stdout)]
    assert {"path": "inventory.yaml", "lines": {"begin": 4}} in places
    assert {"path": "inventory.yaml", "lines": {"begin": 5}} in places


def test_several_reports_in_one_run(program: Program) -> None:
    names = {"json": "a.json", "junit": "b.xml", "sarif": "c.sarif", "gitlab": "d.json", "github": "e.txt", "text": "f"}
    words = [f"--report={name}={file}" for name, file in names.items()]
    done = program("--check", *words, "--output", "json")
    assert done.code == 0
    home = program.home
    assert json.loads((home / "a.json").read_text()) == done.json
    assert ET.fromstring((home / "b.xml").read_text()).get("tests") == "10"
    assert json.loads((home / "c.sarif").read_text())["version"] == "2.1.0"
    assert json.loads((home / "d.json").read_text()) == []
    assert not [path for path in home.iterdir() if path.name.startswith(".")]


def test_a_report_that_cannot_be_written_is_told_before_anything_is_sent(program: Program) -> None:
    with RawServer(Answer(None)) as server:
        (program.home / "config.yaml").write_text("environments:\n" + environment_yaml("dev", server.base_url))
        done = program("--check", "--report", "junit=nowhere/r.xml")
        assert not server.asked.is_set()
    assert (done.code, done.stdout) == (2, "")
    assert "nowhere/r.xml" in done.stderr


def test_only_skip_and_list(program: Program) -> None:
    done = program("--check", "--only", "server.*", "--skip", "server.tls", "--output", "json")
    assert list(checks(done.json)) == ["server.reachable", "server.authenticated", "server.version"]
    listed = program("--check", "--list", "--output", "json", "--only", "inventory").json
    assert listed == {"schema": "ocm-tui/checks/v1", "items": [{"id": "inventory", "title": "Inventory is readable"}]}
    assert program("--check", "--only", "nope").code == 2
    assert program("--check", "--list", "--output", "junit").code == 2


def test_a_narrow_selection_is_no_silent_success(program: Program) -> None:
    done = program("--check", "--env", "dead", "--only", "server.version", "--output", "json")
    assert done.code == 3
    assert checks(done.json) == {"server.version": "fail"}


def test_warnings_count_when_they_are_asked_to(program: Program) -> None:
    with Simulated("--clients", "1", "--server-version", "13.1.0.5") as newest:
        program.variables["PF_PASSWORD"] = newest.password
        yaml = environment_yaml("dev", newest.base_url).replace('"${env:PF_PASSWORD}"', "literal-secret-x")
        (program.home / "config.yaml").write_text(f"environments:\n{yaml}")
        words = ("--check", "--only", "config", "--output", "json")
        done = program(*words)
        assert (done.code, checks(done.json)) == (0, {"config": "warn"})
        done = program(*words, "--fail-on", "warn")
        assert (done.code, checks(done.json)) == (1, {"config": "warn"})
        assert "literal-secret-x" not in program.seen


def test_the_whole_run_has_one_deadline(program: Program) -> None:
    with RawServer(Answer(None)) as server:
        (program.home / "config.yaml").write_text("environments:\n" + environment_yaml("dev", server.base_url))
        done = program("--check", "--timeout", "0.7", "--output", "json")
    assert done.code == 3
    assert checks(done.json)["server.reachable"] == "fail"
    assert "--timeout" in done.json["checks"][1]["message"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer.http("200 OK", b"<html><body>Login [/x]</body></html>", "text/html"), 1),
        (Answer.http("200 OK", b'{"version": "12.1'), 1),
        (Answer.http("200 OK", b"[1, 2]"), 1),
        (Answer.http("200 OK", b'{"version": "\xff\xfe"}'), 1),
        (Answer.http("500 Oops", b"\x1b]0;owned\x07" + b"x" * 5_000_000, "text/html"), 1),
        (Answer.http("404 Not Found", b"<h1>nope</h1>", "text/html"), 1),
        (Answer.http("403 Forbidden", b""), 4),
        (Answer.http("302 Found\r\nLocation: http://user:pw-in-location@elsewhere/", b""), 1),
        (Answer.http("200 OK", b"{}", length=100), 3),
        (Answer(b""), 3),
        (Answer(b"SSH-2.0-OpenSSH_9.2\r\n"), 3),
    ],
)
def test_servers_that_say_something_else(program: Program, answer: Answer, code: int) -> None:
    with RawServer(answer) as server:
        (program.home / "config.yaml").write_text("environments:\n" + environment_yaml("dev", server.base_url))
        done = program("--check", "--output", "json")
        assert done.code == code
        assert done.json["summary"]["failed"] == (code != 0)
        listed = program("clients", "list", "--output", "json")
    if code:
        assert (listed.code, listed.stdout) == (code, "")
        assert listed.stderr.startswith("error: ")
        assert len(listed.stderr) < 10_000
    assert not ANSI.search(program.seen)
    assert "pw-in-location" not in program.seen


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("words", [("--check",), ("clients", "list"), ("clients", "show", "x")])
def test_interrupted_while_a_server_is_slow(program: Program, words: tuple[str, ...], number: signal.Signals) -> None:
    with RawServer(Answer(None)) as server:
        (program.home / "config.yaml").write_text("environments:\n" + environment_yaml("dev", server.base_url))
        process = program.start(*words, "--output", "json")
        assert server.asked.wait(60)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert stdout == b""
    assert stderr.decode().startswith("interrupted: done: ")
    assert "not done: " in stderr.decode()


def test_colour_only_on_a_terminal(program: Program) -> None:
    for words, environ, colour in (
        (["--check"], {}, True),
        (["--check", "--no-color"], {}, False),
        (["--check"], {"NO_COLOR": "1"}, False),
        (["--check"], {"TERM": "dumb"}, False),
        (["clients", "list"], {}, True),
    ):
        with Terminal(program.command(*words), environment=program.environ(environ)) as terminal:
            assert terminal.end() == 0
        assert bool(ANSI.search(terminal.raw.decode())) is colour, words


def test_global_options_before_and_after(program: Program) -> None:
    before = program("--env", "empty", "--output", "json", "--check")
    after = program("--check", "--output", "json", "--env", "empty")
    assert before.json["environment"] == after.json["environment"] == "empty"


@pytest.mark.parametrize(
    "words", [["foo"], ["--foo"], ["clients", "foo"], ["clients", "list", "--foo"], ["--check", "--output", "foo"]]
)
def test_usage_errors_are_one_sentence(program: Program, words: list[str]) -> None:
    done = program(*words)
    assert (done.code, done.stdout) == (2, "")
    assert re.fullmatch("error: .*foo.*\nhint: .*\n", done.stderr)


def test_the_console_needs_a_terminal(program: Program) -> None:
    done = program()
    assert (done.code, done.stdout) == (2, "")
    assert "terminal" in done.stderr


def test_quiet_and_verbose(program: Program) -> None:
    assert program("--check", "--quiet", "--report", "json=r.json").stderr == ""
    assert program("--check", "--report", "json=r.json").stderr == "json report: r.json\n"
    said = program("--check", "--verbose").stderr
    assert re.fullmatch(r"\S+-1  GET /version  200  \d+ ms  \d+ bytes\n", said)


def test_version_imports_next_to_nothing(program: Program) -> None:
    loaded = program.modules_after("--version")
    assert "ocm_tui.cli" in loaded
    assert not loaded & {"argparse", "asyncio", "pydantic", "httpx2", "yaml", "dataclasses", "ocm_tui.arguments"}


@pytest.mark.parametrize(
    "words", [["--demo", "--check"], ["--check"], ["clients", "list"], ["--demo", "clients", "list"]]
)
def test_headless_commands_never_import_the_console(program: Program, words: list[str]) -> None:
    loaded = {name.partition(".")[0] for name in program.modules_after(*words)}
    assert "httpx2" in loaded
    assert not loaded & {"textual", "rich", "keyring", "boto3"}
    inner = program.modules_after(*words)
    assert not [name for name in inner if name.startswith("ocm_tui.tui")]
    assert "ocm_tui.simulator.server" not in inner
    assert ("cryptography" in inner) == (words == ["--demo", "--check"])  # for https, and for the keys of OCI profiles


def test_json_is_utf8_whatever_the_locale_says(program: Program) -> None:
    done = program("--check", "--output", "json", environ={"LC_ALL": "C", "PYTHONIOENCODING": "ascii"})
    assert done.code == 0
    assert "●" not in done.stdout
    assert program("--check", environ={"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}).code == 0


def test_a_full_disk_behind_stdout(program: Program, tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            program.command("--check"),
            stdout=full,
            stderr=subprocess.PIPE,
            env=program.environ(),
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.decode().startswith("error: standard output cannot be written")


def test_streams_that_were_closed_before(program: Program) -> None:
    for closed in (">&-", "2>&-", ">&- 2>&-"):
        line = f"{shlex.join(program.command('--check'))} {closed}"
        done = subprocess.run(["sh", "-c", line], capture_output=True, env=program.environ(), timeout=60, check=False)
        assert done.returncode == 0
        assert done.stderr == b""
