"""What a person does to the stream: publish events (tests, a sync by hand), and give dead letters another chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from ocm_tui.core.errors import NotConfigured, UsageError
from ocm_tui.core.registry.events.arrivals import arrival
from ocm_tui.core.registry.events.codec import Unparsable, decode
from ocm_tui.core.registry.events.model import ClientEvent, EventStream
from ocm_tui.core.registry.service import ClientRegistry

__all__ = ["Published", "Replayed", "events_from", "publish", "replay"]

_NO_ID: Final = "0-1"  # stands for the stream id that an event does not have yet
_ALL: Final = 10_000
_KNOWN: Final = ("event_id", "type", "client_id", "version", "occurred_at", "payload")


@dataclass(frozen=True, slots=True)
class Published:
    stream: str
    stream_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Replayed:
    """`letters` that were there, and as how many entries they were `published`: one for each source."""

    letters: int
    published: int


async def publish(registry: ClientRegistry, events: Sequence[ClientEvent]) -> Published:
    """Raises Refused, StreamUnreachable (then some of them may have been published: publishing them once more does no
    harm, as long as their event ids are the same), RegistryDenied."""
    stream = _stream_of(registry)
    registry.policy.require(f"publish {len(events)} client events")
    return Published(stream.name, await stream.publish(events))


async def replay(registry: ClientRegistry, letter_ids: Sequence[str] | None = None) -> Replayed:
    """Dead letters into the stream once more; None: all of them. UsageError for one that is not there."""
    stream = _stream_of(registry)
    registry.policy.require("replay dead letters")
    there = {letter.letter_id: letter.source_id for letter in await stream.letters(_ALL)}
    missing = [one for one in letter_ids or () if one not in there]
    if missing:
        raise UsageError(f"there is no dead letter {missing[0]}", hint="`ocm-tui registry events status` counts them")
    wanted = list(there) if letter_ids is None else list(dict.fromkeys(letter_ids))
    return Replayed(len(wanted), await stream.replay(wanted))


def events_from(documents: Sequence[Any]) -> list[ClientEvent]:
    """Decoded JSON or YAML, one mapping per event, as in the stream but with `payload` as a mapping.

    An event without `event_id` gets a new one. UsageError names the event by its place, from 1 on, and what is wrong
    with it: nothing is published that a consumer would bury.
    """
    return [_event(place, document) for place, document in enumerate(documents, 1)]


def _event(place: int, document: Any) -> ClientEvent:
    import json

    if not isinstance(document, Mapping):
        raise UsageError(f"event {place} is not a mapping", hint=f"its keys are {', '.join(_KNOWN)}")
    unknown = [str(key) for key in document if key not in _KNOWN]
    if unknown:
        raise UsageError(f"event {place}: unknown key {unknown[0]}", hint=f"the keys are {', '.join(_KNOWN)}")
    fields = {"event_id": str(uuid4()), **{key: str(value) for key, value in document.items() if value is not None}}
    try:
        if document.get("payload") is not None:
            fields["payload"] = json.dumps(document["payload"], ensure_ascii=False, default=str)
        arrival(_NO_ID, fields)
        return decode(_NO_ID, fields)
    except Unparsable as error:
        raise UsageError(f"event {place}: {error}") from None
    except (ValueError, RecursionError):
        raise UsageError(f"event {place}: its payload is not JSON") from None


def _stream_of(registry: ClientRegistry) -> EventStream:
    if registry.stream is None:
        raise NotConfigured("the registry has no event stream", hint="set `cache` of its registry to a Redis URL")
    return registry.stream
