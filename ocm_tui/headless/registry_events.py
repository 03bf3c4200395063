"""`registry events status|list|consume|publish|replay`."""

import asyncio
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

from ocm_tui.core.collector import collect_seldom
from ocm_tui.core.errors import ConfigError, ExitCode, NotConfigured, UsageError
from ocm_tui.core.text import clean
from ocm_tui.headless.boundary import run_async
from ocm_tui.headless.formats.documents import line as json_line
from ocm_tui.headless.formats.registry import registry_json
from ocm_tui.headless.formats.text import table
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.registry_cache import unlock_if_protected

if TYPE_CHECKING:
    from ocm_tui.core.registry.events.health import ConsumerHealth
    from ocm_tui.core.registry.events.model import ClientEvent, EventStream
    from ocm_tui.core.registry.service import ClientRegistry
    from ocm_tui.core.session import Session
    from ocm_tui.headless.registry_files import Item

__all__ = ["run"]

_STDIN: Final = Path("<stdin>")
_MOST_LETTERS: Final = 100_000
_QUIET: Final = 10.0  # seconds between two lines of health that say nothing new
_EVENT_KEYS: Final = ("event_id", "type", "client_id", "client_code", "version", "occurred_at", "payload")


def run(invocation: Invocation) -> int:
    options = invocation.options
    for name in ("batch", "count"):
        if not 1 <= getattr(options, name, 1) <= 10_000:
            raise UsageError(f"--{name} is a whole number from 1 to 10000")
    verbs = {"status": _status, "list": _list, "consume": _consume, "publish": _publish, "replay": _replay}
    return run_async(lambda: verbs[options.verb](invocation))


async def _status(invocation: Invocation) -> int:
    from ocm_tui.headless.formats.registry_status import stream_lines

    output = invocation.output
    async with invocation.session() as session:
        _, stream = await _opened(session)
        status = await stream.status()
    if output.format == "json":
        output.data(registry_json({"stream": status.as_json()}))
    else:
        output.data("\n".join(stream_lines(status, color=output.color)) + "\n")
    return ExitCode.OK if status.reachable else ExitCode.UNREACHABLE


async def _list(invocation: Invocation) -> int:
    from ocm_tui.core.registry.events.codec import masked

    options, output = invocation.options, invocation.output
    async with invocation.session() as session:
        _, stream = await _opened(session)
        items: list[dict[str, Any]]
        if options.dead:
            items = [
                {"id": one.letter_id, "source_id": one.source_id, "error": one.error, "fields": masked(one.fields)}
                for one in await stream.letters(options.count)
            ]
        else:
            items = [
                {"id": one.stream_id, "fields": masked(one.fields or {})} for one in await stream.tail(options.count)
            ]
    match output.format:
        case "json":
            output.data(registry_json({"items": items}))
        case "jsonl":
            output.data("".join(json_line("registry", item) for item in items))
        case _ if items:
            output.data(_table(items, dead=options.dead))
    what = "dead letter" if options.dead else "event"
    output.say(f"{len(items)} {what}{'' if len(items) == 1 else 's'}")
    return ExitCode.OK


def _table(items: Sequence[dict[str, Any]], *, dead: bool) -> str:
    rows = [
        (
            clean(item["id"], 40),
            clean(item["fields"].get("type", ""), 40),
            clean(item["fields"].get("client_id", ""), 40),
            clean(item["fields"].get("version", ""), 20),
            clean(item["error"] if dead else item["fields"].get("payload", ""), 100),
        )
        for item in items
    ]
    return table(("Id", "Type", "Client", "Version", "Error" if dead else "Payload"), rows, right=(3,))


async def _consume(invocation: Invocation) -> int:
    """Until SIGTERM or SIGINT: then the batch at hand is finished, and the exit code is 0."""
    from ocm_tui.core.registry.events.consumer import EventConsumer

    options, output = invocation.options, invocation.output
    collect_seldom()
    async with invocation.session() as session:
        registry, _ = await _opened(session)
        await unlock_if_protected(invocation, session)
        block_ms = 100 if options.drain else 2000
        consumer = EventConsumer(registry, name=options.name, batch=options.batch, block_ms=block_ms)
        stop = asyncio.Event()
        health = _Health(invocation, stop, drain=options.drain)
        registry.start_relay()
        with _stopped_by_signals(stop):
            await consumer.run(stop, health.take)
        if options.drain:
            await registry.drain_outbox()
    if output.format == "json":
        output.data(registry_json({"consumer": consumer.health.as_json()}))
    output.say(consumer.health.line())
    return ExitCode.OK


class _Health:
    """A line when something changed that people want to know, and now and then while events flow."""

    def __init__(self, invocation: Invocation, stop: asyncio.Event, *, drain: bool) -> None:
        self._output, self._progress = invocation.output, invocation.progress
        self._stop, self._drain = stop, drain
        self._said, self._last, self._batches = ("", ""), 0.0, -1

    def take(self, health: "ConsumerHealth") -> None:
        self._progress.done, self._progress.left = health.line(), ""
        now, state = asyncio.get_running_loop().time(), (str(health.state), health.problem)
        if state != self._said or (health.batches > self._batches and now - self._last > _QUIET):
            self._said, self._last = state, now
            if health.state != "stopped":
                self._output.say(clean(health.line()))
        if self._drain and health.state == "running" and health.batches == self._batches and not health.retrying:
            self._stop.set()  # a look that found nothing
        self._batches = health.batches


