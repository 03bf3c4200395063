"""`ocm-tui apply` sends nothing that nobody agreed to: questions, refusals, and plans that were saved before."""

import pytest

from tests.contract.command_line import Answer, Program, RawServer, environment_yaml
from tests.contract.inventories import declare, own_server, stored, web
from tests.terminal import Terminal


def test_without_a_terminal_nothing_is_asked_and_nothing_sent(program: Program) -> None:
    with RawServer(Answer(None)) as server:
        (program.home / "config.yaml").write_text("environments:\n" + environment_yaml("dev", server.base_url))
        for words in ([], ["--resume", "run-1"], ["--replicate"]):
            done = program("apply", *words)
            assert (done.code, done.stdout) == (2, "")
            assert "--yes" in done.stderr
        assert not server.asked.is_set()


def test_it_asks_once_on_a_terminal_and_shows_the_plan_before(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"))
        for answer, code in (("n\r", 4), ("y\r", 0)):
            command = program.command("apply", "--quiet")
            with Terminal(command, environment=program.environ()) as terminal:
                terminal.wait("Apply 1 change in dev? [y/N]")
                assert "+ a-ui  create" in terminal.text
                assert "1 to create" in terminal.text
                terminal.type(answer)
                assert terminal.end() == code
            assert program("clients", "show", "a-ui").code == (0 if code == 0 else 1)


def test_ctrl_c_at_the_question(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"))
        with Terminal(program.command("apply"), environment=program.environ()) as terminal:
            terminal.wait("[y/N]")
            terminal.type("\x03")
            assert terminal.end() == 130
            assert "interrupted: done: " in terminal.text
        assert program("clients", "show", "a-ui").code == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--read-only"], "read-only"),
        (["--env", "prod"], "--consent prod"),
        (["--env", "prod", "--read-only", "--consent", "prod"], "read-only"),
        (["--env", "auditor"], "403"),
    ],
    ids=["read-only", "protected", "protected read-only", "auditor"],
)
def test_refusals_are_exit_4_and_change_nothing(program: Program, options: list[str], told: str) -> None:
    with own_server(program):
        declare(program, web("a-ui"))
        done = program("apply", "--yes", *options)
        assert done.code == 4, done.stdout
        assert told in done.stderr + done.stdout
        assert program("clients", "show", "a-ui").code == 1


def test_consent_names_the_environment(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"))
        wrong = program("apply", "--yes", "--env", "prod", "--consent", "dev")
        assert (wrong.code, wrong.stdout) == (2, "")
        assert program("apply", "--yes", "--env", "prod", "--consent", "prod").code == 0


def test_a_protected_environment_wants_its_name_typed(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"))
        command = program.command("--env", "prod", "apply")
        for answer, code in (("y\r", 4), ("prod\r", 0)):
            with Terminal(command, environment=program.environ()) as terminal:
                terminal.wait("prod is protected")
                assert "+ a-ui  create" in terminal.text
                terminal.type(answer)
                assert terminal.end() == code


def test_a_saved_plan_is_carried_out_exactly_or_refused(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"), web("b-ui"))
        assert program("plan", "--out", "saved.plan").code == 0
        declare(program, web("c-ui"))  # what the inventory says later does not matter
        done = program("apply", "saved.plan", "--yes", "--output", "json")
        assert done.code == 0, done.stderr
        assert {step["client_id"] for step in done.json["results"]} == {"a-ui", "b-ui"}
        declare(program, web("a-ui", description="x"), web("b-ui", description="x"))
        assert program("plan", "--out", "saved.plan").code == 0
        assert program("clients", "update", "b-ui", "--set", "description=by hand").code == 0
        before = len(program("log", "list", "method:PUT", "--output", "json").json["items"])
        late = program("apply", "saved.plan", "--yes", "--output", "json")
        assert (late.code, late.stdout) == (5, "")
        assert "b-ui" in late.stderr
        assert len(program("log", "list", "method:PUT", "--output", "json").json["items"]) == before
        assert "description" not in stored(program, "a-ui")


@pytest.mark.parametrize("content", [None, "", "{}", "not json", '{"schema": "ocm-tui/plan/v9"}', '{"items": []}'])
def test_what_is_no_saved_plan(program: Program, content: str | None) -> None:
    if content is not None:
        (program.home / "saved.plan").write_text(content)
    done = program("apply", "saved.plan", "--yes")
    assert (done.code, done.stdout) == (2, "")
    assert "saved.plan" in done.stderr
    assert not program.state.exists()


def test_a_changed_plan_file_is_refused(program: Program) -> None:
    with own_server(program):
        declare(program, web("a-ui"))
        assert program("plan", "--out", "saved.plan").code == 0
        saved = program.home / "saved.plan"
        saved.write_text(saved.read_text().replace("a-ui.example.com", "evil.example.com"))
        done = program("apply", "saved.plan", "--yes")
        assert (done.code, done.stdout) == (2, "")
