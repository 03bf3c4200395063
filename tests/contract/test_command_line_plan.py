"""`ocm-tui plan` from outside: what it says, which exit code it ends with, and that it changes nothing."""

import json
import re
import signal
from pathlib import Path

import pytest

from tests.contract.command_line import Answer, Program, RawServer, environment_yaml
from tests.contract.inventories import declare, own_server, web
from tests.terminal import Terminal

ANSI = re.compile("\x1b")


def test_a_plan_in_text_and_json(program: Program) -> None:
    with own_server(program):
        declare(program, web("new-ui", description="brand new"))
        text = program("plan")
        document = program("plan", "--output", "json")
        stored = program("clients", "list", "--output", "json").json["items"]
    assert text.code == document.code == 0
    assert text.stdout.startswith("+ new-ui  create  ")
    assert re.search(r"inventory\.yaml:\d+:\d+\n", text.stdout)
    assert "    description\n      + brand new\n" in text.stdout
    assert text.stdout.splitlines()[-2:] == [
        "not declared, and left alone: 3 clients of the server",
        "dev: 1 to create, 0 to update, 0 to delete, 0 unchanged, 0 blocked",
    ]
    assert not ANSI.search(text.stdout + text.stderr)
    plan = document.json
    assert next(iter(plan)) == "schema"
    assert (plan["schema"], plan["environment"]) == ("ocm-tui/plan/v1", "dev")
    assert plan["summary"] == {"create": 1, "update": 0, "delete": 0, "unchanged": 0, "blocked": 0}
    (change,) = plan["changes"]
    assert (change["client_id"], change["action"], change["reasons"]) == ("new-ui", "create", [])
    assert len(stored) == 3  # nothing was changed


def test_the_demo_plans_with_nothing_configured(program: Program) -> None:
    (program.home / "config.yaml").unlink()
    done = program("--demo", "plan", "--output", "json")
    assert done.code == 0, done.stderr
    plan = done.json
    assert plan["environment"] == "demo"
    assert plan["summary"]["create"] == 3
    assert plan["summary"]["update"] >= 5
    assert plan["summary"]["blocked"] == 0
    assert not program.state.exists()


def test_detailed_exit_codes_are_those_of_terraform(program: Program) -> None:
    with own_server(program):
        declare(program, web("new-ui"))
        changes = program("plan", "--detailed-exitcode")
        assert (changes.code, "1 to create" in changes.stdout) == (2, True)
        assert program("apply", "--yes").code == 0
        assert program("plan", "--detailed-exitcode").code == 0
        declare(program, web("blocked-ui", defaultAccessTokenManagerRef={"id": "no-such-manager"}))
        assert program("plan", "--detailed-exitcode").code == 1
        assert program("plan").code == 1
        for words in (["--env", "nowhere"], ["--inventory", "gone.yaml"], ["--no-such-option"], ["--out", "."]):
            done = program("plan", "--detailed-exitcode", *words)
            assert (done.code, done.stdout) == (1, ""), words
            assert done.stderr.startswith("error: ")
            assert program("plan", *words).code == 2


def test_blocked_changes_say_why(program: Program) -> None:
    with own_server(program):
        declare(program, web("blocked-ui", defaultAccessTokenManagerRef={"id": "jwtt"}))
        done = program("plan")
        document = program("plan", "--output", "json").json
    assert done.code == 1
    assert done.stdout.startswith("■ blocked-ui  blocked  ")
    assert "jwtt" in done.stdout.splitlines()[1]
    assert done.stdout.splitlines()[-1].endswith("1 blocked")
    (change,) = document["changes"]
    assert (change["action"], bool(change["reasons"])) == ("blocked", True)


