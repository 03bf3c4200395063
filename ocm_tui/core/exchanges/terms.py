"""The terms of the filter language: what each key means, and which values it takes."""

import fnmatch
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, get_args

from ocm_tui.core.exchanges.history_conditions import Condition, any_of, contains, equal, like, since
from ocm_tui.core.exchanges.model import Exchange, Target

__all__ = ["TERMS", "BadValue", "Predicate", "TermKind", "Test", "word_test"]

Predicate = Callable[[Exchange], bool]

_TARGETS: Final = get_args(Target)
_LAYERS: Final = ("dns", "tcp", "tls", "proxy", "deadline", "http", "cancelled")
_METHODS: Final = ("GET", "POST", "PUT", "DELETE")
_ABOUT_PROFILES: Final = ("probe ", "models for ")  # as `core.oci` says what a request is for
_COMPARED: Final = re.compile(r"(>=|<=|>|<|=)?(\d{3})")
_DURATION: Final = re.compile(r"(>=|<=|>|<)?(\d{1,9}(?:\.\d{1,9})?)(ms|s|m)?")
_UNITS: Final = {"ms": 1.0, "s": 1000.0, "m": 60_000.0}
_AGE: Final = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(s|m|h|d|w)")
_AGE_UNITS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 7 * 86_400.0}
_FAILED: Final = Condition("layer > ''")  # IS NOT NULL would not use the index
_COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    "=": lambda left, right: left == right,
}


class BadValue(Exception):
    """The message says which values the key takes. `start` and `length` say where in the value the fault is."""

    def __init__(self, message: str, start: int = 0, length: int | None = None) -> None:
        super().__init__(message)
        self.start, self.length = start, length


@dataclass(frozen=True, slots=True)
class Test:
    """`condition` holds, in the history, for everything that `matches`; None when SQLite cannot tell."""

    matches: Predicate
    condition: Condition | None


@dataclass(frozen=True, slots=True)
class TermKind:
    """One key. `values` are offered when it is completed, each with what it means."""

    help: str
    make: Callable[[str], Test]
    values: tuple[tuple[str, str], ...] = ()
    casefolded: bool = False  # whether the case of the value says nothing


def word_test(word: str) -> Test:
    """Free text, whatever the case: in what a list shows, and in the bodies."""
    wanted = word.casefold()

    def matches(exchange: Exchange) -> bool:
        error = exchange.error
        head = (
            f"{exchange.method} {exchange.status or ''} {exchange.url} {exchange.client_id or ''} {exchange.id} "
            f"{exchange.purpose}"
        )
        return (
            wanted in head.casefold()
            or (error is not None and (wanted in error.message.casefold() or wanted == error.layer))
            or _in_bodies(exchange, wanted)
        )

    return Test(matches, contains(wanted.split()))


def _body(value: str) -> Test:
    wanted = value.casefold()
    if not wanted:
        raise BadValue('such as body:"already in use"')
    return Test(lambda exchange: _in_bodies(exchange, wanted), contains(wanted.split()))


def _in_bodies(exchange: Exchange, wanted: str) -> bool:
    response = exchange.response
    return (response is not None and wanted in response.body.casefold()) or wanted in exchange.request.body.casefold()


def _status(value: str) -> Test:
    return _any_test(value, _one_status, "such as status:404, status:4xx, status:>=500, status:404,409 or status:error")


def _one_status(value: str) -> Test | None:
    if value == "error":
        failed = _FAILED, Condition("status IS NULL")
        return Test(lambda exchange: exchange.error is not None or exchange.status is None, any_of(failed))
    if re.fullmatch("[1-5]xx", value):
        low = int(value[0]) * 100
        return Test(
            lambda exchange: exchange.status is not None and low <= exchange.status < low + 100,
            Condition("status >= ? AND status < ?", (low, low + 100)),
        )
    match = _COMPARED.fullmatch(value)
    if match is None:
        return None
    sign, number = match[1] or "=", int(match[2])
    compare = _COMPARISONS[sign]
    return Test(
        lambda exchange: exchange.status is not None and compare(exchange.status, number),
        equal("status", number) if sign == "=" else Condition(f"status {sign} ?", (number,)),
    )


def _method(value: str) -> Test:
    def one(name: str) -> Test | None:
        method = name.upper()
        if not re.fullmatch("[A-Z]+", method):
            return None
        return Test(lambda exchange: exchange.method == method, equal("method", method))

    return _any_test(value, one, "such as method:POST or method:PUT,POST")


def _target(value: str) -> Test:
    def one(name: str) -> Test | None:
        if name not in _TARGETS:
            return None
        return Test(lambda exchange: exchange.target == name, equal("target", name))

    return _any_test(value, one, "one of " + ", ".join(_TARGETS))


def _error(value: str) -> Test:
    def one(name: str) -> Test | None:
        if name == "any":
            return Test(lambda exchange: exchange.error is not None, _FAILED)
        if name not in _LAYERS:
            return None
        return Test(
            lambda exchange: exchange.error is not None and exchange.error.layer == name,
            equal("layer", name),
        )

    return _any_test(value, one, "one of any, " + ", ".join(_LAYERS))


def _path(value: str) -> Test:
    """With the query or without it; without a wildcard a part of the path is enough."""
    pattern = f"*{value}*" if value and not _has_wildcard(value) else value
    glob = _glob(pattern, "path:/oauth/clients/*")
    return Test(
        lambda exchange: bool(glob(exchange.path) or glob(exchange.path.partition("?")[0])),
        any_of([like("path", form, exact=False, indexed=False) for form in (pattern, f"{pattern}[?]*")]),
    )


