"""What is allowed in config.yaml but hardly wanted."""

from pathlib import Path

import pytest

from ocm_tui.config.loading import load_configuration
from tests.unit.config.support import URL, load, server, write

WARNED = [
    (server(f"{URL}\nauth: {{type: bearer, token: hunter22}}"), [(6, 35, "auth.token` holds a secret")]),
    (server(f"{URL}\nauth: {{type: bearer, token: 'x${{env:T}}'}}"), []),
    (server(URL), [(4, 5, "has no `auth`")]),
    (
        server("base_url: https://h/x\nauth: {type: bearer, token: '${env:T}'}"),
        [(5, 17, "does not end in /pf-admin-api/v1")],
    ),
    (
        server(f"{URL.replace('https', 'http')}\nauth: {{type: bearer, token: '${{env:T}}'}}"),
        [(5, 17, "base_url` is http://")],
    ),
    (server("base_url: http://127.8.8.8:1/pf-admin-api/v1\nauth: {type: bearer, token: '${env:T}'}"), []),
    (server("base_url: http://[::1]:1/pf-admin-api/v1\nauth: {type: bearer, token: '${env:T}'}"), []),
    (server("base_url: http://localhost/pf-admin-api/v1\nauth: {type: bearer, token: '${env:T}'}"), []),
    (
        server(
            f"{URL}\ntls: {{verify: false}}\n"
            "auth: {type: oauth2, token_url: http://t/x, client_id: c, client_secret: '${env:S}'}"
        ),
        [(6, 21, "tls.verify` is false"), (7, 39, "auth.token_url` is http://")],
    ),
    (
        "environments:\n  dev:\n    server:\n    oci:\n    registry: {database: 'postgresql://u:hunter22@h/d'}",
        [(3, 5, "server` is empty"), (4, 5, "oci` is empty"), (5, 26, "registry.database` holds a secret")],
    ),
    ("environments:\n  dev:\n    registry: {database: 'postgresql://u@h/d', cache: 'redis://:${env:P}@h'}", []),
]


@pytest.mark.parametrize(("text", "expected"), WARNED)
def test_warnings(tmp_path: Path, text: str, expected: list[tuple[int, int, str]]) -> None:
    warnings = load(tmp_path, text).warnings
    assert [(warning.line, warning.column) for warning in warnings] == [(line, column) for line, column, _ in expected]
    for warning, (_, _, fragment) in zip(warnings, expected, strict=True):
        assert fragment in warning.message
        assert warning.severity == "warning"
        assert warning.path == tmp_path / "config.yaml"
        assert "hunter22" not in f"{warning}{warning!r}"


def test_a_secret_in_a_file_that_others_may_read(tmp_path: Path) -> None:
    path = write(tmp_path, server(f"{URL}\nauth: {{type: bearer, token: hunter22}}"))
    assert "others may read" not in load_configuration(path, {}).warnings[0].message
    path.chmod(0o644)
    assert "others may read this file" in load_configuration(path, {}).warnings[0].message
