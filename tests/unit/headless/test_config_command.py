"""`ocm-tui config`: what it writes where, and its exit codes."""

import argparse
import io
import json
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from ocm_tui.core.errors import ConfigError, ExitCode, NotConfigured, UsageError
from ocm_tui.headless.config import ACTIONS, add_arguments, run
from tests.unit.config.support import MINIMAL, URL, as_plain_user, server, write


@dataclass
class Result:
    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.stdout)
        assert next(iter(document)) == "schema"
        assert document["schema"] == "ocm-tui/config/v1"
        return document


def call(
    *words: object, config: Path | None = None, env: str | None = None, output: str | None = None, quiet: bool = False
) -> Result:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    options = parser.parse_args([str(word) for word in words])
    options.config, options.env, options.output, options.quiet = config, env, output, quiet
    stdout, stderr = io.StringIO(), io.StringIO()
    code = run(options, stdout=stdout, stderr=stderr)
    return Result(code, stdout.getvalue(), stderr.getvalue())


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, and none of the variables that change a configuration."""
    for name in ("OCM_TUI_CONFIG", "OCM_TUI_STATE_DIR", "OCM_TUI_CACHE_DIR", "OCI_CLI_CONFIG_FILE", "PF_PASSWORD",
                 "CLIENT_REGISTRY_CACHE_TTL", "POSTGRES_E_HOST"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    for kind in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_help_lists_the_actions() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert all(action in parser.format_help() for action in ACTIONS)


# init


def test_init_writes_a_private_file_that_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.yaml"
    result = call("init", path)
    assert result.code == 0
    assert result.stdout == f"{path}\n"
    assert "ocm-tui config validate" in result.stderr
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert names(path.parent) == ["config.yaml"]
    assert call("validate", path).code == 0


def test_init_in_the_usual_place_or_the_named_one(tmp_path: Path) -> None:
    path = Path(call("init", output="json").document["path"])
    assert path.is_file()
    assert tmp_path in path.parents
    assert call("init", config=tmp_path / "named.yaml", quiet=True) == Result(0, f"{tmp_path / 'named.yaml'}\n", "")


def test_init_does_not_overwrite(tmp_path: Path) -> None:
    path = write(tmp_path, MINIMAL)
    with pytest.raises(UsageError, match="exists already") as caught:
        call("init", path)
    assert "--force" in caught.value.hint
    assert path.read_text() == MINIMAL
    assert call("init", path, "--force").code == 0
    assert path.read_text() != MINIMAL
    assert names(tmp_path) == ["config.yaml"]


def test_init_follows_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.yaml", tmp_path / "config.yaml"
    target.write_text("old")
    link.symlink_to(target)
    call("init", link, "--force")
    assert link.is_symlink()
    assert "default_environment" in target.read_text()


def test_init_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written: not a directory"):
        call("init", tmp_path / "file" / "config.yaml")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    with as_plain_user(), pytest.raises(ConfigError, match="cannot be written: permission denied"):
        call("init", closed / "config.yaml")
    assert names(closed) == []


# validate


def test_validate_a_good_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PF_PASSWORD", "x-of-the-test")
    path = write(tmp_path, MINIMAL)
    assert call("validate", path) == Result(0, "", f"{path}: valid, no problems\n")
    assert call("validate", config=path, output="json").document == {
        "schema": "ocm-tui/config/v1",
        "path": str(path),
        "valid": True,
        "problems": [],
    }


def test_validate_a_wrong_file(tmp_path: Path) -> None:
    path = write(tmp_path, server("baseurl: https://h\nconcurrency: 0"))
    result = call("validate", path, output="json")
    assert result.code == ExitCode.USAGE
    assert result.stderr == (
        f"{path}:5:7: error: unknown key `baseurl` in `environments.dev.server` (did you mean `base_url`?)\n"
        f"{path}:6:20: error: `environments.dev.server.concurrency` must be a whole number from 1 to 64;"
        " found a number `0`\n"
    )
    document = result.document
    assert document["valid"] is False
    assert document["problems"][0] == {
        "severity": "error",
        "line": 5,
        "column": 7,
        "key": "environments.dev.server.baseurl",
        "message": "unknown key `baseurl` in `environments.dev.server`",
        "hint": "did you mean `base_url`?",
    }


@pytest.mark.parametrize(
    ("text", "where"),
    [("a: [", ":2:1: error: "), ("a: 1\na: 2", ":2:1: error: "), ("", ":1: error: the file is empty")],
)
def test_validate_what_is_no_configuration(tmp_path: Path, text: str, where: str) -> None:
    path = write(tmp_path, text + "\n" if text else "")
    result = call("validate", path)
    assert result.code == ExitCode.USAGE
    assert result.stderr.startswith(f"{path}{where}")
    assert result.stdout == ""


def test_validate_nothing(tmp_path: Path) -> None:
    result = call("validate", output="json")
    assert result.code == ExitCode.USAGE
    assert "config init" in result.document["problems"][0]["hint"]
    assert call("validate", tmp_path / "absent.yaml").code == ExitCode.USAGE


def test_validate_warns_of_what_cannot_be_resolved(tmp_path: Path) -> None:
    text = server(
        "base_url: https://${env:HOST}/pf-admin-api/v1\n"
        "auth: {type: basic, username: ocm, password: '${env:PF_PASSWORD}'}\n"
        "tls: {ca_file: absent.pem, client_cert: config.yaml, client_key_password: '${file:absent}'}"
    )
    path = write(tmp_path, text + "    inventory: absent.yaml\n")
    result = call("validate", path)
    assert result.code == 0
    lines = [line.removeprefix(f"{path}:") for line in result.stderr.splitlines()]
    assert [line.partition(": warning: ")[0] for line in lines[:-1]] == ["5:17", "6:52", "7:22", "7:81", "8:16"]
    assert "HOST is not set (export HOST=…)" in lines[0]
    assert "5 problems" in lines[-1]
    assert call("validate", path, quiet=True) == Result(0, "", "")


def test_validate_checks_what_references_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, server("base_url: http://${env:HOST}/pf-admin-api/v1\nconcurrency: ${env:N}"))
    monkeypatch.setenv("HOST", "pf.example.com")
    monkeypatch.setenv("N", "many")
    result = call("validate", path)
    assert result.code == ExitCode.USAGE
    assert ":6:20: error: `environments.dev.server.concurrency` must be a whole number" in result.stderr
    monkeypatch.setenv("N", "4")
    result = call("validate", path)
    assert result.code == 0
    assert "`environments.dev.server.base_url` is http://" in result.stderr


def test_validate_checks_every_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIENT_REGISTRY_CACHE_TTL", "soon")
    path = write(tmp_path, "environments: {a: {}, b: {registry: {}}}")
    result = call("validate", path)
    assert result.code == ExitCode.USAGE
    assert result.stderr.startswith("error: CLIENT_REGISTRY_CACHE_TTL must be a whole number of seconds; found `soon`")


def test_validate_never_sends_control_characters(tmp_path: Path) -> None:
    path = write(tmp_path, 'environments:\n  "\\e]0;x\\a": {}\n  dev: {protected: "\\e[2J"}')
    result = call("validate", path, output="json")
    assert result.code == ExitCode.USAGE
    assert "\x1b" not in result.stderr + result.stdout
    assert "\x07" not in result.stderr + result.stdout


# show


def test_show_fills_in_what_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIENT_REGISTRY_CACHE_TTL", "60")
    path = write(tmp_path, MINIMAL + "    registry: {database: 'postgresql://me:hunter22@h/d'}\n    oci: {}\n")
    result = call("show", path, output="json")
    document = result.document
    assert result.code == 0
    assert document["overrides"] == {"environments.dev.registry.cache_ttl": "CLIENT_REGISTRY_CACHE_TTL"}
    dev = {**document["environments"]["dev"]}
    dev["registry"] = {**dev["registry"]}
    assert dev["server"]["auth"] == {"type": "basic", "username": "ocm", "password": "${env:PF_PASSWORD}"}
    assert dev["server"]["timeout"] == {"total": 30, "connect": 5, "read": 30, "write": 30, "pool": 5}
    assert dev["registry"].pop("thresholds")["bad_entries"] == 0
    assert dev["registry"] == {
        "database": "postgresql://***@h/d", "cache": None, "cache_ttl": 60, "stream": "stream:admin.client.events"
    }  # fmt: skip
    assert dev["oci"] == {"config_file": str(tmp_path / ".oci" / "config"), "endpoint": None, "check": ["*"]}
    assert dev["inventory"] is None
    text = call("show", config=path).stdout
    assert "# environments.dev.registry.cache_ttl is set by CLIENT_REGISTRY_CACHE_TTL" in text
    assert yaml.safe_load(text) == {key: document[key] for key in ("default_environment", "environments")}


def test_show_one_environment(tmp_path: Path) -> None:
    path = write(tmp_path, "environments:\n  a: {}\n  b: {protected: true}")
    assert list(call("show", path, env="b", output="json").document["environments"]) == ["b"]
    with pytest.raises(UsageError, match="no environment c"):
        call("show", path, env="c")


def test_show_raises_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.yaml:1:1: unknown key `x`"):
        call("show", write(tmp_path, "x: 1\nenvironments: {a: {}}"))
    with pytest.raises(NotConfigured):
        call("show")


def test_show_is_safe_to_print(tmp_path: Path) -> None:
    bidi = "a\u202eb"
    path = write(tmp_path, server(f"{URL}\nauth: {{type: basic, username: '{bidi}', password: '${{env:P}}'}}"))
    for output in ("text", "json"):
        assert "\u202e" not in call("show", path, output=output).stdout


# schema and path


def test_schema_is_one_json_document() -> None:
    result = call("schema")
    assert json.loads(result.stdout)["$schema"].startswith("https://json-schema.org/draft/2020-12")
    assert (result.code, result.stderr) == (0, "")


def test_path(tmp_path: Path) -> None:
    result = call("path")
    path = Path(result.stdout.rstrip("\n"))
    assert (result.code, result.stderr) == (0, "")
    assert tmp_path in path.parents
    document = call("path", output="json").document
    assert (document["path"], document["exists"]) == (str(path), False)
    assert all(Path(document[key]).is_relative_to(tmp_path) for key in ("state_dir", "cache_dir"))
    assert list(tmp_path.iterdir()) == []
    assert call("path", config=tmp_path / "x.yaml").stdout == f"{tmp_path / 'x.yaml'}\n"
