"""What is wrong with an inventory: each mistake with its place, its sentence and what helps; all of them at once."""

from pathlib import Path

import pytest

from ocm_tui.core.provisioning.inventory import InvalidInventory
from ocm_tui.core.provisioning.inventory_loading import load_inventory
from tests.unit.core.provisioning.inventory_support import GOOD, loaded, problems, written

ONE = f"version: 1\nclients:\n  - clientId: a\n    {GOOD.replace(', ', chr(10) + '    ')}\n"


@pytest.mark.parametrize(
    ("text", "line", "column", "words", "hint"),
    [
        ("", 1, 1, "nothing is in it", ""),
        ("- a\n", 1, 1, "this is something else", ""),
        ("clients: []\n", 1, 1, "`version` is missing; it must be 1", "version: 1"),
        ("version: 2\nclients: []\n", 1, 10, "`version` is 2", ""),
        ("version: true\nclients: []\n", 1, 10, "`version` is True", ""),
        ("version: 1\n", 1, 1, "`clients` is missing", "clients: []"),
        ("version: 1\nclients:\n", 2, 9, "`clients` is not a list", ""),
        ("version: 1\nclients: {a: b}\n", 2, 10, "`clients` is not a list", ""),
        ("version: 1\nclient: []\nclients: []\n", 2, 1, "unknown key `client`", "did you mean `clients`?"),
        ("version: 1\nenvironments: {}\nclients: []\n", 2, 1, "unknown key `environments`", "put it into `defaults`"),
        ("version: 1\nname_policy: id\nclients: []\n", 2, 14, "name_policy is client_id or keep", ""),
        ("version: 1\ndefaults: []\nclients: []\n", 2, 11, "`defaults` is a mapping", ""),
        ("version: 1\ntemplates: {a: 1}\nclients: []\n", 2, 16, "template a is a mapping", ""),
        ("version: 1\nallow: all\nclients: []\n", 2, 8, "allow is a list of codes", ""),
        ("version: 1\nallow: [redirect-uri]\nclients: []\n", 2, 9, "names no warning", "did you mean `redirect-uris`?"),
        ("version: 1\nclients: [a]\n", 2, 11, "clients[0] is a mapping", "- clientId"),
        ("version: 1\nclients: [{name: a}]\n", 2, 11, "clients[0] has no clientId", "- clientId"),
        ("version: 1\nclients: [{clientId: 7}]\n", 2, 22, "clientId is a text", "put it in quotes"),
        ("version: 1\nclients: [{clientId: yes}]\n", 2, 22, "clientId is a text", "put it in quotes"),
        ("version: 1\nclients: [{clientId: ' '}]\n", 2, 22, "clientId is empty", ""),
        ('version: 1\nclients: [{clientId: "a\\e[31m"}]\n', 2, 22, "cannot be printed", ""),
        ('version: 1\nclients: [{clientId: "a\\0"}]\n', 2, 22, "cannot be printed", ""),
        ("version: 1\nclients: [{clientId: a}]\n", 2, 11, "a: grantTypes are missing", ""),
    ],
)
def test_the_file(tmp_path: Path, text: str, line: int, column: int, words: str, hint: str) -> None:  # noqa: PLR0917
    first = problems(tmp_path, text)[0]
    assert words in first.message
    assert (first.line, first.column) == (line, column)
    assert hint in first.hint


