"""Planted secrets appear nowhere: not on the screen, in the log, in files, reports, words or crashes."""

import json
import sys
import urllib.parse
from pathlib import Path

import pytest
from textual.widgets import Input

from ocm_tui.core.http.types import BasicAuth, BearerAuth
from ocm_tui.core.secret import Secret
from ocm_tui.tui.screens.client_form import ClientForm
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.field_editors import LineEditor
from tests.contract.command_line import Program
from tests.hostile.planted import CLIENT_SECRET, PASSWORD, TOKEN, USER, echo, forms_of, found_in, found_in_files
from tests.hostile.server import Asked, Lie, LyingServer
from tests.hostile.support import LiedTo, lied_to
from tests.terminal import Terminal
from tests.tui.support import wait_until

PLANTED = (PASSWORD, TOKEN, CLIENT_SECRET)
CLIENT = {
    "clientId": "orders-api",
    "name": "orders-api",
    "description": "d",
    "grantTypes": ["CLIENT_CREDENTIALS"],
    "clientAuth": {"type": "SECRET", "encryptedSecret": CLIENT_SECRET},
}


def test_the_search_itself_finds_what_it_looks_for() -> None:
    for secret in PLANTED:
        for form in forms_of(secret, USER):
            assert found_in(b"some " + form + b" more", PLANTED)
    assert found_in(PASSWORD[:9] + "\n   " + PASSWORD[9:], PLANTED)


def seen(the: LiedTo) -> str:
    """What can be looked at or taken away: the screen, its picture, the notices, the log."""
    exchanges = [json.dumps(exchange.as_json()) + repr(exchange) for exchange in the.session.log.snapshot()]
    return "\n".join(
        [the.screen_text(), the.app.export_screenshot(), *exchanges, *(repr(notice) for notice in the.app.notices)]
    )


BASIC, BEARER = BasicAuth(USER, Secret(PASSWORD)), BearerAuth(Secret(TOKEN))


@pytest.mark.parametrize("auth", [BASIC, BEARER], ids=["basic", "bearer"])
@pytest.mark.parametrize("status", [401, 422, 500])
async def test_a_server_that_repeats_the_credentials(tmp_path: Path, auth: BasicAuth | BearerAuth, status: int) -> None:
    with LyingServer() as server:
        server.lie("*", "/", lambda asked: echo(asked, status))
        async with lied_to(tmp_path, server, auth=auth, username=USER, wait_for_list=False) as the:
            await the.until_text("r tries again")
            for keys in (["N"], ["escape"], ["4"], ["g", "enter"], ["right_square_bracket"], ["right_square_bracket"]):
                await the.press(*keys)
                assert not found_in(seen(the), PLANTED)
            assert any("***" in json.dumps(exchange.as_json()) for exchange in the.session.log.snapshot())


async def test_a_secret_that_is_typed_into_the_form(tmp_path: Path) -> None:
    """The editor, the form, the review, the request, and a refusal that quotes it."""
    with LyingServer(clients=[CLIENT]) as server:
        server.lie("PUT", "/", echo)
        async with lied_to(tmp_path, server, auth=BasicAuth(USER, Secret(PASSWORD)), username=USER) as the:
            await the.press("e")
            await the.until(lambda: isinstance(the.app.screen, ClientForm), "the form")
            form = the.app.screen
            assert isinstance(form, ClientForm)
            await the.until(lambda: form._choices is not None, "the server's choices")
            assert form.table.select("clientAuth.secret")
            await the.press("enter")
            assert isinstance(the.app.screen, LineEditor)
            the.app.screen.query_one(Input).value = CLIENT_SECRET
            await the.press("end")
            assert not found_in(seen(the), PLANTED)
            await the.press("enter")
            assert form.rows.changed_count == 1
            assert not found_in(seen(the), PLANTED)
            await the.press("ctrl+s")
            await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the review")
            assert not found_in(seen(the), PLANTED)
            await the.press("y")
            await the.until(lambda: bool(the.app.notices), "the refusal")
            assert CLIENT_SECRET in json.loads(server.sent("PUT")[0].body)["clientAuth"]["secret"]
            assert not found_in(seen(the), PLANTED)
            for position in range(len(form.rows)):
                assert not found_in(str(form.rows.cells(position)), PLANTED)


