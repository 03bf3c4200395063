"""A planted secret is nowhere: not in what is shown, not in what is said, whatever else is wrong with the file."""

import io
import json
import traceback
from argparse import Namespace
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocm_tui.config.connect import server_http_config
from ocm_tui.config.display import effective
from ocm_tui.config.loading import load_configuration
from ocm_tui.config.review import review
from ocm_tui.core.errors import OcmError
from ocm_tui.headless.config import run
from tests.unit.config.support import write

# Letters that stand out: no message, path or key holds them by accident.
SECRETS = st.text(alphabet="QZXJ0189%@:/?#&=$+~!. äß", min_size=8, max_size=24).map(lambda text: f"Q{text.strip()}ZX")
BREAKAGES = st.sampled_from(
    [
        lambda text: text,
        lambda text: text.replace("protected: true", "protected: perhaps"),
        lambda text: text.replace("username:", "usrname:"),
        lambda text: text.replace("password:", "pasword:"),
        lambda text: text.replace("password: ", "password:"),
        lambda text: text.replace("type: basic", "type: bearer"),
        lambda text: text.replace("type: basic", "type: [basic]"),
        lambda text: text.replace("type: basic", "kind: basic"),
        lambda text: text.replace("database: ", "stream: 3\n      database: "),
        lambda text: text.replace("registry:", "registri:"),
        lambda text: text.replace("postgresql:", "mysql:"),
        lambda text: text.replace("auth:", "auth: &a [*a]\n      tls:"),
        lambda text: text + "\n  - x: [",
        lambda text: text.replace("'", "", 1),
        lambda text: text.replace("'", '"'),
        lambda text: text.replace("concurrency: 3", "concurrency: 300"),
        lambda text: text.replace("  ", "\t", 1),
    ]
)


def _document(password: str, database: str) -> str:
    quoted = [text.replace("'", "''") for text in (password, database)]
    return f"""\
default_environment: dev
environments:
  dev:
    protected: true
    server:
      base_url: https://pf.example.com/pf-admin-api/v1
      auth:
        type: basic
        username: ocm
        password: '{quoted[0]}'
      concurrency: 3
    registry:
      database: 'postgresql://ocm:{quoted[1]}@db.example.com/registry'
      cache: 'redis://cache.example.com/?password={quoted[1]}'
"""


def _everything_said(path: Path, environ: dict[str, str]) -> str:
    """All that the program shows about the file, with tracebacks of what it raises, chained causes included."""
    said: list[str] = []
    stdout, stderr = io.StringIO(), io.StringIO()
    for action in ("validate", "show"):
        for output in ("text", "json"):
            options = Namespace(
                action=action, path=path, config=None, env=None, output=output, quiet=False, force=False
            )
            try:
                run(options, stdout=stdout, stderr=stderr)
            except OcmError as error:
                said += [str(error), repr(error), error.detail, error.hint, *traceback.format_exception(error)]
    said += [stdout.getvalue(), stderr.getvalue()]
    try:
        configuration = load_configuration(path, environ)
        said += [repr(configuration), str(configuration), repr(review(configuration)), repr(configuration.file)]
        said += [str(configuration.file), json.dumps(effective(configuration)), repr(configuration.document)]
        environment = configuration.environment()
        said += [repr(environment), str(environment), repr(server_http_config(environment))]
        registry = environment.registry
        for url in filter(None, (registry.database, registry.cache) if registry else ()):
            said += [repr(url), f"{url}", repr(url.resolve())]
    except OcmError as error:
        said += [str(error), repr(error), error.detail, error.hint, *traceback.format_exception(error)]
    return "\n".join(said)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(secret=SECRETS, break_it=BREAKAGES)
def test_a_literal_secret_is_nowhere(tmp_path: Path, secret: str, break_it: object) -> None:
    assert callable(break_it)
    literal = secret.replace("$", "$$") if "${" in secret else secret
    said = _everything_said(write(tmp_path, break_it(_document(literal, literal))), {})
    assert secret not in said
    assert secret[1:-2] not in said


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(secret=SECRETS, break_it=BREAKAGES)
def test_a_referred_secret_is_nowhere(tmp_path: Path, secret: str, break_it: object) -> None:
    assert callable(break_it)
    (tmp_path / "secret").write_text(secret)
    said = _everything_said(
        write(tmp_path, break_it(_document("${env:PLANTED}", "${file:secret}"))), {"PLANTED": secret}
    )
    assert secret not in said


def test_the_test_would_see_a_secret(tmp_path: Path) -> None:
    """Without a secret in it, everything else is shown: the tests above do not pass for lack of output."""
    said = _everything_said(write(tmp_path, _document("${env:PLANTED}", "${env:PLANTED}")), {"PLANTED": "QZXJ-planted"})
    for word in ("${env:PLANTED}", "pf.example.com", "db.example.com/registry", "cache.example.com", "ocm"):
        assert word in said
    assert "QZXJ-planted" not in said


@pytest.mark.parametrize("name", ["password", "token", "client_secret"])
@pytest.mark.parametrize(
    "value", ["87654321", "8765.4321", "[QZXJ-list]", "{QZXJ-key: 1}", "{QZXJ-key}", "2024-12-31T"]
)
def test_a_secret_of_the_wrong_type_is_not_quoted(tmp_path: Path, name: str, value: str) -> None:
    kinds = {
        "password": "{type: basic, username: u, password: VALUE}",
        "token": "{type: bearer, token: VALUE}",
        "client_secret": "{type: oauth2, token_url: https://t, client_id: c, client_secret: VALUE}",
    }
    auth = kinds[name].replace("VALUE", value)
    text = f"environments:\n  dev:\n    server:\n      base_url: https://h\n      auth: {auth}\n"
    said = _everything_said(write(tmp_path, text), {})
    for part in ("8765", "4321", "QZXJ", "2024", "12-31"):
        assert part not in said


def test_what_is_shown_as_yaml_can_be_read(tmp_path: Path) -> None:
    path = write(tmp_path, _document("${env:PLANTED}", "${env:PLANTED}"))
    stdout = io.StringIO()
    options = Namespace(action="show", path=path, config=None, env=None, output="text", quiet=False, force=False)
    assert run(options, stdout=stdout, stderr=io.StringIO()) == 0
    shown = yaml.safe_load(stdout.getvalue())["environments"]["dev"]
    assert shown["server"]["auth"]["password"] == "${env:PLANTED}"
    assert shown["registry"]["database"] == "postgresql://***:${env:PLANTED}@db.example.com/registry"
    assert shown["registry"]["cache"] == "redis://cache.example.com/?password=${env:PLANTED}"
