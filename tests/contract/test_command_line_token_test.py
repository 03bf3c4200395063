"""`clients test` as its users run it: where the secret comes from, what is told, and what is never told."""

from pathlib import Path

import pytest

from tests.contract.command_line import Answer, Program, RawServer, Simulated, closed_port, environment_yaml
from tests.terminal import Terminal

SECRET = "planted-client-secret-4c1"  # of the fixture `client`

INVENTORY = """\
version: 1
defaults: {{grantTypes: [CLIENT_CREDENTIALS], clientAuth: {{type: SECRET}}}}
clients:
  - clientId: {client}
    secret: {secret}
"""


@pytest.fixture
def tested(program: Program, simulated: Simulated) -> Program:
    """Environments: dev with a token endpoint and an inventory, none without, dead with a dead one."""
    config = (
        "default_environment: dev\nenvironments:\n"
        + environment_yaml("dev", simulated.base_url, inventory="inventory.yaml")
        + f"      token_url: {simulated.token_url}\n"
        + environment_yaml("none", simulated.base_url)
        + environment_yaml("dead", simulated.base_url)
        + f"      token_url: http://127.0.0.1:{closed_port()}/as/token.oauth2\n"
        + environment_yaml("half", f"http://127.0.0.1:{closed_port()}/pf-admin-api/v1")
        + f"      token_url: {simulated.token_url}\n"
    )
    (program.home / "config.yaml").write_text(config, encoding="utf-8")
    (program.home / "inventory.yaml").write_text("version: 1\nclients: []\n", encoding="utf-8")
    (program.home / "secret").write_text(f"{SECRET}\n", encoding="utf-8")
    program.variables["CLIENT_SECRET"] = SECRET
    return program


def declare(program: Program, client: str, secret: str) -> None:
    (program.home / "inventory.yaml").write_text(INVENTORY.format(client=client, secret=secret), encoding="utf-8")


def test_a_token_is_shown_without_itself(tested: Program, client: str) -> None:
    done = tested("clients", "test", client, "--secret-from", "env:CLIENT_SECRET", "--verbose")
    assert done.code == 0, done.stderr
    assert f"● token issued  {client} at " in done.stdout
    assert "its signature is not shown" in done.stdout
    assert "client_id" in done.stdout
    done = tested("clients", "test", client, "--secret-from", "file:secret", "--auth", "post", "--output", "json")
    assert done.code == 0, done.stderr
    told = done.json
    assert (told["schema"], told["status"], told["error"]) == ("ocm-tui/token-test/v1", "issued", None)
    assert told["token"]["claims"]["client_id"] == client
    assert set(told["token"]["times"]) == {"iat", "exp"}
    shown = tested("log", "show", told["exchange_id"], "--output", "json").json
    assert (shown["target"], shown["client_id"], shown["status"]) == ("token", client, 200)
    history = b"".join(path.read_bytes() for path in tested.state.rglob("*") if path.is_file())
    assert b"access_token" in history
    assert SECRET not in tested.seen
    assert SECRET.encode() not in history
    assert len([part for part in tested.seen.split() if part.startswith("eyJ") and part.count(".") == 2]) == 0


@pytest.mark.parametrize(
    "secret",
    [
        "{from: env, name: CLIENT_SECRET}",
        "{from: file, path: secret}",
        "{from: generate, deliver: 'file:secret'}",
    ],
)
def test_the_inventory_tells_where_the_secret_is(tested: Program, client: str, secret: str) -> None:
    declare(tested, client, secret)
    done = tested("clients", "test", client)
    assert done.code == 0, done.stderr
    assert "token issued" in done.stdout


@pytest.mark.parametrize("secret", ["{from: keep}", "{from: generate, deliver: stdout}"])
def test_without_a_terminal_the_flag_is_named(tested: Program, client: str, secret: str) -> None:
    declare(tested, client, secret)
    done = tested("clients", "test", client)
    assert (done.code, done.stdout) == (2, "")
    assert "--secret-from env:NAME" in done.stderr


def test_a_broken_inventory_is_no_reason_not_to_ask(tested: Program, client: str) -> None:
    (tested.home / "inventory.yaml").write_text("version: [", encoding="utf-8")
    done = tested("clients", "test", client)
    assert done.code == 2
    assert "the inventory cannot tell where the secret is" in done.stderr
    assert tested("clients", "test", client, "--secret-from", "file:secret").code == 0


