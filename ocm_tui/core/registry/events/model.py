"""One message of the client event stream, and the stream as the consumer sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, get_args
from uuid import UUID

__all__ = [
    "EVENT_TYPES",
    "ClientEvent",
    "DeadLetter",
    "Delivery",
    "EventStream",
    "EventType",
    "StreamConsumer",
    "StreamStatus",
]

EventType = Literal["client.created", "client.updated", "client.api_key_rotated", "client.suspended", "client.revoked"]

EVENT_TYPES: Final[tuple[EventType, ...]] = get_args(EventType)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientEvent:
    """`version` orders the events of one client; None when the producer sends none (then the stream id orders them).

    `payload` holds the profile's fields under the registry's names. `occurred_at` is for showing: clocks differ.
    """

    event_id: str  # a UUID
    type: EventType
    client_id: UUID
    version: int | None = None
    occurred_at: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One entry as the stream hands it over. `fields` None: the entry was trimmed away while it was pending."""

    stream_id: str  # `ms-seq`
    fields: Mapping[str, str] | None
    times: int = 1  # how often it was delivered


@dataclass(frozen=True, slots=True)
class DeadLetter:
    letter_id: str
    source_id: str
    error: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StreamConsumer:
    name: str
    pending: int
    idle_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStatus:
    """None is what the server does not say, or what this account may not see (`denied` names those commands)."""

    name: str
    address: str = ""
    reachable: bool = True
    problem: str = ""
    length: int | None = None
    lag: int | None = None
    pending: int | None = None
    oldest_pending_ms: int | None = None
    consumers: tuple[StreamConsumer, ...] = ()
    dead_letters: int | None = None
    denied: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "address": self.address,
            "reachable": self.reachable,
            "problem": self.problem or None,
            "length": self.length,
            "lag": self.lag,
            "pending": self.pending,
            "oldest_pending_ms": self.oldest_pending_ms,
            "consumers": [{"name": one.name, "pending": one.pending, "idle_ms": one.idle_ms} for one in self.consumers],
            "dead_letters": self.dead_letters,
            "denied": list(self.denied),
        }


class EventStream(Protocol):
    """One stream, its one consumer group `client-registry`, and its dead letters. At least once: an entry that was not
    acknowledged comes again. Raises StreamUnreachable and RegistryDenied."""

    @property
    def name(self) -> str: ...

    @property
    def address(self) -> str: ...

    async def join(self, consumer: str) -> None:
        """Make stream and group if they are not there; from now on this is our name in the group."""
        ...

    async def leave(self) -> None:
        """Take our name out of the group, unless something is still pending under it: others claim that."""
        ...

    async def backlog(self, count: int = 200) -> Sequence[Delivery]:
        """What we were given before and did not acknowledge; empty when there is none left."""
        ...

    async def read(self, count: int = 200, *, block_ms: int = 2000) -> Sequence[Delivery]:
        """New entries; empty after `block_ms` without one."""
        ...

    async def claim(self, *, idle_ms: int = 60_000, count: int = 200) -> Sequence[Delivery]:
        """What other consumers left pending for `idle_ms` and longer."""
        ...

    async def acknowledge(self, stream_ids: Sequence[str]) -> None: ...

    async def bury(self, delivery: Delivery, error: str) -> None:
        """To the dead letters first, acknowledged then."""
        ...

    async def publish(self, events: Sequence[ClientEvent]) -> Sequence[str]:
        """The stream ids."""
        ...

    async def tail(self, count: int = 50) -> Sequence[Delivery]:
        """The newest entries, newest last, without delivering them to anyone."""
        ...

    async def letters(self, count: int = 100) -> Sequence[DeadLetter]: ...

    async def replay(self, letter_ids: Sequence[str]) -> int:
        """Publish dead letters once more, each source once, and drop them; how many were published."""
        ...

    async def trim(self) -> int:
        """Drop what every consumer is done with for a day; never what is pending."""
        ...

    async def status(self) -> StreamStatus: ...

    async def close(self) -> None: ...
