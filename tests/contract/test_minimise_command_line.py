"""`ocm-tui log minimise` from outside."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocm_tui.core.diagnosis.minimise.journal import PREFIX, PendingTrial, TrialJournal
from tests.contract.command_line import Program, Simulated, environment_yaml, lines_of
from tests.contract.minimise_support import SECRET, spoiled

BAD = {
    "clientId": "web", "name": "Web", "grantTypes": ["AUTHORIZATION_CODE"], "description": "d",
    "redirectUris": ["https://web.example.com/", "no address"], "clientAuth": {"type": "SECRET", "secret": SECRET},
}  # fmt: skip


@pytest.fixture
def refused(program: Program) -> str:
    """The id of an exchange: a create that the server refused."""
    done = program("clients", "create", "--file", "-", stdin=json.dumps(BAD))
    assert done.code == 1
    (item,) = program("log", "list", "method:POST", "--output", "json").json["items"]
    return str(item["id"])


@pytest.fixture(autouse=True)
def nothing_is_left(program: Program) -> Iterator[None]:
    yield
    assert program("clients", "list", PREFIX, "--output", "json").json["items"] == []
    assert SECRET not in program.seen


def test_the_cause_and_both_payloads(program: Program, refused: str) -> None:
    done = program("log", "minimise", refused, "--yes", "--output", "json")
    assert done.code == 1
    result = done.json
    assert list(result)[:5] == ["schema", "exchange_id", "findings", "minimal_payload", "trials"]
    assert (result["schema"], result["exchange_id"]) == ("ocm-tui/diagnosis/v1", refused)
    first = result["findings"][0]
    assert (first["code"], first["confidence"]) == ("smallest-failing-payload", "sure")
    assert first["field_path"] == "redirectUris[1]"
    assert result["minimal_payload"]["redirectUris"] == ["no address"]
    assert "description" not in result["minimal_payload"]
    assert result["passing_payload"]["redirectUris"] == ["https://web.example.com/"]
    assert result["passing_payload"]["description"] == "d"
    assert result["requests"] >= len(result["trials"]) > 2
    assert result["left_over"] == []
    kept = Path(result["directory"])
    assert kept.is_relative_to(program.state)
    assert len(list(kept.glob("trial-*.json"))) == len(result["trials"])
    logged = program("log", "list", f"run:{result['run_id']}", "--output", "json").json["items"]
    assert len(logged) == result["requests"]


def test_for_people(program: Program, refused: str) -> None:
    done = program("log", "minimise", refused, "--yes")
    assert done.code == 1
    assert "redirectUris[1] is refused: Invalid URL Format" in done.stdout
    assert "the smallest payload that still fails:" in done.stdout
    assert "the largest payload that is accepted, with fewer redirectUris:" in done.stdout
    assert "trial  1  still fails" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--yes"], 2, "takes an exchange, or --clean-up"),
        (["ID", "--clean-up", "--yes"], 2, "takes an exchange, or --clean-up"),
        (["ID"], 2, "add --yes"),
        (["ID", "--yes", "--budget", "0"], 2, "--budget"),
        (["ID", "--yes", "--read-only"], 4, "read-only"),
        (["ID", "--yes", "--env", "dead"], 2, "was not sent to environment dead"),
        (["ID", "--yes", "--env", "prod"], 4, "nobody has consented"),
        (["--clean-up", "--yes", "--env", "prod"], 4, "nobody has consented"),
        (["--clean-up", "--yes", "--read-only"], 4, "read-only"),
        (["--clean-up"], 2, "add --yes"),
        (["nope-1", "--yes"], 1, "no exchange nope-1"),
        (["ID", "--yes", "--consent", "dev", "--env", "prod"], 2, "does not name this environment"),
    ],
)
def test_refusals_send_nothing(program: Program, refused: str, words: list[str], code: int, said: str) -> None:
    before = len(program("log", "list", "--output", "json").json["items"])
    done = program("log", "minimise", *[refused if word == "ID" else word for word in words])
    assert (done.code, done.stdout) == (code, "")
    assert said in done.stderr
    assert len(program("log", "list", "--output", "json").json["items"]) == before


def test_consent_in_a_protected_environment(program: Program, refused: str) -> None:
    done = program("log", "minimise", refused, "--yes", "--env", "prod", "--consent", "prod", "--output", "json")
    assert done.code == 1
    assert done.json["findings"][0]["field_path"] == "redirectUris[1]"


def test_an_account_that_may_only_read(program: Program, refused: str) -> None:
    done = program("log", "minimise", refused, "--yes", "--env", "auditor")
    assert (done.code, done.stdout) == (4, "")


def test_what_is_not_refused_for_its_payload(program: Program) -> None:
    program("clients", "show", "orders-apii")
    (item,) = program("log", "list", "--output", "json").json["items"]
    done = program("log", "minimise", item["id"], "--yes")
    assert (done.code, done.stdout) == (2, "")
    assert "no create or update" in done.stderr


def test_the_budget(program: Program, refused: str) -> None:
    done = program("log", "minimise", refused, "--yes", "--budget", "3", "--output", "json")
    assert done.json["stopped"] == "the budget of 3 requests is used up"
    assert done.json["requests"] <= 3
    assert done.code == 1


def test_killed_and_cleaned_up(program: Program, refused: str, simulated: Simulated) -> None:
    process = program.start("log", "minimise", refused, "--yes")
    assert process.stderr is not None
    lines_of(process.stderr, ["trial  1"])
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    journal = TrialJournal(program.state)
    trial = PendingTrial(f"{PREFIX}left", "a-run", "dev", simulated.base_url, 1.0)
    journal.sending(trial)  # whatever the killed one has left, there is one for certain
    journal.close()
    left = {"clientId": trial.client_id, "name": "x", "grantTypes": ["IMPLICIT"], "redirectUris": ["https://a"]}
    assert program("clients", "create", "--file", "-", stdin=json.dumps(left)).code == 0
    done = program("log", "minimise", "--clean-up", "--yes", "--output", "json")
    assert done.code == 0
    assert trial.client_id in done.json["removed"]
    assert done.json["schema"] == "ocm-tui/trials/v1"
    again = program("log", "minimise", "--clean-up", "--yes")
    assert (again.code, again.stdout) == (0, "")
    assert "0 throwaway clients deleted" in again.stderr


def test_interrupted_it_tells_what_it_has(program: Program) -> None:
    document = spoiled({"logoUrl": "no address", "clientAuth": {"type": "NONE"}, "grantTypes": ["DEVICE_CODE"]})
    own = program.variables["PF_PASSWORD"]
    with Simulated("--clients", "2", "--seed", "5", "--latency", "150") as slow:
        text = "default_environment: dev\nenvironments:\n" + environment_yaml("dev", slow.base_url)
        (program.home / "slow.yaml").write_text(text, encoding="utf-8")
        program.variables["PF_PASSWORD"] = slow.password
        here = ("--config", "slow.yaml")
        assert program("clients", "create", "--file", "-", *here, stdin=json.dumps(document)).code == 1
        (item,) = program("log", "list", "method:POST", "--output", "json").json["items"]
        process = program.start("log", "minimise", item["id"], "--yes", "--output", "json", *here)
        assert process.stderr is not None
        lines_of(process.stderr, ["trial  1"])
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 130, err
        assert json.loads(out)["stopped"] == "interrupted"
        assert b"interrupted: done:" in err
        assert program("clients", "list", PREFIX, "--output", "json", *here).json["items"] == []
    program.variables["PF_PASSWORD"] = own


def test_a_dead_server(program: Program, refused: str, simulated: Simulated) -> None:
    config = program.home / "config.yaml"
    with Simulated("--clients", "2") as other:
        text = config.read_text(encoding="utf-8").replace(simulated.base_url, other.base_url)
        (program.home / "other.yaml").write_text(text, encoding="utf-8")
        program.variables["PF_PASSWORD"] = other.password
        program("clients", "create", "--file", "-", "--config", "other.yaml", stdin=json.dumps(BAD))
        items = program("log", "list", "method:POST", "--output", "json").json["items"]
    exchange = next(item["id"] for item in items if item["id"] != refused)
    done = program("log", "minimise", exchange, "--yes", "--config", "other.yaml")
    assert (done.code, done.stdout) == (3, "")
    cleaned = program("log", "minimise", "--clean-up", "--yes", "--config", "other.yaml")
    assert cleaned.code == 0  # there is nothing to do
    program.variables["PF_PASSWORD"] = simulated.password


@pytest.mark.parametrize(
    ("exchange_id", "field_path"), [("demo-6", "restrictedScopes[2]"), ("demo-9", "redirectUris[1]")]
)
def test_the_demo_has_something_to_minimise(program: Program, exchange_id: str, field_path: str) -> None:
    done = program("--demo", "log", "minimise", exchange_id, "--yes", "--output", "json")
    assert (done.code, done.json["exchange_id"]) == (1, exchange_id), done.stderr
    assert done.json["findings"][0]["field_path"] == field_path
    assert done.json["left_over"] == []
