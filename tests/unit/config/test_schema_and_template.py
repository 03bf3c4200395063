"""The JSON Schema agrees with the models; the starter file and the example are valid as they are."""

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from ocm_tui.config.connect import server_http_config
from ocm_tui.config.loading import load_configuration
from ocm_tui.config.models import ConfigurationFile, Section
from ocm_tui.config.schema import configuration_schema
from ocm_tui.config.template import STARTER
from ocm_tui.core.positioned.positions import parse_yaml
from tests.unit.config.support import ENVIRON, load, write
from tests.unit.config.test_wrong_configuration import WRONG

EXAMPLE = Path(__file__).parents[3] / "examples" / "config.yaml"


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = configuration_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def _sections(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [("top", schema), *schema["$defs"].items()]


def test_every_key_is_described() -> None:
    for name, section in _sections(configuration_schema()):
        for key, declared in section["properties"].items():
            assert declared.get("description"), f"{name}.{key}"


def test_the_schema_names_its_dialect_and_refuses_unknown_keys() -> None:
    schema = configuration_schema()
    assert next(iter(schema)) == "$schema"
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert all(section["additionalProperties"] is False for _, section in _sections(schema))


# What only a reader of the whole file sees: duplicates, references that are malformed, keys that need another one, ...
BEYOND_A_SCHEMA = re.compile(
    r"twice|names an environment|absolute URL|no host|port|URL that can be used|user name or a|a query|a `#`|a space"
    r"|control character|home|needs `|reference \(|not such a URL|cuts the URL|one `@`|must be text; .* found text"
)


@pytest.mark.parametrize(
    "text",
    [
        text
        for text, expected in WRONG
        if ".nan" not in text and not all(BEYOND_A_SCHEMA.search(message) for _, _, message, _ in expected)
    ],
)
def test_what_the_models_refuse_the_schema_refuses(validator: jsonschema.Draft202012Validator, text: str) -> None:
    assert list(validator.iter_errors(parse_yaml(text, Path("config.yaml")).data))


@pytest.mark.parametrize(
    "text",
    [
        "environments: {dev: }",
        "environments: {dev: {server: , registry: {}, oci: {config_file: }, inventory: i, protected: '${env:P}'}}",
        "environments: {dev: {server: {base_url: 'https://h', timeout: 3, concurrency: '${env:N}'}}}",
        "environments: {dev: {server: {base_url: 'https://h', timeout: {total: 1.5, read: '${env:N}'}}}}",
        "environments: {dev: {server: {base_url: 'https://h', timeout: '${env:N}', tls: {verify: no}}}}",
    ],
)
def test_what_the_models_accept_the_schema_accepts(
    validator: jsonschema.Draft202012Validator, tmp_path: Path, text: str
) -> None:
    configuration = load(tmp_path, text)
    assert list(validator.iter_errors(configuration.document.data)) == []


def test_the_example_is_valid_and_complete(validator: jsonschema.Draft202012Validator) -> None:
    environ = ENVIRON | {"STAGING_HOST": "pf.staging.example.com", "HOME": "/home/ocm"}
    configuration = load_configuration(EXAMPLE, environ)
    assert configuration.warnings == ()
    assert configuration.default == "dev"
    for name in configuration.names:
        assert configuration.environment(name).server is not None
    assert list(validator.iter_errors(configuration.document.data)) == []
    assert server_http_config(configuration.environment()).http.base_url.endswith("/pf-admin-api/v1")
    missing = _keys_of_models() - _keys(configuration.document.data)
    assert missing == set(), "the example shows every key"


def test_the_starter_is_valid(validator: jsonschema.Draft202012Validator, tmp_path: Path) -> None:
    configuration = load(tmp_path, STARTER)
    assert configuration.warnings == ()
    assert configuration.environment().server is not None
    assert list(validator.iter_errors(configuration.document.data)) == []


def test_what_the_starter_has_commented_out_is_valid_too(tmp_path: Path) -> None:
    """Only what is indented: the head of the file is prose."""
    text = re.sub(r"(?m)^( +)# (\s*[a-z_]+:)", r"\1\2", STARTER)
    text = text.replace("ca_file: ca.pem", f"ca_file: {write(tmp_path, '', 'ca.pem')}")
    assert text.count("#") < STARTER.count("#")
    environment = load(tmp_path, text).environment()
    assert environment.read_only
    assert environment.registry is not None
    assert environment.registry.database is not None
    assert environment.server is not None
    assert environment.server.tls.ca_file == tmp_path / "ca.pem"
    assert environment.inventory == tmp_path / "client-inventory.yaml"
    assert yaml.safe_load(text)["environments"]["dev"]["oci"] == {"config_file": "~/.oci/config"}


def _keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(_keys, value.values()))
    return set()


def _keys_of_models() -> set[str]:
    pending: list[type[Section]] = [ConfigurationFile]
    keys: set[str] = set()
    while pending:
        model = pending.pop()
        keys |= set(model.model_fields)
        pending += model.__subclasses__()
    pending = list(Section.__subclasses__())
    return keys.union(*(model.model_fields for model in pending))