@pytest.mark.parametrize(
    ("field", "column", "words", "hint"),
    [
        ("redirectUrls: []", 5, "a: unknown field `redirectUrls`", "did you mean `redirectUris`?"),
        ("tmplate: web", 5, "unknown field `tmplate`", "did you mean `template`?"),
        ("oidcPolicy: {logoutmode: NONE}", 18, "unknown field `logoutmode` in oidcPolicy", "`oidcPolicy.logoutMode`"),
        ("'a b\\nc': 1", 5, "unknown field `a…`", ""),
        ("enabled: 1", 14, "enabled is true or false, not 1", ""),
        ("description: yes", 18, "description is a text, not true", "put it in quotes"),
        ("description: 4711", 18, "description is a text, not 4711", "put it in quotes"),
        ("grantTypes: CLIENT_CREDENTIALS", 17, "grantTypes is a list of texts", ""),
        ("grantTypes: [CLIENT_CREDENTIAL]", 17, "grantTypes cannot be", "did you mean CLIENT_CREDENTIALS?"),
        ("restrictedScopes: [1]", 23, "restrictedScopes is a list of texts", "put each item in quotes"),
        ("offlineAccessRequireConsentPrompt: NO", 40, "is a text, not false", 'write "NO", with the quotes'),
        ("refreshRolling: YES", 21, "refreshRolling is a text, not true", "put it in quotes"),
        ("cibaPollingInterval: 5000", 26, "cibaPollingInterval is out of range", "3600"),
        ("defaultAccessTokenManagerRef: jwt", 35, "defaultAccessTokenManagerRef is a mapping", "{id: …}"),
        ("defaultAccessTokenManagerRef: {id: 5}", 40, "defaultAccessTokenManagerRef.id is a text", "quotes"),
        ("clientAuth: SECRET", 17, "clientAuth is a mapping", "type"),
        ("creationDate: '2026'", 5, "creationDate is the server's own and cannot be declared", "remove it"),
        ("clientAuth: {encryptedSecret: x}", 18, "clientAuth.encryptedSecret is the server's own", "from: keep"),
        ("extendedParameters: {a: x}", 29, "extendedParameters.a is a mapping with a list of texts", "{values:"),
        ("extendedParameters: {a: {values: [1]}}", 29, "extendedParameters.a is a mapping", "quotes around numbers"),
        ("template: web", 15, "there is no such template", "no file declares templates"),
        ("template: [a]", 15, "there is no such template", ""),
        ("environments: [prod]", 19, "environments is a mapping", ""),
        ("environments: {prod: 1}", 26, "environments.prod is a mapping", ""),
        ("environments: {prod: {enabld: true}}", 27, "unknown field `enabld`", "did you mean `enabled`?"),
        ("environments: {prod: {clientId: x}}", 27, "clientId is the same in every environment", ""),
        ("environments: {prod: {template: x}}", 27, "unknown field `template`", "only a client has a template"),
        ("environments: {prod: {environments: {}}}", 27, "unknown field `environments`", "holds no others"),
        ("environments: {prod: {secret: 5}}", 35, "secret says where the secret comes from", ""),
        ("registry: 5", 15, "registry is a mapping", ""),
        ("registry: {bap: x}", 16, "unknown key `bap` in registry", "did you mean `bap_id`?"),
        ("registry: {client_id: 12}", 27, "registry.client_id is a UUID", ""),
        ("registry: {client_id: '{6f1c8a527c514f0e9d570b1f2f3f4a5b}'}", 27, "registry.client_id is a UUID", ""),
        ("registry: {bap_uri: 'javascript:x'}", 25, "registry.bap_uri is a web address", ""),
        ("registry: {rate_limit: 0}", 28, "registry.rate_limit is a whole number from 1", ""),
        ("registry: {rate_limit: yes}", 28, "registry.rate_limit is a whole number", ""),
        ("registry: {allowed_ips: 10.0.0.0/8}", 29, "registry.allowed_ips is a list of networks", ""),
        ("registry: {allowed_ips: [10.0.0.0/8, x]}", 42, "registry.allowed_ips cannot be x", ""),
        ("registry: {bap_id: 5}", 24, "registry.bap_id is a text", ""),
        ("registry: {metadata: 5}", 26, "registry.metadata is a mapping", ""),
        ("allow: redirect-uris", 12, "allow is a list of codes", ""),
    ],
)
def test_a_client(tmp_path: Path, field: str, column: int, words: str, hint: str) -> None:
    text = f"version: 1\nclients:\n  - clientId: a\n    {field}\n"
    if not field.startswith("grantTypes"):
        text += "    grantTypes: [ACCESS_TOKEN_VALIDATION]\n"
    (problem,) = problems(tmp_path, text)
    assert words in problem.message
    assert (problem.line, problem.column) == (4, column)
    assert hint in problem.hint
    assert problem.key.startswith("clients[0].")


@pytest.mark.parametrize(
    ("secret", "words", "hint"),
    [
        ("hunter2hunter2", "secret says where the secret comes from, never the secret itself", "`keep`, `env:NAME`"),
        ("5", "secret says where the secret comes from", ""),
        ("{from: vault}", "secret.from is one of generate, env, file, keyring, keep", ""),
        ("{form: keep}", "unknown key `form` in secret", "did you mean `from`?"),
        ("{version: 2}", "secret.from is missing", ""),
        ("generate", "secret.deliver is missing: a generated secret must go somewhere", "deliver: file:"),
        ("{from: generate, deliver: nowhere}", "secret.deliver is no destination", "file:PATH"),
        ("{from: generate, deliver: 'keyring:x'}", "secret.deliver is no destination", ""),
        ("{from: generate, deliver: 'file:{client}'}", "secret.deliver has a placeholder other than {clientId}", ""),
        ("{from: generate, deliver: stdout, length: 8}", "secret.length is a whole number from 16 to 512", ""),
        ("{from: generate, deliver: stdout, length: true}", "secret.length is a whole number", ""),
        ("{from: generate, deliver: stdout, version: 0}", "secret.version is a whole number from 1", ""),
        ("{from: generate, deliver: stdout, name: X}", "secret.name belongs to `from: env`", ""),
        ("{from: env, name: X, length: 20}", "secret.length belongs to `from: generate`", ""),
        ("{from: env}", "secret.name is missing", "{from: env, name:"),
        ("{from: env, name: 'A=B'}", "secret.name is the name of an environment variable", ""),
        ("{from: env, name: 5}", "secret.name is a text", ""),
        ("{from: file}", "secret.path is missing", ""),
        ('{from: file, path: "a\\0b"}', "secret.path is a text", ""),
        ("{from: keyring, entry: x}", "secret.entry is SERVICE/USER", ""),
        ("{from: keep, deliver: stdout}", "secret.deliver means nothing with `from: keep`", ""),
        ("{from: keep, version: 2}", "secret.version means nothing with `from: keep`", ""),
    ],
)
def test_a_secret(tmp_path: Path, secret: str, words: str, hint: str) -> None:
    (problem,) = problems(tmp_path, f"{ONE}    secret: {secret}\n")
    assert words in problem.message
    assert problem.line == 6
    assert hint in problem.hint
    assert "hunter2" not in f"{problem.message}{problem.hint}"