@contextmanager
def _stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    """The first signal asks for a good end; the next one ends the command as it does everywhere."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None
    numbers: tuple[signal.Signals, ...] = (signal.SIGTERM, signal.SIGINT)

    def asked() -> None:
        if stop.is_set():
            task.cancel()
        stop.set()

    try:
        for number in numbers:
            loop.add_signal_handler(number, asked)
    except (RuntimeError, ValueError):  # not the main thread: nobody sends it signals
        numbers = ()
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


async def _publish(invocation: Invocation) -> int:
    options, output = invocation.options, invocation.output
    items = await asyncio.to_thread(_read, options.file)
    async with invocation.session() as session:
        registry, stream = await _opened(session)
        await unlock_if_protected(invocation, session)
        session.policy.require("publish client events")
        events = [_event(item, registry.server_base_url) for item in items]
        ids = await stream.publish(events)
    if output.format == "json":
        published = [
            {"id": id_, "event_id": event.event_id, "type": event.type, "client_id": str(event.client_id)}
            for id_, event in zip(ids, events, strict=True)
        ]
        output.data(registry_json({"items": published}))
    output.say(f"{len(ids):,} {'event' if len(ids) == 1 else 'events'} published to {clean(stream.name, 200)}")
    return ExitCode.OK


async def _replay(invocation: Invocation) -> int:
    output, only = invocation.output, invocation.options.only
    async with invocation.session() as session:
        _, stream = await _opened(session)
        await unlock_if_protected(invocation, session)
        session.policy.require("replay dead letters")
        ids = [letter.letter_id for letter in await stream.letters(_MOST_LETTERS)]
        unknown = next((one for one in only if one not in ids), None)
        if unknown is not None:
            raise UsageError(f"there is no dead letter {clean(unknown, 60)}", hint="`registry events list --dead`")
        wanted = [one for one in ids if not only or one in only]
        published = await stream.replay(wanted)
    if output.format == "json":
        output.data(registry_json({"requested": len(wanted), "published": published}))
    output.say(f"{len(wanted):,} dead letters, {published:,} published again")
    return ExitCode.OK


async def _opened(session: "Session") -> "tuple[ClientRegistry, EventStream]":
    registry = await session.require_registry()
    if registry.stream is None:
        raise NotConfigured(
            f"the registry of {session.environment} has no event stream",
            hint=f"add environments.{session.environment}.registry.cache: the stream is in the same Redis",
        )
    return registry, registry.stream


def _read(name: str) -> "list[Item]":
    from ocm_tui.headless.registry_files import read_items

    if name != "-":
        return read_items(Path(name).expanduser())
    if sys.stdin is None:
        raise ConfigError("there is no stdin to read from", path=_STDIN)
    return read_items(_STDIN, sys.stdin.buffer.read())


def _event(item: "Item", base_url: str) -> "ClientEvent":
    """ConfigError with the line for what no consumer would take."""
    from ocm_tui.core.registry.events.arrivals import arrival
    from ocm_tui.core.registry.events.codec import Unparsable, encode
    from ocm_tui.core.registry.events.model import EVENT_TYPES, ClientEvent
    from ocm_tui.core.registry.model import derived_id

    values = item.values
    unknown = next((name for name in values if name not in _EVENT_KEYS), None)
    if unknown is not None:
        raise item.error(f"{clean(unknown, 80)} is no field of an event", f"known: {', '.join(_EVENT_KEYS)}")
    if values.get("type") not in EVENT_TYPES:
        raise item.error("type is wrong or missing", f"one of {', '.join(EVENT_TYPES)}")
    code, given = values.get("client_code"), values.get("client_id")
    if not isinstance(given or code, str):
        raise item.error("client_id is missing", "its UUID, or client_code from which the UUID is derived")
    payload = values.get("payload") or {}
    version = values.get("version")
    if not isinstance(payload, dict) or not (version is None or (type(version) is int and version > 0)):
        raise item.error("payload is a mapping, and version a whole number from 1")
    try:
        client_id = UUID(str(given)) if given else derived_id(base_url, str(code))
        event = ClientEvent(
            event_id=str(UUID(str(values["event_id"]))) if values.get("event_id") else str(uuid4()),
            type=values["type"],
            client_id=client_id,
            version=version,
            occurred_at=str(values.get("occurred_at") or _now()),
            payload={**payload, "client_code": code} if code and "client_code" not in payload else payload,
        )
        arrival("0-1", encode(event))
    except Unparsable as error:
        raise item.error(f"event of {clean(code or given, 80)}: {error}") from None
    except ValueError:
        raise item.error("client_id and event_id are UUIDs") from None
    return event


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
