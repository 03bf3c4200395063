"""One request as the server sees it, and its answer; and the shapes of the API's failures."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ocm_tui.core.errors import Violation

__all__ = ["BASE_PATH", "TOKEN_PATH", "Answer", "RecordedRequest", "Request", "encode", "invalid", "problem", "reply"]

BASE_PATH: Final = "/pf-admin-api/v1"
TOKEN_PATH: Final = "/as/token.oauth2"  # noqa: S105  # a path
_JSON: Final = "application/json;charset=utf-8"


@dataclass(slots=True)
class Request:
    """`path` is as it was sent, percent-encoded. Header names are lower case; of a repeated one the last counts."""

    number: int
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Answer:
    """`chunks` is for bodies that are too long to hold; then `body` is not used."""

    status: int
    body: bytes = b""
    content_type: str = _JSON
    headers: tuple[tuple[str, str], ...] = ()
    chunks: Iterator[bytes] | None = None


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One line of the simulator's own log. `status` is None when a fault kept the answer back; values of
    Authorization are not kept. The body may hold secrets in plain text, so it stays out of the repr."""

    method: str
    path: str
    query: str
    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    fault: str | None = None


def encode(value: Any) -> bytes:
    """Compact JSON in UTF-8; what no UTF-8 can hold (a lone surrogate) becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def reply(value: Any, status: int = 200) -> Answer:
    return Answer(status, encode(value))


def problem(
    status: int, result_id: str, message: str, *, developer: str = "", headers: tuple[tuple[str, str], ...] = ()
) -> Answer:
    """The API's `ApiResult`."""
    body = {"resultId": result_id, "message": message}
    if developer:
        body["developerMessage"] = developer
    return Answer(status, encode(body), headers=headers)


def invalid(
    violations: Iterable[Violation],
    result_id: str = "validation_error",
    message: str = "Validation error(s) occurred. Please review the error(s) and address accordingly.",
) -> Answer:
    """422 with all violations in one reply."""
    errors = [
        {
            "errorId": one.error_id,
            **({"fieldPath": one.field_path} if one.field_path else {}),
            "message": one.message,
        }
        for one in violations
    ]
    return reply({"resultId": result_id, "message": message, "validationErrors": errors}, 422)
