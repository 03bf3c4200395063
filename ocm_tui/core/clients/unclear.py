"""After a write whose end is unclear: what the server holds decides what is reported. Nothing is sent again here.

A reset, a deadline, a 502, 503 or 504, or a success that cannot be read: each may stand before or after the server's
work. `found` is what one reading afterwards gave: the document, or the error of the reading.

`judge_…` say what a reading proves; `settle_…` turn that into the document or the error for who asks once.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

from ocm_tui.core.clients.difference import SECRET_PATHS, difference, difference_lines, not_stored
from ocm_tui.core.clients.fields import get_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import ApiError, Conflict, NotFound, OcmError, TransportError, Unclear
from ocm_tui.core.text import clean

__all__ = [
    "Found",
    "Verdict",
    "is_unclear",
    "judge_created",
    "judge_deleted",
    "judge_replaced",
    "judge_secret",
    "settle_created",
    "settle_deleted",
    "settle_replaced",
    "settle_secret",
]

Found = ClientDocument | OcmError
# done: the server holds what was sent. not done: as it was before. other: it holds something else. gone: it holds no
# such client (any more). untold: the reading failed, or does not show it.
Verdict = Literal["done", "not done", "other", "gone", "untold"]

_GATEWAY: Final = frozenset({502, 503, 504})
_AGAIN: Final = "sending it again is safe"
_LOOK: Final = "look at the client before sending it again"

_TOLD_BY_NOTHING: Final = frozenset(
    {*SECRET_PATHS, *(f"{path.partition('.')[0]}.secondarySecrets" for path in SECRET_PATHS)}
)


def is_unclear(error: TransportError | ApiError) -> bool:
    """Whether the write that ended in `error` may have happened. A status of 200 here is an unreadable success."""
    if isinstance(error, TransportError):
        return error.maybe_applied
    return error.status in _GATEWAY or 200 <= error.status < 300


def judge_created(sent: Mapping[str, Any], found: Found) -> Verdict:
    """Secrets cannot be compared: a client that holds all else that was sent counts as the one that was sent."""
    if isinstance(found, OcmError):
        return "not done" if _is_absent(found) else "untold"
    return "other" if not_stored(sent, found) else "done"


def judge_replaced(sent: Mapping[str, Any], found: Found) -> Verdict:
    """ "other" may be what was there before: who knows that compares. A secret among what was sent is not looked at."""
    if isinstance(found, OcmError):
        return "gone" if _is_absent(found) else "untold"
    return "other" if _differing(sent, found) else "done"


def judge_deleted(found: Found) -> Verdict:
    """ "other" is a client of that id, the same one or another."""
    if isinstance(found, OcmError):
        return "done" if _is_absent(found) else "untold"
    return "other"


def judge_secret(changed_before: str | None, found: Found) -> Verdict:
    """The time of the last change tells, when it was read before and the server keeps it."""
    if isinstance(found, OcmError):
        return "gone" if _is_absent(found) else "untold"
    changed = found.get("clientSecretChangedTime") or ""
    if changed_before is None or (not changed and not changed_before):
        return "untold"
    return "not done" if changed == changed_before else "done"


def settle_created(client_id: str, sent: Mapping[str, Any], cause: OcmError, found: Found) -> ClientDocument:
    """The stored document if it holds what was sent; else Unclear, or Conflict with someone else's client."""
    name, verdict = clean(client_id, 200), judge_created(sent, found)
    if verdict == "not done":
        raise Unclear(f"client {name} was not created, as far as the server shows", detail=_story(cause), hint=_AGAIN)
    if isinstance(found, OcmError):
        raise _unknown(f"whether client {name} was created", cause, found)
    if verdict == "other":
        raise Conflict(
            f"the end of creating client {name} is unclear, and the server holds another one of that id",
            theirs=found,
            detail=_story(cause, *(f"{line.kind} {line.text}" for line in difference_lines(not_stored(sent, found)))),
        )
    return found


def settle_replaced(client_id: str, sent: Mapping[str, Any], cause: OcmError, found: Found) -> ClientDocument:
    name, verdict = clean(client_id, 200), judge_replaced(sent, found)
    if verdict == "gone":
        raise Conflict(f"client {name} is gone: it was deleted meanwhile", detail=_story(cause))
    if isinstance(found, OcmError):
        raise _unknown(f"whether client {name} was changed", cause, found)
    if verdict == "other":
        raise Unclear(
            f"client {name} was not changed, as far as the server shows",
            detail=_story(cause, f"the server holds other values of {', '.join(_differing(sent, found))}"),
            hint=_LOOK,
        )
    if any(get_value(sent, path) for path in SECRET_PATHS):
        raise Unclear(f"client {name} was changed, but whether its secret was cannot be read back", hint=_LOOK)
    return found


def settle_deleted(client_id: str, cause: OcmError, found: Found) -> None:
    name, verdict = clean(client_id, 200), judge_deleted(found)
    if isinstance(found, OcmError) and verdict == "untold":
        raise _unknown(f"whether client {name} was deleted", cause, found)
    if verdict == "other":
        raise Unclear(f"client {name} was not deleted, as far as the server shows", detail=_story(cause), hint=_AGAIN)


def settle_secret(client_id: str, changed_before: str | None, cause: OcmError, found: Found) -> None:
    what, verdict = f"the secret of client {clean(client_id, 200)}", judge_secret(changed_before, found)
    if verdict == "gone":
        raise Conflict(f"{what} is not set: the client was deleted meanwhile", detail=_story(cause))
    if isinstance(found, OcmError):
        raise _unknown(f"whether {what} was set", cause, found)
    if verdict == "untold":
        raise Unclear(
            f"it is unknown whether {what} was set: the server does not say when it changed",
            detail=_story(cause),
            hint="keep both secrets and try which one works",
        )
    if verdict == "not done":
        raise Unclear(f"{what} was not set, as far as the server shows", detail=_story(cause), hint=_AGAIN)


def _differing(sent: Mapping[str, Any], found: ClientDocument) -> list[str]:
    """All fields, not only those sent: what an edit removed must be gone. Former secrets come and go by themselves."""
    return [change.path for change in difference(sent, found) if change.path not in _TOLD_BY_NOTHING]


def _is_absent(found: OcmError) -> bool:
    """Only the API's own 404; a proxy's page says nothing about the client."""
    return isinstance(found, NotFound) and bool(found.result_id)


def _unknown(what: str, cause: OcmError, found: OcmError) -> Unclear:
    return Unclear(f"it is unknown {what}", detail=_story(cause, f"reading it back: {found.title}"), hint=_LOOK)


def _story(cause: OcmError, *more: str) -> str:
    """Always of several lines, so that the error's one sentence stays one."""
    return "\n".join([f"the write ended so: {cause.title}", *more, ""])