def test_only_and_several_inventories(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"), web("b-ui"), name="one.yaml")
        declare(program, web("c-ui"), name="two.yaml")
        everything = program("plan", "--inventory", "*.yaml", "--output", "json", "--inventory", "one.yaml")
        assert everything.code == 2  # config.yaml is no inventory
        both = ("plan", "--inventory", "one.yaml", "--inventory", "tw?.yaml", "--output", "json")
        assert program(*both).json["summary"]["create"] == 3
        chosen = program(*both, "--only", "A-*", "--only", "c-ui").json["changes"]
        assert [change["client_id"] for change in chosen] == ["a-ui", "c-ui"]
        typo = program(*both, "--only", "aa-*")
    assert (typo.code, typo.stdout) == (2, "")
    assert "aa-*" in typo.stderr


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("version: 1\nclients:\n- clientId: a\n- clientId: a\n", r":4:"),
        ("version: 1\nclients:\n- clientId: a\n  grantTypez: [IMPLICIT]\n", r":4:3"),
        ("version: 1\nclients: [\n", r":3:1"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"]])
def test_a_broken_inventory_is_told_before_anything_is_sent(
    program: Program, command: list[str], text: str, where: str
) -> None:
    with RawServer(Answer(None)) as server:
        (program.home / "config.yaml").write_text(
            "environments:\n" + environment_yaml("dev", server.base_url, inventory="inventory.yaml")
        )
        (program.home / "inventory.yaml").write_text(text)
        done = program(*command, "--output", "json")
        assert not server.asked.is_set()
    assert (done.code, done.stdout) == (2, "")
    assert re.search(rf"inventory\.yaml{where}", done.stderr)


def test_no_inventory_and_no_server(program: Program) -> None:
    with own_server(program):
        text = (program.home / "config.yaml").read_text().replace("    inventory: inventory.yaml\n", "")
        (program.home / "config.yaml").write_text(text)
        done = program("plan")
        assert (done.code, done.stdout) == (2, "")
        assert "inventory" in done.stderr
        declare(program, web("new-ui"), name="given.yaml")
        assert program("plan", "--inventory", "given.yaml").code == 0
    (program.home / "config.yaml").write_text("environments:\n  dev: {}\n")
    done = program("plan")
    assert (done.code, done.stdout) == (2, "")


@pytest.mark.parametrize(("environment", "code"), [("dead", 3), ("refused", 4)])
def test_servers_that_do_not_serve(program: Program, environment: str, code: int) -> None:
    path = declare(program, web("new-ui"))
    done = program("plan", "--env", environment, "--inventory", str(path), "--output", "json")
    assert (done.code, done.stdout) == (code, "")
    assert done.stderr.startswith("error: ")


def test_an_auditor_may_plan(program: Program) -> None:
    with own_server(program):
        declare(program, web("new-ui"))
        assert program("plan", "--env", "auditor").code == 0
        assert program("plan", "--env", "prod", "--read-only").code == 0


def test_a_plan_file_is_private_and_has_to_be_writable(program: Program) -> None:
    with own_server(program):
        declare(program, web("new-ui"))
        done = program("plan", "--out", "saved.plan", "--output", "json")
        assert done.code == 0
        saved = program.home / "saved.plan"
        assert saved.stat().st_mode & 0o777 == 0o600
        assert "saved.plan" in done.stderr
        assert "saved.plan" not in done.stdout
    with RawServer(Answer(None)) as server:
        (program.home / "config.yaml").write_text(
            "environments:\n" + environment_yaml("dev", server.base_url, inventory="inventory.yaml")
        )
        for out in ("nowhere/saved.plan", "."):
            done = program("plan", "--out", out)
            assert (done.code, done.stdout) == (2, "")
        assert not server.asked.is_set()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_while_a_server_is_slow(program: Program, number: signal.Signals) -> None:
    declare(program, web("new-ui"))
    with RawServer(Answer(None)) as server:
        (program.home / "config.yaml").write_text(
            "environments:\n" + environment_yaml("dev", server.base_url, inventory="inventory.yaml")
        )
        process = program.start("plan", "--output", "json", "--detailed-exitcode")
        assert server.asked.wait(60)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (130, b"")
    assert stderr.decode().startswith("interrupted: done: nothing; not done: the plan")


def test_a_reader_that_goes_away(program: Program) -> None:
    with own_server(program):
        declare(program, *(web(f"ui-{number}") for number in range(300)))
        for output in ("text", "json"):
            process = program.start("plan", "--output", output)
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            assert process.wait(60) == 0
            said = process.stderr.read().decode()
            process.stderr.close()
            assert "rror" not in said


def test_colour_only_on_a_terminal(program: Program) -> None:
    with own_server(program):
        declare(program, web("new-ui"))
        for words, environ, colour in (
            ([], {}, True),
            (["--no-color"], {}, False),
            ([], {"NO_COLOR": "1"}, False),
            ([], {"TERM": "dumb"}, False),
        ):
            with Terminal(program.command("plan", *words), environment=program.environ(environ)) as terminal:
                assert terminal.end() == 0
            assert bool(re.search(r"\x1b\[\d+m", terminal.raw.decode())) is colour, words


def test_secrets_stay_out_of_the_plan(program: Program) -> None:
    secret = "planted-inventory-secret-5a2"
    (program.home / "secret").write_text(secret)
    (program.home / "secret").chmod(0o600)
    with own_server(program):
        job = {
            "clientId": "job",
            "grantTypes": ["CLIENT_CREDENTIALS"],
            "clientAuth": {"type": "SECRET"},
            "secret": {"from": "file", "path": "secret"},
        }
        declare(program, job)
        done = program("plan", "--out", "saved.plan")
        document = program("plan", "--output", "json")
    assert done.code == document.code == 0, done.stderr + done.stdout
    assert "secret: set, from the file " in done.stdout
    assert secret not in program.seen
    assert secret not in Path(program.home / "saved.plan").read_text()
    assert json.loads(document.stdout)["changes"][0]["client_id"] == "job"


def test_plan_never_imports_the_console(program: Program) -> None:
    for words in (["--demo", "plan"], ["--demo", "apply", "--yes"]):
        loaded = program.modules_after(*words)
        assert "httpx2" in loaded
        assert not {name.partition(".")[0] for name in loaded} & {"textual", "rich", "keyring", "boto3"}
        assert not [name for name in loaded if name.startswith("ocm_tui.tui")]
