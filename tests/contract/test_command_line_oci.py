"""`ocm-tui oci` and the checks of profiles, as a process: two streams and an exit code."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.command_line import Program, Simulated, closed_port
from tests.terminal import Terminal

MEMBERS = ("auth_profile", "authentication", "region", "status", "error", "latency_ms", "clock_skew_s", "findings")


@pytest.fixture
def profiles(program: Program, simulated: Simulated) -> Iterator[Path]:
    """The simulator's own configuration file, and environments for it: oci (the working ones are checked), dead."""
    file = Path(simulated.oci["config_file"])
    (program.home / "config.yaml").write_text(
        "default_environment: oci\nenvironments:\n"
        f"  oci: {{oci: {{config_file: {file}, endpoint: '{simulated.oci['endpoint']}', "
        f"check: [{', '.join(simulated.oci['working'])}]}}}}\n"
        f"  all: {{oci: {{config_file: {file}, endpoint: '{simulated.oci['endpoint']}'}}}}\n"
        f"  dead: {{oci: {{config_file: {file}, endpoint: 'http://127.0.0.1:{closed_port()}'}}}}\n"
        "  missing: {oci: {config_file: nowhere}}\n"
        "  empty: {}\n",
        encoding="utf-8",
    )
    program.variables["OCI_METADATA_BASE_URL"] = f"http://127.0.0.1:{closed_port()}/opc/v2"
    yield file
    for secret in (key.read_text() for key in file.parent.rglob("token")):
        assert secret.strip() not in program.seen
    assert "PRIVATE KEY" not in program.seen


def items(document: Any) -> dict[str, Any]:
    return {item["auth_profile"]: item for item in document["items"]}


def test_list_is_the_contracts_document_and_sends_nothing(program: Program, profiles: Path) -> None:
    done = program("oci", "list", "--output", "json")
    assert done.code == 0
    assert list(done.json)[:3] == ["schema", "config_file", "findings"]
    assert (done.json["schema"], done.json["config_file"]) == ("ocm-tui/profiles/v1", str(profiles))
    found = items(done.json)
    assert tuple(found["DEFAULT"])[: len(MEMBERS)] == MEMBERS
    assert {item["status"] for item in found.values()} == {"unknown"}
    assert [finding["code"] for finding in found["former-team"]["findings"]] == ["key-missing"]
    assert all(
        set(finding) == {"code", "severity", "line", "message", "hint"} for finding in found["partners"]["findings"]
    )
    assert found["partners"]["findings"][0]["line"] > 0
    assert program("log", "list", "--output", "json").json["items"] == []


@pytest.mark.parametrize("words", [("list",), ("probe", "--all"), ("show", "orders-jobs")])
@pytest.mark.parametrize("form", ["text", "json"])
def test_what_is_sensitive_is_absent(program: Program, profiles: Path, words: tuple[str, ...], form: str) -> None:
    done = program("oci", *words, "--output", form)
    said = done.stdout + done.stderr
    for line in profiles.read_text().splitlines():
        name, _, value = line.partition("=")
        if name in {"fingerprint", "pass_phrase", "key_file", "security_token_file"}:
            assert value not in said
            assert f'"{name}"' not in said or name == "key_file"


def test_show_says_where_each_field_comes_from(program: Program, profiles: Path) -> None:
    done = program("oci", "show", "NIGHT-Shift", environ={"OCI_CLI_REGION": "us-phoenix-1"})
    assert done.code == 0
    assert "from DEFAULT" in done.stdout
    assert "region = us-phoenix-1  (OCI_CLI_REGION)" in done.stdout
    fields = {
        one["name"]: one for one in program("oci", "show", "night-shift", "--output", "json").json["items"][0]["fields"]
    }
    assert fields["authentication"]["origin"] == "inferred"
    assert fields["user"]["origin"] == "DEFAULT"
    assert fields["region"]["line"] > fields["user"]["line"]


def test_a_profile_that_is_not_there(program: Program, profiles: Path) -> None:
    for action in ("show", "probe"):
        done = program("oci", action, "order-jobs")
        assert (done.code, done.stdout) == (1, "")
        assert done.stderr == "error: there is no OCI profile order-jobs\nhint: did you mean orders-jobs?\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("probe",), "oci probe needs either PROFILE or --all"),
        (("probe", "DEFAULT", "--all"), "oci probe needs either PROFILE or --all"),
        (("show", "DEFAULT", "--include-sensitive"), "--include-sensitive prints secrets, so it needs a terminal"),
        (("list", "--output", "yaml"), "--output yaml is no format"),
        (("lst",), "ocm-tui oci has no command lst"),
    ],
)
def test_usage(program: Program, profiles: Path, words: tuple[str, ...], message: str) -> None:
    done = program("oci", *words)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: {message}")


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("orders-jobs", "billing-batch"), 0),
        (("orders-jobs", "new-hire"), 1),
        (("orders-jobs", "status-page"), 3),
        (("status-page", "new-hire"), 1),
        (("former-team",), 1),
    ],
)
def test_exit_code_of_a_probe(program: Program, profiles: Path, names: tuple[str, ...], code: int) -> None:
    done = program("oci", "probe", *names, "--output", "json")
    assert done.code == code
    assert list(items(done.json)) == list(names)


