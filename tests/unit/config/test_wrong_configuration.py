"""Wrong config.yaml: each mistake is named with line, column, what was found and what would be right."""

import time
from pathlib import Path

import pytest

from ocm_tui.config.loading import load_configuration
from ocm_tui.core.errors import ConfigError, ExitCode
from ocm_tui.core.positioned.problems import InvalidConfiguration
from tests.unit.config.support import ENVIRON, URL, load, server, write

# What is wrong: the text, then for each problem line, column, a part of the message, a part of the hint.

WRONG: list[tuple[str, list[tuple[int, int, str, str]]]] = [
    ("[]", [(1, 1, "the file must be a mapping", "")]),
    ("text", [(1, 1, "the file must be a mapping", "")]),
    ("default_environment: dev", [(1, 1, "`environments` is missing in the file", "")]),
    ("environments:", [(1, 1, "`environments` has no value", "")]),
    ("environments: {}", [(1, 15, "at least one environment; found a mapping", "")]),
    ("environments: [dev]", [(1, 15, "`environments` must be a mapping (`key: value` lines); found a list", "")]),
    ("enviroments:\n  dev: {}", [(1, 1, "unknown key `enviroments`", "did you mean `environments`?")]),
    ("environments:\n  dev: 3", [(2, 8, "`environments.dev` must be a mapping", "")]),
    ("environments:\n  a b: {}", [(2, 3, "is no name for an environment", "letters, digits")]),
    ("environments:\n  dev: {}\n  dev: {}", [(3, 3, "the key `dev` is there twice; the first is in line 2", "")]),
    (
        "default_environment: produktion\nenvironments:\n  dev: {}\n  production: {}",
        [
            (
                1,
                22,
                "`default_environment` names an environment that is not there: produktion",
                "did you mean production?",
            )
        ],
    ),
    ("default_environment: 3\nenvironments: {dev: {}}", [(1, 22, "must be text; numbers, yes and no need quotes", "")]),
    (
        "environments:\n  dev:\n    protectd: true\n    read-only: true",
        [
            (3, 5, "unknown key `protectd` in `environments.dev`", "did you mean `protected`?"),
            (4, 5, "unknown key `read-only` in `environments.dev`", "did you mean `read_only`?"),
        ],
    ),
    (
        "environments:\n  dev:\n    protected: maybe\n    read_only: 7",
        [
            (3, 16, "`environments.dev.protected` must be true or false; found text `maybe`", ""),
            (4, 16, "`environments.dev.read_only` must be true or false; found a number `7`", ""),
        ],
    ),
    (
        "environments:\n  dev:\n    password: x\n    database: y",
        [
            (3, 5, "unknown key `password`", "`password` belongs in `server.auth`"),
            (4, 5, "unknown key `database`", "`database` belongs in `registry`"),
        ],
    ),
    ("environments:\n  dev:\n    inventory: 3", [(3, 16, "must be the path of a file; found a number `3`", "")]),
    ("environments:\n  dev:\n    inventory: ~nobody-has-this-name/x", [(3, 16, "cannot be used: the home", "")]),
    ('environments:\n  dev:\n    inventory: "a\\0b"', [(3, 16, "holds a control character", "")]),
    ("environments:\n  dev:\n    oci: {config_file: {}}", [(3, 24, "must be the path of a file; found a mapping", "")]),
    # The server
    (server("auth: {type: mtls}"), [(4, 5, "`base_url` is missing in `environments.dev.server`", "pf-admin-api")]),
    (server("base_url:"), [(5, 7, "`environments.dev.server.base_url` has no value", "")]),
    (server("baseurl: https://h"), [(5, 7, "unknown key `baseurl`", "did you mean `base_url`?")]),
    (server("url: https://h"), [(5, 7, "unknown key `url`", "did you mean `base_url`?")]),
    (server(f"{URL}\nheaders: {{a: b}}"), [(6, 7, "unknown key `headers`", "known keys: kind, base_url, auth")]),
    (server(f"kind: okta\n{URL}"), [(5, 13, "`environments.dev.server.kind` must be pingfederate; found text", "")]),
    (server("base_url: pf.example.com"), [(5, 17, "must be an absolute URL", "it starts with https://")]),
    (server("base_url: ftp://h/x"), [(5, 17, "must be an absolute URL", "")]),
    (server("base_url: https:///x"), [(5, 17, "has no host", "")]),
    (server("base_url: https://:9999/x"), [(5, 17, "has no host", "")]),
    (server("base_url: https://h:0/x"), [(5, 17, "a port that does not exist", "")]),
    (server("base_url: https://h:99999/x"), [(5, 17, "is not a URL that can be used", "")]),
    (server("base_url: https://[::1/x"), [(5, 17, "is not a URL that can be used", "")]),
    (
        server("base_url: https://me:hunter22@h/x"),
        [(5, 17, "must not hold a user name or a password", "`server.auth`")],
    ),
    (server("base_url: https://h/x?y=1"), [(5, 17, "must not have a query", "")]),
    (server("base_url: https://h/x?"), [(5, 17, "must not have a query", "")]),
    (server("base_url: https://h/x#y"), [(5, 17, "must not have a `#` part", "")]),
    (server("base_url: https://h /x"), [(5, 17, "holds a space", "")]),
    (server("base_url: 9999"), [(5, 17, "must be a URL that starts with https://; found a number `9999`", "")]),
    (server(f"{URL}\ntoken_url: /as/token"), [(6, 18, "must be an absolute URL", "")]),
    (server(f"{URL}\nconcurrency: 0"), [(6, 20, "must be a whole number from 1 to 64; found a number `0`", "")]),
    (server(f"{URL}\nconcurrency: 65"), [(6, 20, "must be a whole number from 1 to 64", "")]),
    (server(f"{URL}\nconcurrency: 2.5"), [(6, 20, "must be a whole number from 1 to 64", "")]),
    (server(f"{URL}\nconcurrency: yes"), [(6, 20, "found yes or no `yes`", "")]),
    (
        server(f"{URL}\ntimeout: 0"),
        [(6, 16, "`environments.dev.server.timeout` must be a number of seconds above 0", "")],
    ),
    (server(f"{URL}\ntimeout: -1"), [(6, 16, "found a number `-1`", "")]),
    (server(f"{URL}\ntimeout: 3601"), [(6, 16, "at most 3600", "")]),
    (server(f"{URL}\ntimeout: .nan"), [(6, 16, "must be a number of seconds", "")]),
    (server(f"{URL}\ntimeout: .inf"), [(6, 16, "must be a number of seconds", "")]),
    (server(f"{URL}\ntimeout: true"), [(6, 16, "found yes or no `true`", "")]),
    (
        server(f"{URL}\ntimeout: 30s"),
        [(6, 16, "must be a number of seconds above 0, at most 3600; found text `30s`", "")],
    ),
    (server(f"{URL}\ntimeout: [1]"), [(6, 16, "must be a mapping", "")]),
    (server(f"{URL}\ntimeout: {{read: 0}}"), [(6, 23, "`environments.dev.server.timeout.read` must be a number", "")]),
    (server(f"{URL}\ntimeout: {{wriet: 1}}"), [(6, 17, "unknown key `wriet`", "did you mean `write`?")]),
    (server(f"{URL}\nrights_probe: perhaps"), [(6, 21, "must be true or false", "")]),
    (server(f"{URL}\ntls: true"), [(6, 12, "`environments.dev.server.tls` must be a mapping", "")]),
    (server(f"{URL}\ntls: {{verify: 3}}"), [(6, 21, "must be true or false", "")]),
    (server(f"{URL}\ntls: {{client_key: k.pem}}"), [(6, 25, "tls.client_key` needs `client_cert` beside it", "")]),
    (server(f"{URL}\ntls: {{client_key_password: x}}"), [(6, 34, "needs `client_cert` beside it", "")]),
    # Signing in
    (server(f"{URL}\nauth: basic"), [(6, 13, "`environments.dev.server.auth` must be a mapping", "")]),
    (server(f"{URL}\nauth: {{username: ocm}}"), [(6, 7, "`type` is missing", "basic, oauth2, bearer, mtls")]),
    (server(f"{URL}\nauth: {{type: digest}}"), [(6, 20, "must be one of basic, oauth2, bearer, mtls; found text", "")]),
    (server(f"{URL}\nauth: {{type: basic, username: ocm}}"), [(6, 7, "`password` is missing", "${env:PF_PASSWORD}")]),
    (
        server(f"{URL}\nauth: {{type: basic, username: 7, password: 12345678}}"),
        [
            (6, 37, "auth.username` must be text; numbers, yes and no need quotes; found a number `7`", ""),
            (6, 50, "auth.password` must be text (in quotes), or better a reference; found a number", ""),
        ],
    ),
    (server(f"{URL}\nauth: {{type: basic, username: o, password: ''}}"), [(6, 50, "auth.password` is empty", "")]),
    (
        server(f"{URL}\nauth: {{type: basic, username: o, password:hunter22}}"),
        [(6, 40, "unknown key `password…`", "put a space after the colon: `password: …`")],
    ),
    (
        server(f"{URL}\nauth: {{type: basic, username: o, token: x, password: y}}"),
        [(6, 40, "unknown key `token`", "`token` belongs in `server.auth`")],
    ),
    (server(f"{URL}\nauth: {{type: mtls}}"), [(6, 13, "needs `tls.client_cert`", "client_cert")]),
    (
        server(f"{URL}\nauth: {{type: oauth2, token_url: x, client_id: c, client_secret: s, scopes: a b}}"),
        [(6, 39, "must be an absolute URL", ""), (6, 82, "must be a list, such as [one, two]; found text", "")],
    ),
    (
        server(f"{URL}\nauth: {{type: oauth2, token_url: https://h, client_id: c, client_secret: s, scopes: [a, 1]}}"),
        [(6, 94, "auth.scopes[1]` must be text", "")],
    ),
    # The registry
    ("environments:\n  dev:\n    registry: []", [(3, 15, "`environments.dev.registry` must be a mapping", "")]),
    (
        (
            "environments:\n  dev:\n    registry:\n"
            "      database: mysql://me:hunter22@h/d\n      cache: h:6379\n      cache_ttl: 0"
        ),
        [
            (4, 17, "registry.database` is not such a URL", "postgresql:// or postgres://"),
            (5, 14, "registry.cache` is not such a URL", "redis:// or rediss:// or unix://"),
            (6, 18, "must be a whole number of seconds, at least 1", ""),
        ],
    ),
    (
        "environments:\n  dev:\n    registry:\n      database: postgresql://me:hunt/er22@h/d\n      cache: redis://:hunter22",
        [
            (4, 17, "has a password that cuts the URL short", "%2F"),
            (5, 14, "has a port that is no number", "user:password@host"),
        ],
    ),
    (
        (
            "environments:\n  dev:\n"
            "    registry: {database: 'postgresql://me:hunt@er22@h/d', cache: 'redis:///0', stream: 1}"
        ),
        [
            (3, 26, "has more than one `@`", "%40"),
            (3, 66, "has no host", ""),
            (3, 88, "registry.stream` must be text", ""),
        ],
    ),
    # References
    (
        server(f"{URL}\nauth: {{type: basic, username: '${{USER}}', password: '${{evn:HUNTER22}}'}}"),
        [
            (6, 37, "auth.username`: a reference (`${…}`) does not say where its value is", "${env:NAME}"),
            (
                6,
                58,
                "auth.password`: a reference (`${…}`) names a source that does not exist",
                "did you mean ${env:NAME}?",
            ),
        ],
    ),
    (server(f"{URL}\ntls: '${{env:TLS}}'"), [(6, 12, "`environments.dev.server.tls` must be a mapping", "")]),
    (server(f"{URL}\nauth: {{type: '${{env:TYPE}}'}}"), [(6, 20, "must be one of basic", "")]),
]


