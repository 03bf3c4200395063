"""The terms of the filter language: what each key means, and which values it takes."""

import fnmatch
import re
from collections.abc import Callable
from typing import Final, get_args

from ocm_tui.core.exchanges.model import Exchange, Target

__all__ = ["TERMS", "BadValue", "Predicate", "word_term"]

Predicate = Callable[[Exchange], bool]

_TARGETS: Final = get_args(Target)
_LAYERS: Final = ("dns", "tcp", "tls", "proxy", "deadline", "http", "cancelled")
_COMPARED: Final = re.compile(r"(>=|<=|>|<|=)?(\d{3})")
_DURATION: Final = re.compile(r"(>=|<=|>|<)?(\d+(?:\.\d+)?)(ms|s|m)?")
_UNITS: Final = {"ms": 1.0, "s": 1000.0, "m": 60_000.0}
_COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    "=": lambda left, right: left == right,
}


class BadValue(Exception):
    """The message says which values the key takes."""


def word_term(word: str) -> Predicate:
    """Free text, whatever the case: in what a list shows, and in the bodies."""
    wanted = word.casefold()

    def matches(exchange: Exchange) -> bool:
        error, response = exchange.error, exchange.response
        head = (
            f"{exchange.method} {exchange.status} {exchange.url} {exchange.client_id} {exchange.id} {exchange.purpose}"
        )
        return (
            wanted in head.casefold()
            or (error is not None and (wanted in error.message.casefold() or wanted == error.layer))
            or (response is not None and wanted in response.body.casefold())
            or wanted in exchange.request.body.casefold()
        )

    return matches


def _status(value: str) -> Predicate:
    tests = [_one_status(part) for part in value.lower().split(",")]
    return lambda exchange: any(test(exchange) for test in tests)


def _one_status(value: str) -> Predicate:
    if value == "error":
        return lambda exchange: exchange.error is not None or exchange.status is None
    if re.fullmatch("[1-5]xx", value):
        hundred = int(value[0])
        return lambda exchange: exchange.status is not None and exchange.status // 100 == hundred
    match = _COMPARED.fullmatch(value)
    if match is None:
        raise BadValue("such as status:404, status:4xx, status:>=500, status:404,409 or status:error")
    compare, number = _COMPARISONS[match[1] or "="], int(match[2])
    return lambda exchange: exchange.status is not None and compare(exchange.status, number)


def _method(value: str) -> Predicate:
    methods = frozenset(value.upper().split(","))
    if not all(re.fullmatch("[A-Z]+", method) for method in methods):
        raise BadValue("such as method:POST or method:PUT,POST")
    return lambda exchange: exchange.method in methods


def _path(value: str) -> Predicate:
    """With the query or without it; without a wildcard a part of the path is enough."""
    glob = _glob(f"*{value}*" if value and not _has_wildcard(value) else value, "path:/oauth/clients/*")
    return lambda exchange: bool(glob(exchange.path) or glob(exchange.path.partition("?")[0]))


def _client(value: str) -> Predicate:
    glob = _glob(value, "client:orders-*")
    return lambda exchange: exchange.client_id is not None and bool(glob(exchange.client_id))


def _run(value: str) -> Predicate:
    if not value:
        raise BadValue("the id of a run, or its beginning")
    return lambda exchange: exchange.run_id is not None and exchange.run_id.startswith(value)


def _target(value: str) -> Predicate:
    targets = frozenset(value.lower().split(","))
    if not targets <= set(_TARGETS):
        raise BadValue("one of " + ", ".join(_TARGETS))
    return lambda exchange: exchange.target in targets


def _took(value: str) -> Predicate:
    match = _DURATION.fullmatch(value.lower())
    if match is None:
        raise BadValue("such as took:>2s or took:>200ms")
    compare, milliseconds = _COMPARISONS[match[1] or ">="], float(match[2]) * _UNITS[match[3] or "s"]
    return lambda exchange: compare(exchange.duration_ms, milliseconds)


def _error(value: str) -> Predicate:
    layers = frozenset(value.lower().split(","))
    if layers == {"any"}:
        return lambda exchange: exchange.error is not None
    if not layers <= set(_LAYERS):
        raise BadValue("one of any, " + ", ".join(_LAYERS))
    return lambda exchange: exchange.error is not None and exchange.error.layer in layers


def _has_wildcard(value: str) -> bool:
    return any(sign in value for sign in "*?[")


def _glob(value: str, example: str) -> Callable[[str], re.Match[str] | None]:
    if not value:
        raise BadValue(f"such as {example}")
    return re.compile(fnmatch.translate(value), re.IGNORECASE).match


TERMS: Final[dict[str, Callable[[str], Predicate]]] = {
    "status": _status,
    "method": _method,
    "path": _path,
    "client": _client,
    "run": _run,
    "target": _target,
    "took": _took,
    "error": _error,
}