@pytest.mark.parametrize(
    "field",
    [
        "clientAuth: {type: SECRET, secret: hunter2hunter2}",
        "clientAuthentication: {secret: hunter2hunter2}",
    ],
)
def test_a_plaintext_secret_is_refused_and_not_quoted(tmp_path: Path, field: str) -> None:
    path = written(
        tmp_path, f"version: 1\nclients:\n  - clientId: a\n    grantTypes: [CLIENT_CREDENTIALS]\n    {field}\n"
    )
    with pytest.raises(InvalidInventory) as caught:
        load_inventory([path], environment="dev")
    error = caught.value
    assert "a secret cannot stand in an inventory" in error.title
    assert "secret: {from: env" in error.hint
    assert error.line == 5
    assert "hunter2" not in f"{error!r}{error}{error.detail}{error.hint}{error.problems}"


@pytest.mark.parametrize("client_id", ["../x", "a/b", "a\\\\b", "x..y", "."])
def test_an_id_that_would_be_another_path(tmp_path: Path, client_id: str) -> None:
    secret = 'secret: {from: generate, deliver: "file:s/{clientId}"}'
    text = f'version: 1\nclients: [{{clientId: "{client_id}", {GOOD}, {secret}}}]\n'
    (problem,) = problems(tmp_path, text)
    assert "would make it another path" in problem.message


def test_two_clients_with_one_destination(tmp_path: Path) -> None:
    secret = "secret: {from: generate, deliver: 'file:./s/../s/one'}"
    text = f"version: 1\nclients:\n  - {{clientId: a, {GOOD}, {secret}}}\n  - {{clientId: b, {GOOD}, {secret}}}\n"
    (problem,) = problems(tmp_path, text)
    assert problem.message == (
        f"b: secret.deliver is the same for a ({tmp_path / 'inventory.yaml'}:3): one would overwrite the other"
    )
    assert problem.line == 4


def test_stdout_is_for_all(tmp_path: Path) -> None:
    secret = "secret: {from: generate, deliver: stdout}"
    text = f"version: 1\nclients:\n  - {{clientId: a, {GOOD}, {secret}}}\n  - {{clientId: b, {GOOD}, {secret}}}\n"
    assert len(loaded(tmp_path, text).clients) == 2


def test_everything_is_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = """\
version: 1
defaults: {enabled: maybe}
templates:
  web: {grantTypes: [NOPE], clientId: x}
clients:
  - {clientId: a, unknown: 1, enabled: 5}
  - {clientId: A, template: nope}
  - {clientId: b, grantTypes: []}
  - 5
"""
    found = problems(tmp_path, text)
    assert [problem.line for problem in found] == sorted(problem.line or 0 for problem in found)
    assert [problem.line for problem in found] == [2, 4, 4, 6, 6, 7, 7, 8, 9]
    with pytest.raises(InvalidInventory) as caught:
        load_inventory([tmp_path / "inventory.yaml"], environment="dev")
    assert caught.value.title.endswith("(and 8 more)")
    assert len(caught.value.detail.splitlines()) == 9


def test_a_problem_of_a_template_is_told_once(tmp_path: Path) -> None:
    clients = "".join(f"  - {{clientId: c{number}, template: web}}\n" for number in range(50))
    (problem,) = problems(tmp_path, f"version: 1\ntemplates:\n  web: {{grantTypes: [NOPE]}}\nclients:\n{clients}")
    assert problem.key == "templates.web.grantTypes"


def test_names_from_outside_are_text(tmp_path: Path) -> None:
    text = (
        'version: 1\ntemplates: {"\\e]0;x\\a": 5}\nclients: [{"clientId": "a", "\\e[31m": 1, "template": "\\u202e"}]\n'
    )
    for problem in problems(tmp_path, text):
        assert problem.message.isprintable()
        assert str(problem).isprintable()


def test_errors_keep_their_warnings(tmp_path: Path) -> None:
    path = written(tmp_path, f"version: 1\nclients:\n  - {{clientId: a, {GOOD}, name: x}}\n  - {{clientId: b}}\n")
    with pytest.raises(InvalidInventory) as caught:
        load_inventory([path], environment="dev")
    assert [problem.severity for problem in caught.value.problems] == ["error"]
    assert [problem.severity for problem in caught.value.warnings] == ["warning"]