def test_a_dead_service_is_worth_a_retry(program: Program, profiles: Path) -> None:
    done = program("oci", "probe", "orders-jobs", "--env", "dead")
    assert done.code == 3
    assert "refused the connection" in done.stdout


def test_probing_all_hides_none(program: Program, profiles: Path) -> None:
    """Both principals are among them, and this machine is no instance and no pod."""
    done = program("oci", "probe", "--all", "--output", "jsonl")
    assert done.code == 1
    statuses = {line["auth_profile"]: line["status"] for line in done.lines}
    assert list(statuses) == [line[1:-1] for line in profiles.read_text().splitlines() if line.startswith("[")]
    assert statuses["orders-jobs"] == "useable"
    assert statuses["build-agents"] == statuses["cluster-jobs"] == "not useable"
    exchanges = program("log", "list", "target:oci", "--output", "json").json["items"]
    assert {exchange["target"] for exchange in exchanges} == {"oci"}
    assert len(exchanges) >= 10


def test_sensitive_fields_on_a_terminal(program: Program, profiles: Path) -> None:
    fingerprint = next(line for line in profiles.read_text().splitlines() if line.startswith("fingerprint="))[12:]
    command = program.command("oci", "show", "orders-jobs", "--include-sensitive")
    with Terminal(command, columns=160, environment=program.environ()) as terminal:
        assert terminal.end() == 0
        assert fingerprint in terminal.text
        assert "key_file" in terminal.text


def test_without_a_file_there_are_no_profiles(program: Program, profiles: Path) -> None:
    done = program("oci", "list", "--env", "missing", "--output", "json")
    assert (done.code, done.json["items"]) == (0, [])
    assert [finding["code"] for finding in done.json["findings"]] == ["file-missing"]
    done = program("oci", "list", "--env", "empty")
    assert (done.code, done.stdout) == (2, "")
    assert "environment empty has no OCI profiles" in done.stderr


def test_the_variable_of_the_command_line_tool_wins(program: Program, profiles: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("[only]\nregion=eu-zurich-1\n")
    done = program("oci", "list", "--output", "json", environ={"OCI_CLI_CONFIG_FILE": str(other)})
    assert list(items(done.json)) == ["only"]


def test_one_check_for_each_profile(program: Program, profiles: Path) -> None:
    done = program("--check", "--output", "json")
    assert done.code == 0
    found = {check["id"]: check for check in done.json["checks"]}
    assert found["oci"]["status"] == found["oci.orders-jobs"]["status"] == "pass"
    assert found["oci.warehouse"]["status"] == "skip"
    assert found["oci.orders-jobs"]["details"]["latency_ms"] > 0


def test_a_broken_profile_fails_its_own_check_only(program: Program, profiles: Path) -> None:
    done = program("--check", "--env", "all", "--only", "oci*", "--output", "json")
    assert done.code == 1
    statuses = {check["id"]: check["status"] for check in done.json["checks"]}
    assert statuses["oci.warehouse"] == statuses["oci.status-page"] == "fail"
    assert statuses["oci.orders-jobs"] == "pass"
    assert statuses["oci.night-shift"] == "warn"
    finding = next(check for check in done.json["checks"] if check["id"] == "oci.warehouse")["details"]["findings"][0]
    assert (finding["path"], type(finding["line"])) == (str(profiles), int)


def test_a_profile_that_is_asked_for_is_checked(program: Program, profiles: Path) -> None:
    assert program("--check", "--only", "oci.warehouse").code == 1
    assert program("--check", "--only", "oci.status-page").code == 3
    assert program("--check", "--only", "oci.nobody").code == 2
    assert program("--check", "--only", "oci.orders-jobs", "--env", "empty").code == 2
    assert program("--check", "--skip", "oci.*", "--env", "empty").code == 0


def test_list_of_checks_needs_no_file(program: Program, profiles: Path) -> None:
    done = program("--check", "--list", "--output", "json", "--env", "missing")
    assert [item["id"] for item in done.json["items"]][-2:] == ["oci", "oci.*"]


def test_the_demo_has_profiles_of_every_kind(program: Program) -> None:
    done = program("--demo", "oci", "probe", "--all", "--output", "json")
    assert done.code == 1
    found = items(done.json)
    assert {item["status"] for item in found.values()} == {"useable", "not useable", "unknown"}
    useable = {item["authentication"] for item in found.values() if item["status"] == "useable"}
    assert useable == {"api_key", "security_token", "instance_principal", "oke_workload_identity"}


def test_only_what_needs_the_sdk_imports_it(program: Program, profiles: Path) -> None:
    assert "oci" not in program.modules_after("oci", "list")
    assert "oci" not in program.modules_after("--demo", "clients", "list")
    assert "oci" in program.modules_after("oci", "probe", "orders-jobs")


def test_nothing_is_left_of_the_simulators_files(tmp_path: Path) -> None:
    """They hold keys and pass phrases."""
    with Simulated() as simulator:
        file = Path(simulator.oci["config_file"])
        assert file.stat().st_mode & 0o077 == 0
    assert not file.exists()
    assert not file.parent.exists()
