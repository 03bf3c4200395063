"""The server's published contract, to hold traffic against it. The document is not part of the project."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
import yaml

__all__ = ["DOCUMENT", "needs_contract", "operation_of", "request_problems", "response_problems", "schema"]

DOCUMENT: Final = Path(__file__).parents[3] / "shared" / "contract" / "pingfederate-admin-api.openapi.yaml"

needs_contract = pytest.mark.skipif(not DOCUMENT.exists(), reason=f"the server's contract is not at {DOCUMENT}")

_JSON_TYPES: Final = {"boolean": re.compile("true|false"), "integer": re.compile(r"-?\d+")}


@lru_cache(1)
def _document() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load(DOCUMENT.read_text("utf-8"), loader)
    return document


@lru_cache(1)
def _strict_schemas() -> dict[str, Any]:
    """Every object with properties refuses others; what is composed of several (`allOf`) checks the whole."""
    schemas: dict[str, Any] = _closed(_document()["components"]["schemas"])
    return schemas


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {name: _closed(value) for name, value in node.items()}
    if isinstance(node.get("properties"), dict) and "additionalProperties" not in node:
        copy["unevaluatedProperties"] = False
    return copy


def schema(name: str) -> dict[str, Any]:
    """A component schema as published."""
    found: dict[str, Any] = _document()["components"]["schemas"][name]
    return found


def operation_of(method: str, path: str) -> dict[str, Any] | None:
    """The operation for a path below the base URL, without the query; None when the contract has none."""
    for template, operations in _document()["paths"].items():
        pattern = re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and method.lower() in operations:
            found: dict[str, Any] = operations[method.lower()]
            return found
    return None


def request_problems(method: str, path: str, query: dict[str, str], body: Any) -> list[str]:
    """What is wrong with a request; unknown fields and parameters are. `body` None means that none was sent."""
    operation = operation_of(method, path)
    if operation is None:
        return [f"no such operation: {method} {path}"]
    problems = _query_problems(operation, query)
    content = operation.get("requestBody", {}).get("content", {})
    if body is None:
        return [*problems, f"{method} {path} needs a body"] if content else problems
    media = content.get("application/json") or content.get("*/*")
    if media is None:
        return [*problems, f"{method} {path} takes no body"]
    return problems + _problems(media["schema"], body, strict=True)


def response_problems(method: str, path: str, status: int, body: Any) -> list[str]:
    """What is wrong with a reply; members that the contract does not name are allowed."""
    operation = operation_of(method, path)
    response = operation and operation["responses"].get(str(status))
    if not response:
        return [f"no reply {status} is declared for {method} {path}"]
    media = response.get("content", {}).get("application/json")
    return _problems(media["schema"], body, strict=False) if media and body is not None else []


def _query_problems(operation: dict[str, Any], query: dict[str, str]) -> list[str]:
    declared = {one["name"]: one for one in operation.get("parameters", ()) if one.get("in") == "query"}
    unknown = [f"unknown parameter {name}" for name in query if name not in declared]
    wrong = [
        f"{name}={value} is no {kind}"
        for name, value in query.items()
        if name in declared
        and (kind := declared[name]["schema"].get("type")) in _JSON_TYPES
        and not _JSON_TYPES[kind].fullmatch(value)
    ]
    return unknown + wrong


def _problems(node: dict[str, Any], value: Any, *, strict: bool) -> list[str]:
    schemas = _strict_schemas() if strict else _document()["components"]["schemas"]
    root = {**node, "components": {"schemas": schemas}}
    validator = jsonschema.Draft202012Validator(root)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
