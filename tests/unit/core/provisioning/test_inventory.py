"""What an inventory means: layers, overlays, names, secrets, places."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.provisioning.inventory_layers import folded
from ocm_tui.core.provisioning.inventory_loading import load_inventory
from ocm_tui.core.provisioning.inventory_rules import CODES
from ocm_tui.core.provisioning.model import SecretDeclaration
from ocm_tui.simulator.inventory import demo_inventory
from tests.unit.core.provisioning.inventory_support import GOOD, client, loaded, written

EXAMPLE = Path(__file__).parents[4] / "examples" / "client-inventory.yaml"

LAYERS = """\
version: 1
defaults:
  grantTypes: [CLIENT_CREDENTIALS]
  clientAuth: {type: SECRET}
  requireDpop: true
  environments:
    prod: {requireDpop: null, description: of prod}
templates:
  web:
    description: of the template
    clientAuth: {type: CLIENT_SECRET_JWT, enforceReplayPrevention: true}
    environments:
      prod: {bypassApprovalPage: true}
clients:
  - clientId: plain
  - clientId: dressed
    template: web
    clientAuth: {tokenEndpointAuthSigningAlgorithm: HS256}
    environments:
      prod:
        grantTypes: [CLIENT_CREDENTIALS, REFRESH_TOKEN]
