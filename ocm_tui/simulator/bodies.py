"""Reading what was sent: query parameters and JSON bodies, and the ways in which both are refused."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NoReturn
from urllib.parse import parse_qsl

from ocm_tui.core.errors import Violation
from ocm_tui.simulator.schema import Field, Misfit, misfits
from ocm_tui.simulator.settings import Release
from ocm_tui.simulator.wire import Answer, Request, invalid, problem

__all__ = ["Rejected", "json_object", "matching", "page_slice", "parameters", "readable", "sort_order"]

_BAD_REQUEST: Final = "The request was improperly formatted or contained invalid fields."
_MOST_INT32: Final = 2**31 - 1


class Rejected(Exception):
    """The answer to a request that is not going to be carried out."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def parameters(request: Request) -> dict[str, str]:
    """Of a repeated parameter the first counts."""
    pairs = parse_qsl(request.query, keep_blank_values=True, errors="replace")
    return dict(reversed(pairs))


def page_slice(given: Mapping[str, str]) -> slice:
    """Pages count from 1. Without `numberPerPage` the first page holds everything."""
    page, size = _positive(given, "page", 1), _positive(given, "numberPerPage", _MOST_INT32)
    return slice((page - 1) * size, page * size)


def sort_order(given: Mapping[str, str]) -> bool:
    """Whether the order is descending."""
    order = given.get("sortOrder") or "ASC"
    if order not in {"ASC", "DESC"}:
        raise Rejected(invalid([Violation("Either ASC or DESC.", "invalid_value", "sortOrder")]))
    return order == "DESC"


def json_object(request: Request) -> dict[str, Any]:
    """The body; 415 when it does not say that it is JSON, 400 when it is not, or is not an object."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Rejected(Answer(415))
    try:
        value = json.loads(request.body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Rejected(Answer(400)) from None
    if not isinstance(value, dict):
        raise Rejected(problem(400, "bad_request", _BAD_REQUEST, developer="Cannot deserialize the body: no object"))
    return value


def readable(
    request: Request, fields: Mapping[str, Field], release: Release, type_name: str
) -> tuple[dict[str, Any], list[Violation]]:
    """The body without its nulls, and a violation for each property that this release does not know.

    400 for a value of a wrong type or outside an enumeration: the server stops at the first, as a JSON reader does.
    """
    body = json_object(request)
    found = list(misfits(body, fields, release))
    for one in found:
        if one.reason != "unknown":
            raise Rejected(problem(400, "bad_request", _BAD_REQUEST, developer=_developer_text(one, type_name)))
    unknown = [Violation(f"Unrecognized property '{one.path}'.", "unrecognized_property", one.path) for one in found]
    return {name: value for name, value in body.items() if value is not None}, unknown


def matching(
    items: Iterable[dict[str, Any]], given: Mapping[str, str], key: Callable[[dict[str, Any]], str]
) -> tuple[list[dict[str, Any]], int]:
    """One page of `items`, filtered and sorted by name, and how many match."""
    wanted = given.get("filter", "").casefold()
    found = sorted((one for one in items if wanted in key(one).casefold()), key=key, reverse=sort_order(given))
    return found[page_slice(given)], len(found)


def _positive(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 11 and 1 <= int(text) <= _MOST_INT32):
        raise Rejected(invalid([Violation("A whole number from 1.", "invalid_value", name)]))
    return int(text)


def _developer_text(one: Misfit, type_name: str) -> str:
    problem_text = "not of the right type" if one.reason == "type" else "not one of the values accepted"
    return f"Cannot deserialize value: {problem_text} (through reference chain: {type_name}[{one.path}])"


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
