"""What one event asks of the table: a profile, a status, the hash of a key; each with its own version in the row.

`client.created`, `client.updated` and `client.api_key_rotated` carry the profile under the registry's names. A field
that is not there leaves the row's alone; null empties it. A status in the payload is not obeyed: only
`client.suspended` and `client.revoked` set it, so that a late update never lifts a suspension.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from ocm_tui.core.errors import UsageError
from ocm_tui.core.registry.addresses import GIVEN_KEY, given_if_different, normalise
from ocm_tui.core.registry.events.codec import HASHES, Unparsable, decode, packed
from ocm_tui.core.registry.events.model import ClientEvent, EventType
from ocm_tui.core.registry.model import DEFAULT_RATE_LIMIT, ClientStatus
from ocm_tui.core.registry.values import LARGEST_RATE, LONGEST_CODE, LONGEST_ID
from ocm_tui.core.secret import Secret

__all__ = ["EMPTY_PROFILE", "Arrival", "arrival", "merged"]

# What of a row belongs to its profile, and what it is before anybody says so.
EMPTY_PROFILE: Final[Mapping[str, Any]] = MappingProxyType({
    "client_code": "", "bap_id": None, "bap_uri": None, "allowed_ips": (), "rate_limit": DEFAULT_RATE_LIMIT,
    "metadata": MappingProxyType({}),
})  # fmt: skip

_LONGEST_URI: Final = 2048
_STATUS: Final[Mapping[EventType, ClientStatus]] = {"client.suspended": "SUSPENDED", "client.revoked": "REVOKED"}


@dataclass(frozen=True, slots=True)
class Arrival:
    """One event, ready to be applied. `version` is the producer's, or the stream id's where it sends none.

    `profile` None: the event says nothing about it; so for `status` and `secret_hash`. `given_ips` are the texts of
    `allowed_ips` where they say something other than the networks.
    """

    stream_id: str
    event_id: str
    client_id: UUID
    version: int
    profile: Mapping[str, Any] | None = None
    status: ClientStatus | None = None
    secret_hash: Secret | None = None
    given_ips: tuple[str, ...] = ()


def arrival(stream_id: str, fields: Mapping[str, str]) -> Arrival:
    """Raises Unparsable with one sentence."""
    event = decode(stream_id, fields)
    status = _STATUS.get(event.type)
    profile = _profile(event) if status is None else None
    return Arrival(
        stream_id,
        event.event_id,
        event.client_id,
        packed(stream_id) if event.version is None else event.version,
        profile=profile,
        status=status,
        secret_hash=_hash(event) if status is None else None,
        given_ips=given_if_different(event.payload["allowed_ips"] or ()) if "allowed_ips" in (profile or ()) else (),
    )


def merged(profile: Mapping[str, Any], one: Arrival) -> dict[str, Any]:
    """`profile` after the event. The texts of the addresses are kept in the metadata, as every writer keeps them."""
    told = one.profile or {}
    after = {**profile, **told}
    if "allowed_ips" in told:
        kept = {name: value for name, value in after["metadata"].items() if name != GIVEN_KEY}
        after["metadata"] = {**kept, GIVEN_KEY: list(one.given_ips)} if one.given_ips else kept
    elif "metadata" in told and GIVEN_KEY in profile["metadata"]:
        after["metadata"] = {**after["metadata"], GIVEN_KEY: profile["metadata"][GIVEN_KEY]}
    return after


def _profile(event: ClientEvent) -> dict[str, Any] | None:
    """A rotation says nothing about the profile when its payload has no more than the hash."""
    fields = {}
    for name, read in _READERS.items():
        if name in event.payload:
            value = event.payload[name]
            fields[name] = EMPTY_PROFILE[name] if value is None else read(name, value)
    return None if event.type == "client.api_key_rotated" and not fields else fields


def _hash(event: ClientEvent) -> Secret | None:
    for name in HASHES:
        value = event.payload.get(name)
        if value is not None:
            if not isinstance(value, Secret):
                raise Unparsable(f"payload.{name} is not text")
            return value
    return None


def _text(limit: int) -> Callable[[str, Any], str]:
    def read(name: str, value: Any) -> str:
        if not isinstance(value, str) or len(value) > limit:
            raise Unparsable(f"payload.{name} is not text of at most {limit} characters")
        return value

    return read


def _rate(name: str, value: Any) -> int:
    if type(value) is not int or not 1 <= value <= LARGEST_RATE:
        raise Unparsable(f"payload.{name} is not a whole number from 1 on")
    return value


def _addresses(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Unparsable(f"payload.{name} is not a list of networks")
    try:
        return normalise(value)
    except UsageError as error:
        raise Unparsable(f"payload.{error.title}") from None


def _metadata(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unparsable(f"payload.{name} is not a JSON object")
    return value


_READERS: Final[Mapping[str, Callable[[str, Any], Any]]] = {
    "client_code": _text(LONGEST_CODE),
    "bap_id": _text(LONGEST_ID),
    "bap_uri": _text(_LONGEST_URI),
    "allowed_ips": _addresses,
    "rate_limit": _rate,
    "metadata": _metadata,
}