"""


def test_layers(tmp_path: Path) -> None:
    plain, dressed = loaded(tmp_path, LAYERS).clients
    assert plain.document == {
        "clientId": "plain",
        "name": "plain",
        "grantTypes": ["CLIENT_CREDENTIALS"],
        "clientAuth": {"type": "SECRET"},
        "requireDpop": True,
    }
    assert dressed.document["description"] == "of the template"
    assert dressed.document["clientAuth"] == {
        "type": "CLIENT_SECRET_JWT",
        "enforceReplayPrevention": True,
        "tokenEndpointAuthSigningAlgorithm": "HS256",
    }
    assert dressed.document["grantTypes"] == ["CLIENT_CREDENTIALS"]


def test_overlays(tmp_path: Path) -> None:
    plain, dressed = loaded(tmp_path, LAYERS, "prod").clients
    assert "requireDpop" not in plain.document
    assert plain.document["description"] == "of prod"
    assert dressed.document["description"] == "of the template"
    assert dressed.document["bypassApprovalPage"] is True
    assert dressed.document["grantTypes"] == ["CLIENT_CREDENTIALS", "REFRESH_TOKEN"]


@pytest.mark.parametrize(
    ("environment", "path", "line", "column"),
    [
        ("dev", "", 16, 5),
        ("dev", "clientId", 16, 15),
        ("dev", "name", 16, 5),
        ("dev", "description", 10, 18),
        ("dev", "clientAuth.type", 11, 24),
        ("dev", "clientAuth.tokenEndpointAuthSigningAlgorithm", 18, 53),
        ("dev", "clientAuth.clientCertIssuerDn", 18, 17),
        ("dev", "grantTypes[0]", 3, 16),
        ("dev", "grantTypes[7]", 16, 5),
        ("dev", "requireDpop", 5, 16),
        ("prod", "grantTypes[1]", 21, 42),
        ("prod", "requireDpop", 7, 25),
        ("prod", "bypassApprovalPage", 13, 34),
        ("prod", "nothing.like.it", 16, 5),
    ],
)
def test_places(tmp_path: Path, environment: str, path: str, line: int, column: int) -> None:
    dressed = loaded(tmp_path, LAYERS, environment).clients[1]
    place = dressed.where(path)
    assert (place.line, place.column) == (line, column)
    assert place.path == tmp_path / "inventory.yaml"


def test_a_place_with_dots_in_its_name(tmp_path: Path) -> None:
    found = client(tmp_path, f"{GOOD}, extendedParameters: {{cost.centre: {{values: [x, y]}}}}")
    place = found.where("extendedParameters.cost.centre.values[1]")
    assert place.key == "clients[0].extendedParameters.cost.centre.values[1]"
    first = found.where("extendedParameters.cost.centre.values[0]")
    assert (place.column or 0) == (first.column or 0) + len("x, ")


mappings = st.recursive(
    st.sampled_from([None, 1, "a", True]) | st.lists(st.integers(0, 2), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
).filter(lambda value: isinstance(value, dict))


@given(mappings, mappings)
def test_folding(base: Any, over: Any) -> None:
    base = folded({}, base)
    result = folded(base, over)
    for name in {*base, *over}:
        if name not in over:
            assert result[name] == base[name]
        elif over[name] is None:
            assert name not in result
        elif not isinstance(over[name], dict):
            assert result[name] == over[name]
        elif isinstance(base.get(name), dict):
            inner = folded(base[name], over[name])
            assert result.get(name, {}) == inner
    assert folded(result, {}) == result
    assert folded(result, over) == result


# Names


@pytest.mark.parametrize(
    ("head", "fields", "name", "kept"),
    [
        ("", "", "a", False),
        ("name_policy: client_id\n", "", "a", False),
        ("name_policy: client_id\n", ", name: a", "a", False),
        ("name_policy: keep\n", ", name: Orders", "Orders", False),
        ("name_policy: keep\n", "", None, True),
    ],
)
def test_names(tmp_path: Path, head: str, fields: str, name: str | None, kept: bool) -> None:
    found = client(tmp_path, GOOD + fields, head=head)
    assert (found.document.get("name"), found.keep_name) == (name, kept)


def test_a_name_that_is_replaced_is_said(tmp_path: Path) -> None:
    inventory = loaded(tmp_path, f"version: 1\nclients:\n  - {{clientId: a, {GOOD}, name: Orders}}\n")
    assert inventory.clients[0].document["name"] == "a"
    (warning,) = inventory.warnings
    assert (warning.severity, warning.line) == ("warning", 3)
    assert "name is replaced by the clientId" in warning.message
    assert "allow: [name]" in warning.hint


# Secrets


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        ("keep", SecretDeclaration("keep")),
        ("{from: keep}", SecretDeclaration("keep")),
        ("env:ORDERS_SECRET", SecretDeclaration("env", "ORDERS_SECRET")),
        ("{from: env, name: ORDERS_SECRET, version: 3}", SecretDeclaration("env", "ORDERS_SECRET", version=3)),
        ("keyring:team/sub/orders", SecretDeclaration("keyring", "team/sub/orders")),
        ("{from: keyring, entry: 'ocm/{clientId}'}", SecretDeclaration("keyring", "ocm/a")),
        ("file:/etc/x", SecretDeclaration("file", "/etc/x")),
        ("{from: file, path: secrets/x}", SecretDeclaration("file", "DIR/secrets/x")),
        ("{from: generate, deliver: stdout}", SecretDeclaration("generate", deliver="stdout")),
        (
            "{from: generate, deliver: 'file:out/{clientId}.txt', length: 20}",
            SecretDeclaration("generate", deliver="file:DIR/out/a.txt", length=20),
        ),
        ("{from: env, name: X, deliver: keyring:ocm/a}", SecretDeclaration("env", "X", deliver="keyring:ocm/a")),
        (
            "{from: generate, deliver: aws-secretsmanager:oauth/a}",
            SecretDeclaration("generate", deliver="aws-secretsmanager:oauth/a"),
        ),
        ("null", None),
    ],
)
def test_secrets(tmp_path: Path, secret: str, expected: SecretDeclaration | None) -> None:
    found = client(tmp_path, f"{GOOD}, secret: {secret}").secret
    assert repr(found) == repr(expected).replace("DIR", str(tmp_path))


def test_a_secret_without_from_adds_to_the_one_below(tmp_path: Path) -> None:
    head = (
        "defaults: {secret: {from: generate, deliver: 'file:s/{clientId}', length: 20}}\n"
        "templates:\n  none: {secret: null}\n  kept: {secret: keep}\n"
    )
    deliver = f"file:{tmp_path}/s/a"
    cases = [
        ("", SecretDeclaration("generate", deliver=deliver, length=20)),
        (", secret: {version: 2}", SecretDeclaration("generate", deliver=deliver, length=20, version=2)),
        (", secret: {length: null}", SecretDeclaration("generate", deliver=deliver)),
        (", secret: {from: env, name: X}", SecretDeclaration("env", "X")),
        (", template: kept", SecretDeclaration("keep")),
        (", template: none", None),
    ]
    for fields, expected in cases:
        assert client(tmp_path, GOOD + fields, head=head).secret == expected


def test_a_secret_of_the_defaults_is_only_for_those_that_have_one(tmp_path: Path) -> None:
    head = "defaults: {secret: keep}\n"
    keyed = "grantTypes: [CLIENT_CREDENTIALS], clientAuth: {type: PRIVATE_KEY_JWT}, jwksSettings: {jwksUrl: https://x.example.com}"
    assert client(tmp_path, keyed, head=head).secret is None
    several = f"{keyed}, clientAuthentication: {{clientSecret: {{enabled: true}}}}"
    assert client(tmp_path, several, head=head).secret == SecretDeclaration("keep")


def test_paths_begin_where_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "teams").mkdir()
    written(
        tmp_path, "version: 1\ntemplates: {t: {secret: {from: generate, deliver: 'file:s/{clientId}'}}}\n", "base.yaml"
    )
    written(tmp_path / "teams", f"version: 1\nclients: [{{clientId: a, template: t, {GOOD}}}]\n", "one.yaml")
    inventory = load_inventory(["base.yaml", "teams/*.yaml"], environment="dev", base=tmp_path)
    secret = inventory.clients[0].secret
    assert secret is not None
    assert secret.deliver == f"file:{tmp_path}/s/a"


def test_registry(tmp_path: Path) -> None:
    head = "defaults: {registry: {rate_limit: 60, allowed_ips: [10.0.0.0/8]}}\n"
    registry = "{client_id: 6f1c8a52-7c51-4f0e-9d57-0b1f2f3f4a5b, bap_id: x, allowed_ips: [192.0.2.7]}"
    found = client(tmp_path, f"{GOOD}, registry: {registry}", head=head)
    assert found.registry["rate_limit"] == 60
    assert found.registry["allowed_ips"] == ["192.0.2.7"]
    assert "registry" not in found.document


def test_extension_members_are_taken(tmp_path: Path) -> None:
    found = client(tmp_path, f"{GOOD}, tags: [{{id: x}}], dpopProofSettings: {{any: [thing]}}")
    assert found.document["tags"] == [{"id": "x"}]
    assert found.document["dpopProofSettings"] == {"any": ["thing"]}


# The two that are shipped


@pytest.mark.parametrize("environment", ["dev", "prod", "elsewhere"])
def test_the_example(environment: str) -> None:
    inventory = load_inventory([EXAMPLE], environment=environment)
    assert len(inventory.clients) == 11
    assert not inventory.warnings
    by_id = {one.client_id: one for one in inventory.clients}
    sources = {one.secret.source for one in inventory.clients if one.secret}
    assert sources == {"generate", "env", "file", "keyring", "keep"}
    assert by_id["mobile-app"].secret is None
    orders = by_id["orders-importer"].secret
    assert orders is not None
    assert (orders.version, orders.length) == (2, 64 if environment == "prod" else 48)
    assert orders.deliver == f"file:{EXAMPLE.parent}/secrets/orders-importer"
    assert ("logoUrl" in by_id["orders-ui"].document) == (environment != "prod")
    assert len(by_id["orders-ui"].document["redirectUris"]) == (2 if environment == "dev" else 1)


def test_the_example_names_every_code() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert [code for code in CODES if f"#   {code} " not in text] == []


def test_the_demo(tmp_path: Path) -> None:
    inventory = loaded(tmp_path, demo_inventory(), "demo")
    assert len(inventory.clients) > 20
    assert not inventory.warnings