async def test_a_fault_that_quotes_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unforeseen failure in a worker: one sentence, and a report without the secret or any local variable."""
    with LyingServer(clients=[CLIENT]) as server:
        async with lied_to(tmp_path, server, auth=BasicAuth(USER, Secret(PASSWORD)), username=USER) as the:

            async def broken(*_: object) -> None:
                local_variable = PASSWORD  # noqa: F841  # what a traceback with locals would print
                raise RuntimeError(f"Authorization was {PASSWORD!r} and {json.dumps(PASSWORD)}")

            monkeypatch.setattr(the.session.require_clients(), "get", broken)
            await the.pilot.press("e")
            await wait_until(the.pilot, lambda: the.app.notices, "the fault is announced")
            assert "fault in ocm-tui" in the.app.notices[-1].text
            assert not found_in(seen(the), PLANTED)
            the.app.notices.clear()
    check_the_report(tmp_path)


def check_the_report(folder: Path) -> None:
    reports = list(folder.glob("crash-*.txt"))
    assert len(reports) == 1
    assert "RuntimeError" in reports[0].read_text()
    assert reports[0].stat().st_mode & 0o777 == 0o600
    assert not found_in_files(folder, PLANTED)


def remembering(asked: Asked) -> Lie:
    """Takes every write, and repeats it in its answer, as no real server would."""
    sent = json.loads(asked.body or b"{}")
    if asked.path.endswith("clientSecret"):
        return Lie.json(sent)
    return Lie.json({**CLIENT, **sent, "clientSecretChangedTime": "2026-01-02T00:00:00Z"})


def configured(home: Path, server: LyingServer) -> Program:
    (home / "config.yaml").write_text(
        f"""
default_environment: dev
environments:
  dev:
    server:
      base_url: {server.base_url}
      auth: {{type: basic, username: {USER}, password: "${{env:PF_PASSWORD}}"}}
  bearer:
    server:
      base_url: {server.base_url}
      auth: {{type: bearer, token: "${{env:PF_TOKEN}}"}}
"""
    )
    return Program(home, {"PF_PASSWORD": PASSWORD, "PF_TOKEN": TOKEN})


def test_headless_commands(tmp_path: Path) -> None:
    new = tmp_path / "new.json"
    new.write_text(json.dumps({**CLIENT, "clientAuth": {"type": "SECRET", "secret": CLIENT_SECRET}}))
    delivered = tmp_path / "delivered.secret"
    with LyingServer(clients=[CLIENT]) as server:
        program = configured(tmp_path, server)
        server.lie("PUT", "/", remembering)
        program("clients", "show", "orders-api", "--verbose")
        program("clients", "update", "orders-api", "--file", str(new), "--verbose", "--output", "json")
        done = program("clients", "rotate-secret", "orders-api", "--deliver", f"file:{delivered}", "--yes", "--verbose")
        assert done.code == 0
        generated = delivered.read_text().strip()
        assert generated.encode() in server.sent("PUT")[-1].body
        server.lie("*", "/", echo)
        program("clients", "update", "orders-api", "--file", str(new), "--verbose")
        program("clients", "create", "--file", str(new), "--verbose")
        program("clients", "list", "--verbose", "--env", "bearer")
        reports = [f"--report={name}={tmp_path / name}" for name in ("json", "junit", "sarif", "gitlab", "github")]
        assert program("--check", "--verbose", "--output", "json", *reports).code == 1
        program("log", "list", "--output", "json", "--verbose")
        program("log", "show", json.loads(program("log", "list", "--output", "jsonl").lines[-1]["id"].join('""')))
        program("config", "show", "--output", "json")
        assert len(server.sent("PUT")) >= 2
    secrets = [*PLANTED, generated]
    assert not found_in(program.seen, secrets)
    assert (program.state / "history.sqlite3").exists()
    assert not found_in_files(tmp_path, secrets, but=[new, delivered])


CRASHING = """
import sys
from ocm_tui.core.clients.model import ClientRow
from ocm_tui.headless import clients
def broken(documents):
    import os
    password = os.environ["PF_PASSWORD"]
    raise RuntimeError("it was " + password)
