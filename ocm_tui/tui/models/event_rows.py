"""Events of the client stream as lines: newest first, hashes masked, whatever stands in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from textual.content import Content

from ocm_tui.core.text import clean
from ocm_tui.tui.tones import TONES

if TYPE_CHECKING:
    from ocm_tui.core.registry.events.model import Delivery

__all__ = ["EventLine", "clock_text", "event_line", "events_content"]

_TONES: Final = {
    "client.created": "good",
    "client.updated": "",
    "client.api_key_rotated": "name",
    "client.suspended": "warn",
    "client.revoked": "bad",
}


@dataclass(frozen=True, slots=True)
class EventLine:
    """`client_id` is None for what cannot be read; `what` is safe."""

    stream_id: str
    client_id: UUID | None
    kind: str
    tone: str
    what: str

    def content(self, name: str, width: int) -> Content:
        """`name` is who the client is, in the reader's words."""
        kind = self.kind.removeprefix("client.")
        parts = Content.assemble(
            (f"{clock_text(self.stream_id)}  ", TONES["dim"]),
            (f"{clean(kind, 20):<16}", TONES[self.tone]),
            Content(f"{clean(name, 60)}"),
            (f"  {self.what}" if self.what else "", TONES["dim"]),
        )
        return parts[:width]


def event_line(delivery: "Delivery") -> EventLine:
    from ocm_tui.core.registry.events.codec import Unparsable, decode, masked

    fields = delivery.fields or {}
    shown = masked(fields)
    kind = clean(shown.get("type", "") or "?", 40)
    try:
        event = decode(delivery.stream_id, fields)
    except Unparsable as error:
        return EventLine(delivery.stream_id, None, kind, "bad", f"unreadable: {clean(error, 200)}")
    version = f"v{event.version} " if event.version is not None else ""
    payload = clean(shown.get("payload", ""), 400)
    what = version + (payload if payload != "{}" else "")
    return EventLine(delivery.stream_id, event.client_id, event.type, _TONES.get(event.type, ""), what)


def events_content(lines: Sequence[EventLine], client_id: UUID, width: int) -> Content:
    """Those of one client, newest first."""
    own = [line for line in lines if line.client_id == client_id]
    if not own:
        searched = f"None of the {len(lines):,} newest events is about this client." if lines else "No events yet."
        return Content.styled(searched, TONES["dim"])
    return Content("\n").join([line.content("", max(width, 20) * 4) for line in reversed(own)])


def clock_text(stream_id: str) -> str:
    """A stream id begins with milliseconds since 1970."""
    head = stream_id.partition("-")[0]
    try:
        return datetime.fromtimestamp(int(head) / 1000, UTC).strftime("%H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return "??:??:??"
