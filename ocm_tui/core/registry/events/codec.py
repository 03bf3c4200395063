"""Events as the entries of a stream: text fields, with the payload as one JSON object.

    event_id  type  client_id  version  occurred_at  payload

`event_id`, `version`, `occurred_at` and `payload` may be missing. An entry comes from another program: whatever is in
it, `decode` gives an event or one sentence about what is wrong.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn
from uuid import UUID, uuid5

from ocm_tui.core.registry.events.model import EVENT_TYPES, ClientEvent
from ocm_tui.core.registry.masking import HASHES, masked_value
from ocm_tui.core.secret import Secret

__all__ = [
    "HASHES",
    "LARGEST_VERSION",
    "Unparsable",
    "decode",
    "encode",
    "identified",
    "masked",
    "packed",
    "unpacked",
]

LARGEST_VERSION: Final = 2**63 - 1

_SEQUENCE_BITS: Final = 20
_STREAM_ID: Final = re.compile(r"(\d{1,15})-(\d{1,20})")
_VERSION: Final = re.compile(r"\d{1,19}", re.ASCII)
_NUL: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_NAMESPACE: Final = UUID("6f0f2c5e-9f2b-5c0e-8b1a-5d6a3c1b7e42")  # of event ids that are made from a stream id
_LARGEST: Final = 1 << 20  # characters of a payload: one entry must not stop the consumer


class Unparsable(ValueError):
    """`str()` is one sentence that names the field; it quotes nothing from a payload."""


def encode(event: ClientEvent) -> dict[str, str]:
    payload = {name: value.reveal() if isinstance(value, Secret) else value for name, value in event.payload.items()}
    fields = {
        "event_id": event.event_id,
        "type": event.type,
        "client_id": str(event.client_id),
        "version": "" if event.version is None else str(event.version),
        "occurred_at": event.occurred_at,
        "payload": json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False),
    }
    return {name: text for name, text in fields.items() if text}


def decode(stream_id: str, fields: Mapping[str, str]) -> ClientEvent:
    """Raises Unparsable. Without an `event_id` the entry's place in the stream is one. Hashes are Secrets at once."""
    for name in ("type", "client_id"):
        if not fields.get(name):
            raise Unparsable(f"the field {name} is missing")
    kind = next((one for one in EVENT_TYPES if one == fields["type"]), None)
    if kind is None:
        raise Unparsable(f"its type is none of {', '.join(EVENT_TYPES)}")
    return ClientEvent(
        event_id=_event_id(stream_id, fields.get("event_id", "")),
        type=kind,
        client_id=_uuid(fields["client_id"], "client_id"),
        version=_version(fields.get("version", "")),
        occurred_at=fields.get("occurred_at", ""),
        payload=_payload(fields.get("payload", "")),
    )


def identified(source_id: str, fields: Mapping[str, str]) -> dict[str, str]:
    """The fields for being published once more: what the first stream id stood for is written down, so that the entry
    is neither a new event nor newer than it was."""
    filled = {name: text for name, text in fields.items() if text}
    return {"event_id": _event_id(source_id, ""), "version": str(packed(source_id)), **filled}


def masked(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields for showing: without hashes, also where the payload is broken."""
    shown: dict[str, str] = masked_value(fields)
    return shown


def packed(stream_id: str) -> int:
    """A stream id as one number in the same order: `ms<<20 | seq`. Raises Unparsable."""
    match = _STREAM_ID.fullmatch(stream_id)
    if match is None:
        raise Unparsable("the stream id is not of the form milliseconds-number")
    return min(int(match[1]) << _SEQUENCE_BITS | min(int(match[2]), (1 << _SEQUENCE_BITS) - 1), LARGEST_VERSION)


def unpacked(number: int) -> str:
    return f"{number >> _SEQUENCE_BITS}-{number & ((1 << _SEQUENCE_BITS) - 1)}"


def _event_id(stream_id: str, text: str) -> str:
    return str(_uuid(text, "event_id")) if text else str(uuid5(_NAMESPACE, stream_id))


def _uuid(text: str, name: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Unparsable(f"the field {name} is not a UUID") from None


def _version(text: str) -> int | None:
    """From 1 on: 0 is the version of a row that no event has touched."""
    if not text:
        return None
    if _VERSION.fullmatch(text) is None or not 1 <= int(text) <= LARGEST_VERSION:
        raise Unparsable("the field version is not a whole number from 1 on")
    return int(text)


def _payload(text: str) -> dict[str, Any]:
    if len(text) > _LARGEST:
        raise Unparsable(f"the field payload is longer than {_LARGEST:,} characters")
    try:
        payload = json.loads(text, parse_constant=_no_constant) if text else {}
        again = json.dumps(payload, allow_nan=False, ensure_ascii=False)
        again.encode()
    except (ValueError, RecursionError):
        raise Unparsable("the field payload is not JSON that a database can hold") from None
    if not isinstance(payload, dict):
        raise Unparsable("the field payload is not a JSON object")
    if _NUL.search(again):
        raise Unparsable("the field payload holds a NUL character")
    for name in HASHES:
        if isinstance(payload.get(name), str):
            # Not searched for: a consumer meets hashes without end, and the list of known secrets only grows.
            payload[name] = Secret(payload[name], search=False)
    return payload


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