clients.yaml_text = broken
from ocm_tui.cli import main
main(["clients", "show", "orders-api", "--verbose"])
"""


def test_a_secret_that_the_server_repeats_elsewhere(tmp_path: Path) -> None:
    """In a member that nobody knows, of the document that a write prints."""
    new = tmp_path / "new.json"
    new.write_text(json.dumps({**CLIENT, "clientAuth": {"type": "SECRET", "secret": CLIENT_SECRET}}))
    with LyingServer(clients=[CLIENT]) as server:
        program = configured(tmp_path, server)
        server.lie("PUT", "/", Lie.json({**CLIENT, "comment": f"its secret was {CLIENT_SECRET}"}))
        done = program("clients", "update", "orders-api", "--file", str(new))
    assert done.code == 0
    assert not found_in(program.seen, PLANTED)


async def test_what_is_secret_by_its_name_is_masked_in_every_shape(tmp_path: Path) -> None:
    shapes = [CLIENT_SECRET, [CLIENT_SECRET], {"value": CLIENT_SECRET}, [{"secret": CLIENT_SECRET}], [[CLIENT_SECRET]]]
    clients = [
        {"clientId": f"{member} {number}", "clientAuth": {"type": "SECRET", member: shape}}
        for member in ("secret", "encryptedSecret", "secondarySecrets")
        for number, shape in enumerate(shapes)
    ]
    with LyingServer(clients=clients) as server:
        async with lied_to(tmp_path, server) as the:
            for client in clients:
                await the.select(str(client["clientId"]))
                for _ in range(2):
                    assert not found_in(the.screen_text(), PLANTED)
                    await the.press("right_square_bracket")
                await the.press("right_square_bracket")
            assert not found_in(seen(the), PLANTED)


def test_a_password_in_a_path(tmp_path: Path) -> None:
    """Percent-encoded the way that leaves slashes alone."""
    quoted = urllib.parse.quote(PASSWORD)
    with LyingServer(clients=[CLIENT]) as server:
        program = configured(tmp_path, server)
        server.lie("GET", "/", Lie.json({"resultId": "x", "message": f"bad path /login/{quoted}/x"}, 422))
        done = program("clients", "list", "--verbose")
    assert done.code == 1
    assert quoted not in program.seen
    assert quoted.encode() not in b"".join(path.read_bytes() for path in program.state.iterdir())


def test_a_crash_of_a_headless_command(tmp_path: Path) -> None:
    import subprocess

    with LyingServer(clients=[CLIENT]) as server:
        program = configured(tmp_path, server)
        done = subprocess.run(
            [sys.executable, "-c", CRASHING], env=program.environ(), capture_output=True, timeout=60, check=False
        )
    assert done.returncode == 1
    assert done.stdout == b""
    sentences = [line for line in done.stderr.decode().splitlines() if line.startswith("error: ")]
    assert len(sentences) == 1
    assert "RuntimeError" in sentences[0]
    assert list(program.state.glob("crash-*.txt"))
    assert not found_in(done.stderr, PLANTED)
    assert not found_in_files(tmp_path, PLANTED)


def test_the_console_in_a_real_terminal(tmp_path: Path) -> None:
    """A typed secret, a refusal that quotes it, and a rotation: nothing of it in the terminal's bytes or on disk."""
    delivered = tmp_path / "orders.secret"
    with LyingServer(clients=[CLIENT]) as server:
        program = configured(tmp_path, server)
        server.lie("PUT", "/", echo)
        with Terminal([sys.executable, "-m", "ocm_tui"], environment=program.environ()) as terminal:
            terminal.wait("Clients ── 1")
            terminal.key("e")
            terminal.wait("nothing changed")
            terminal.key("/")
            terminal.type("new secret")
            terminal.key("enter")
            terminal.wait("Written, never read back")
            terminal.key("enter")
            terminal.wait("takes it")
            terminal.type(CLIENT_SECRET)
            terminal.wait("•" * len(CLIENT_SECRET))
            terminal.key("enter")
            terminal.wait("1 changed")
            terminal.key("\x13")
            terminal.wait("send it")
            terminal.key("y")
            terminal.wait("refused: ")
            assert CLIENT_SECRET.encode() in server.sent("PUT")[0].body
            terminal.key("escape")
            terminal.key("escape")
            terminal.wait("would be lost")
            terminal.key("y")
            terminal.gone("1 changed")
            server.lie("PUT", "/", remembering)
            terminal.key("R")
            terminal.wait("New secret for")
            terminal.key("\x15")  # delete to the start of the line
            terminal.wait("file:PATH or")
            terminal.type(f"file:{delivered}")
            terminal.key("enter")
            terminal.wait("Rotate the secret of")
            terminal.key("y")
            terminal.wait("The new secret of orders-api is in")
            generated = delivered.read_text().strip()
            assert generated.encode() in server.sent("PUT")[-1].body
            terminal.key("4")
            terminal.wait("Log ──")
            for key in ("enter", "]", "]", "N"):
                terminal.respond(key, quiet=0.04)
            terminal.wait("Notices")
            terminal.key("escape")
            terminal.gone("Notices")
            terminal.key("q")
            assert terminal.end() == 0
            secrets = [*PLANTED, generated]
            assert not found_in(bytes(terminal.raw), secrets)
    assert len(program("log", "list", "--output", "json").json["items"]) > 5
    assert not found_in(program.seen, secrets)
    assert not found_in_files(tmp_path, secrets, but=[delivered])