@pytest.mark.parametrize(("text", "expected"), WRONG)
def test_wrong(tmp_path: Path, text: str, expected: list[tuple[int, int, str, str]]) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_configuration(path, ENVIRON)
    error = caught.value
    assert error.exit_code is ExitCode.USAGE
    line, column, message, hint = expected[0]
    assert error.title.startswith(f"{path}:{line}:{column}: ")
    assert message in error.title
    assert hint in error.hint
    assert "hunt" not in f"{error!r}{error}{error.detail}{error.hint}".lower()
    if isinstance(error, InvalidConfiguration):
        assert [(problem.line, problem.column) for problem in error.problems] == [
            (row, col) for row, col, _, _ in expected
        ]
        for problem, (_, _, fragment, help_) in zip(error.problems, expected, strict=True):
            assert fragment in problem.message
            assert help_ in problem.hint
            assert problem.severity == "error"


def test_several_errors_are_all_in_the_detail(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        load(tmp_path, "environments:\n  dev: {protectd: yes, oci: 3}")
    error = caught.value
    assert "unknown key `protectd`" in error.title
    assert "(and 1 more)" in error.title
    assert [line.partition(": ")[0].rpartition("config.yaml:")[2] for line in error.detail.splitlines()] == [
        "2:9",
        "2:29",
    ]


def test_one_error_has_no_detail(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        load(tmp_path, "environments:\n  dev: {oci: 3}")
    assert caught.value.detail == ""
    assert "more" not in caught.value.title


def test_an_error_says_file_line_and_column_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, "environments:\n  dev: {oci: 3}")
    assert str(caught.value).count("config.yaml") == 1


HOSTILE = {
    "unknown keys": "environments:\n  dev:\n" + "".join(f"    key{number}: 1\n" for number in range(60_000)),
    "environments": "environments:\n" + "".join(f"  name{number}: {{}}\n" for number in range(20_000)) + "  oci: 3\n",
    "scopes": server(f"{URL}\nauth: {{type: oauth2, token_url: x, client_id: c, scopes: [{'1,' * 90_000}]}}"),
    "a query": server(f"{URL}\n")
    .replace("server:", "registry:")
    .replace(URL, f"database: 'postgresql://{'?' * 900_000}@'"),
    "a URL": server(f"base_url: '{'://' * 300_000}'"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_is_refused_before_it_costs(tmp_path: Path, name: str) -> None:
    started = time.process_time()
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, HOSTILE[name])
    assert len(caught.value.title) < 2000
    assert time.process_time() - started < 20  # about a second; whatever is quadratic takes minutes