def _client(value: str) -> Test:
    glob = _glob(value, "client:orders-*")
    return Test(
        lambda exchange: exchange.client_id is not None and bool(glob(exchange.client_id)),
        like("client_id", value, indexed=not value.startswith(("*", "?", "["))),
    )


def _profile(value: str) -> Test:
    """Of OCI; what an exchange was for names it."""
    glob = _glob(value, "profile:orders-*")
    return Test(
        lambda exchange: exchange.target == "oci" and bool(glob(_profile_of(exchange.purpose))),
        replace(equal("target", "oci"), exact=False),
    )


def _profile_of(purpose: str) -> str:
    return next((purpose.removeprefix(start) for start in _ABOUT_PROFILES if purpose.startswith(start)), "")


def _run(value: str) -> Test:
    if not value:
        raise BadValue("the id of a run, or its beginning")
    return Test(
        lambda exchange: exchange.run_id is not None and exchange.run_id.startswith(value),
        Condition("run_id >= ? AND run_id < ?", (value, f"{value}\U0010ffff"), exact=False),
    )


def _took(value: str) -> Test:
    match = _DURATION.fullmatch(value.lower())
    if match is None:
        raise BadValue("such as took:>2s or took:>200ms")
    sign, milliseconds = match[1] or ">=", float(match[2]) * _UNITS[match[3] or "s"]
    compare = _COMPARISONS[sign]
    return Test(
        lambda exchange: compare(exchange.duration_ms, milliseconds),
        Condition(f"duration_ms {sign} ?", (milliseconds,)),
    )


def _since(value: str) -> Test:
    """An age, counted from the moment of asking, or a moment in UTC."""
    match = _AGE.fullmatch(value.lower())
    if match is not None:
        seconds = float(match[1]) * _AGE_UNITS[match[2]]
        return Test(lambda exchange: exchange.started_at >= time.time() - seconds, since(seconds))
    moment = _moment(value)
    return Test(lambda exchange: exchange.started_at >= moment, Condition("started_at >= ?", (moment,), indexed=False))


def _moment(value: str) -> float:
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise BadValue("such as since:15m, since:2h, since:1d or since:2026-01-31T22:00 (UTC)") from None


def _any_test(value: str, one: Callable[[str], Test | None], hint: str) -> Test:
    """Values between commas, one of which must hold."""
    tests, start = list[Test](), 0
    for part in value.lower().split(","):
        test = one(part)
        if test is None:
            raise BadValue(hint, start, len(part))
        tests.append(test)
        start += len(part) + 1
    if len(tests) == 1:
        return tests[0]
    predicates = [test.matches for test in tests]
    return Test(
        lambda exchange: any(predicate(exchange) for predicate in predicates), any_of([one.condition for one in tests])
    )


def _has_wildcard(value: str) -> bool:
    return any(sign in value for sign in "*?[")


def _glob(value: str, example: str) -> Callable[[str], re.Match[str] | None]:
    if not value:
        raise BadValue(f"such as {example}")
    return re.compile(fnmatch.translate(value), re.IGNORECASE | re.ASCII).match  # as SQLite compares


TERMS: Final[dict[str, TermKind]] = {
    "status": TermKind(
        "the status of the response",
        _status,
        (
            ("2xx", "success"),
            ("3xx", "redirection"),
            ("4xx", "refused by the server"),
            ("5xx", "failed at the server"),
            (">=400", "every failure with a status"),
            (">=400,error", "every failure"),
            ("400", "bad request"),
            ("401", "not authenticated"),
            ("403", "not allowed"),
            ("404", "not found"),
            ("409", "conflict"),
            ("422", "validation failed"),
            ("429", "too many requests"),
            ("error", "no complete response"),
        ),
    ),
    "method": TermKind("the method of the request", _method, tuple((name, "") for name in _METHODS)),
    "path": TermKind(
        "the path below the base URL; a part of it, or a pattern",
        _path,
        (("/oauth/clients", "clients"), ("/oauth/clients/*", "one client"), ("/as/token.oauth2", "tokens")),
    ),
    "client": TermKind("the client that it was about; a pattern", _client),
    "profile": TermKind("the OCI profile that it was about; a pattern", _profile),
    "run": TermKind("the apply that it was a part of; the beginning of its id is enough", _run),
    "target": TermKind(
        "where it went",
        _target,
        (
            ("server", "the authorization server"),
            ("token", "the token endpoint"),
            ("oci", "OCI"),
            ("registry", "the registry"),
        ),
    ),
    "took": TermKind(
        "how long it took",
        _took,
        ((">200ms", ""), (">1s", ""), (">2s", ""), (">10s", ""), ("<50ms", "")),
    ),
    "since": TermKind(
        "not older than that, or since a moment in UTC",
        _since,
        (("5m", "minutes"), ("15m", "minutes"), ("1h", "one hour"), ("12h", "hours"), ("1d", "one day")),
    ),
    "body": TermKind("text in one of the bodies, whatever the case", _body, casefolded=True),
    "error": TermKind(
        "why there is no complete response",
        _error,
        (
            ("any", "whatever the reason"),
            ("dns", "the host name is not known"),
            ("tcp", "no connection"),
            ("tls", "certificates and handshakes"),
            ("proxy", "the proxy on the way"),
            ("deadline", "too slow"),
            ("http", "no proper HTTP"),
            ("cancelled", "ended here"),
        ),
    ),
}