def test_on_a_terminal_the_secret_is_asked_for_and_not_shown(tested: Program, client: str) -> None:
    with Terminal(tested.command("clients", "test", client), environment=tested.environ()) as terminal:
        terminal.wait(f"Secret of {client}:")
        terminal.type(f"{SECRET}\n")
        terminal.wait("token issued")
        assert terminal.end() == 0
        assert SECRET.encode() not in terminal.raw
    with Terminal(tested.command("clients", "test", client), environment=tested.environ()) as terminal:
        terminal.wait("Secret of")
        terminal.type("\n")
        terminal.wait("no secret was typed")
        assert terminal.end() == 2
    with Terminal(tested.command("clients", "test", client), environment=tested.environ()) as terminal:
        terminal.wait("Secret of")
        terminal.key("\x03")
        assert terminal.end() == 130


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--scope", "nonsense:x"], 1, "(invalid_scope"),
        (["--secret-from", "env:PF_PASSWORD"], 1, "(invalid_client"),
        (["--secret-from", "env:ABSENT"], 2, "the environment variable ABSENT is not set"),
        (["--secret-from", "vault:x"], 2, "is no source of a secret"),
        (["--env", "none"], 2, "environments.none.server.token_url"),
        (["--env", "dead"], 3, "refused"),
    ],
)
def test_what_goes_wrong(tested: Program, client: str, words: list[str], code: int, told: str) -> None:
    before = ["--secret-from", "env:CLIENT_SECRET"] if "--secret-from" not in words else []
    done = tested("clients", "test", client, *before, *words)
    assert done.code == code
    assert told in done.stderr
    assert SECRET not in tested.seen


def test_a_refusal_is_a_document_as_well(tested: Program, client: str) -> None:
    done = tested("clients", "test", client, "--secret-from", "env:PF_PASSWORD", "--output", "json", "--scope", "a b")
    assert done.code == 1
    assert (done.json["status"], done.json["passed"], done.json["token"]) == ("refused", False, None)
    assert done.json["scopes"] == {"requested": ["a", "b"], "granted": None, "not_granted": ["a", "b"]}
    assert done.json["error"]["code"] == "invalid_client"


def test_clients_that_cannot_be_tested(tested: Program) -> None:
    done = tested("clients", "test", "nobody-at-all", "--secret-from", "file:secret")
    assert (done.code, done.stdout) == (1, "")
    assert "nobody-at-all does not exist" in done.stderr
    public = tested("clients", "list", "auth:none", "--output", "jsonl").lines[0]["client_id"]
    done = tested("clients", "test", public, "--secret-from", "file:secret")
    assert (done.code, done.stdout) == (1, "")
    assert "public client" in done.stderr


def test_a_dead_administrative_api_does_not_block_a_living_token_endpoint(tested: Program, client: str) -> None:
    done = tested("clients", "test", client, "--secret-from", "file:secret", "--env", "half")
    assert done.code == 0, done.stderr
    assert "cannot be read" in done.stderr


def test_scopes_that_are_not_granted_are_a_failure(tested: Program, simulated: Simulated, client: str) -> None:
    token = b'{"access_token": "planted-opaque-token", "token_type": "Bearer", "scope": "a"}'
    with RawServer(Answer.http("200 OK", token)) as server:
        url = server.base_url.replace("/pf-admin-api/v1", "/as/token.oauth2")
        text = f"environments:\n{environment_yaml('dev', simulated.base_url)}      token_url: {url}\n"
        (tested.home / "config.yaml").write_text(text, encoding="utf-8")
        done = tested("clients", "test", client, "--secret-from", "file:secret", "--scope", "a", "b")
    assert done.code == 1
    assert "token     opaque, 20 characters, not shown" in done.stdout
    assert "not granted: b" in done.stdout
    assert "planted-opaque-token" not in tested.seen


def test_the_demo_knows_some_secrets(program: Program, tmp_path: Path) -> None:
    done = program("--demo", "clients", "test", "orders-api", "--scope", "orders:read", "--output", "json")
    assert done.code == 0, done.stderr
    assert done.json["scopes"]["granted"] == ["orders:read"]
