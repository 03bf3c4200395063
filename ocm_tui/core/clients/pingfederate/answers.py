"""A reply of the administrative API as what it means: an object, or the typed error that names the cause.

Servers are read leniently: every member of an error may be missing, and the body may be another program's page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ocm_tui.core.clients.pingfederate.decoding import decode_json
from ocm_tui.core.clients.pingfederate.excerpts import body_kind, excerpt, without_credentials
from ocm_tui.core.errors import ApiError, Forbidden, NotFound, Unauthorised, ValidationFailed, Violation
from ocm_tui.core.exchanges.redaction import session_redactor
from ocm_tui.core.http.types import Reply
from ocm_tui.core.text import clean

__all__ = ["Question", "failure", "items_of", "object_of", "unreadable"]

_LARGEST_ERROR: Final = 2**20  # bytes of an error body that are worth decoding
_MOST_VIOLATIONS: Final = 200
_LONGEST_MESSAGE: Final = 400


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, for the words of an error: `subject` is a noun such as `client orders-api`."""

    method: str
    path: str
    subject: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class _ApiResult:
    result_id: str = ""
    message: str = ""
    violations: tuple[Violation, ...] = ()


def object_of(reply: Reply, question: Question) -> dict[str, Any]:
    """The JSON object of a success; raises the error of anything else."""
    if not reply.ok:
        raise failure(reply, question)
    try:
        value = decode_json(reply.body)
    except ValueError as error:
        raise unreadable(
            reply, question, f"not the JSON that was asked for but {body_kind(reply)}", str(error)
        ) from None
    if not isinstance(value, dict):
        raise unreadable(reply, question, "JSON, but not an object")
    return value


def items_of(reply: Reply, question: Question) -> list[dict[str, Any]]:
    """The objects in `items` of a success. An absent or null `items` is an empty list."""
    items = object_of(reply, question).get("items")
    if items is None:
        return []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise unreadable(reply, question, "JSON, but its items are not a list of objects")
    return items


def unreadable(reply: Reply, question: Question, what: str, why: str = "") -> ApiError:
    """A success that cannot be used. The status stays, so that a write knows that its end is unclear."""
    return ApiError(
        f"the answer to {question} is {what} ({reply.status})",
        status=reply.status,
        detail=_detail(reply, why, quoted=True),
        hint="is base_url the administrative API?",
        exchange_id=reply.exchange_id,
    )


def failure(reply: Reply, question: Question) -> ApiError:
    """The typed error of a reply that is not a success."""
    result = _api_result(reply)
    kind, title, hint = _named(reply, question, result)
    messages = [_violation_text(violation) for violation in result.violations] if result else []
    return kind(
        title,
        status=reply.status,
        result_id=result.result_id if result else "",
        violations=result.violations if result else (),
        detail=_detail(reply, "\n".join([result.message, *messages]) if result else "", quoted=result is None),
        hint=hint,
        exchange_id=reply.exchange_id,
        retry_after=_seconds(reply.header("Retry-After")),
    )


def _seconds(retry_after: str | None) -> float | None:
    """Of a Retry-After: a number of seconds, or a date. None when there is none that can be read."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    if not text:
        return None
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max((when - datetime.now(UTC)).total_seconds(), 0.0)


def _named(reply: Reply, question: Question, result: _ApiResult | None) -> tuple[type[ApiError], str, str]:
    """Kind, title and hint."""
    status, kind = reply.status, ApiError
    said = f": {result.message}" if result and result.message else ""
    hint = ""
    match status:
        case 400 | 422:
            kind, title = ValidationFailed, _rejection(status, question, result)
        case 401:
            kind, title = Unauthorised, f"the server does not accept the credentials (401){said}"
            hint = "check the user name and password, or the token, of this environment"
        case 403:
            kind, title = Forbidden, f"the server does not permit {question} (403){said}"
            hint = "the account may lack the role for this, or a proxy removes the X-XSRF-Header"
        case 404 if result is not None and result.result_id:
            kind, title = NotFound, f"{question.subject} does not exist on the server (404)"
        case 404:
            kind, title = NotFound, f"nothing answers to {question} there (404)"
            hint = "the path of base_url may be wrong: it usually ends in /pf-admin-api/v1"
        case 405 | 415:
            title = f"the server does not take {question} ({status}){said}"
            hint = "is base_url the administrative API, and the server's version supported?"
        case 429:
            title, wait = f"too many requests (429){said}", reply.header("Retry-After")
            hint = f"the server asks to wait: {wait}" if wait else "wait a little, then try again"
        case _ if 300 <= status < 400:
            where = without_credentials(reply.header("Location") or "nowhere")
            title, hint = f"the server redirects to {where} ({status}): base_url?", "redirects are not followed"
        case _ if status >= 500:
            title = f"the server failed at {question} ({status}){said}"
            hint = "the server, or a proxy before it, is not available now: try again" if status > 501 else ""
        case _:
            title = f"the server answered {question} with {status}{said}"
    return kind, title, hint


def _rejection(status: int, question: Question, result: _ApiResult | None) -> str:
    """The first validation error says most; how many more there are keeps anyone from fixing only that."""
    if result is None or not (result.violations or result.message):
        return f"the server rejects {question} ({status}) and does not say why"
    if not result.violations:
        return f"the server rejects {question} ({status}): {result.message}"
    more = len(result.violations) - 1
    return f"{_violation_text(result.violations[0])}{f' (+{more} more)' if more else ''}"


def _violation_text(violation: Violation) -> str:
    return f"{violation.field_path}: {violation.message}" if violation.field_path else violation.message


def _api_result(reply: Reply) -> _ApiResult | None:
    """The body as the API's own error; None when something else wrote it."""
    if not reply.body or len(reply.body) > _LARGEST_ERROR:
        return None
    try:
        value = decode_json(reply.body)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    errors = value.get("validationErrors")
    listed = errors if isinstance(errors, list) else []
    violations = tuple(_violation(item) for item in listed[:_MOST_VIOLATIONS] if isinstance(item, dict))
    result = _ApiResult(_text(value.get("resultId")), _text(value.get("message")), violations)
    return result if result != _ApiResult() else None


def _violation(item: Mapping[str, Any]) -> Violation:
    message = _text(item.get("message")) or _text(item.get("developerMessage")) or _text(item.get("errorId"))
    return Violation(message or "rejected", _text(item.get("errorId")), _text(item.get("fieldPath")))


def _text(value: Any) -> str:
    """Servers quote what they were sent, and some quote all of it."""
    return clean(session_redactor.sentence(value), _LONGEST_MESSAGE) if isinstance(value, str) else ""


def _detail(reply: Reply, words: str, *, quoted: bool) -> str:
    """Always of several lines, so that the error's one sentence stays one."""
    lines = [line for line in words.splitlines() if line]
    if quoted and reply.body:
        lines.append(f"it begins: {excerpt(reply)}")
    return "\n".join([*lines, f"exchange {reply.exchange_id}, status {reply.status}, {len(reply.body)} bytes", ""])
