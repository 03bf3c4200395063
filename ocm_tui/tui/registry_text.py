"""One client of the registry in words: its row, and the cached value beside it."""

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from textual.content import Content

from ocm_tui.core.registry.addresses import GIVEN_KEY
from ocm_tui.core.text import clean, clean_lines
from ocm_tui.tui.client_text import value_text
from ocm_tui.tui.models.registry_cells import CACHE_MARKS, STATUS_MARKS, WRONG, ttl_text
from ocm_tui.tui.side_by_side import columns_line
from ocm_tui.tui.state import age_text
from ocm_tui.tui.tones import TONES

if TYPE_CHECKING:
    from ocm_tui.core.registry.inspection import ClientInspection
    from ocm_tui.core.registry.model import RegistryClient

__all__ = ["cache_content", "labelled", "raw_content", "row_content"]

_LABEL_WIDTH: Final = 18
_MEANING: Final = {
    "fresh": "the cached value is that of the row",
    "stale": "readers of the cache see something else than the row says",
    "orphan": "readers of the cache see a client that has no row",
    "missing": "nothing is cached: the next read takes the row",
    "corrupt": "the cached value is none of ours, or cannot be read",
    "negative": "the cache says that there is no such client, and there is none",
}
_MOST_RAW: Final = 64_000  # characters of a cached value that are shown


def labelled(label: str, value: "Content | str", tone: str = "") -> Content:
    shown = value if isinstance(value, Content) else Content.styled(value, TONES[tone])
    return Content.assemble((f"{label[:_LABEL_WIDTH]:<{_LABEL_WIDTH}} ", TONES["dim"]), shown)


# The row


def row_content(client: "RegistryClient", *, propagated: bool = True) -> Content:
    mark, tone = STATUS_MARKS.get(client.status, ("?", "dim"))
    status = Content.styled(f"{mark} {clean(client.status, 20)}", TONES[tone])
    lines = [status]
    if not propagated:
        lines.append(
            Content.styled("◐ not yet propagated: readers of the cache may see the former value", TONES["warn"])
        )
    lines += [Content(""), labelled("client id", str(client.client_id)), labelled("code", _text(client.client_code))]
    lines += [labelled("bap id", _text(client.bap_id)), labelled("bap uri", _text(client.bap_uri))]
    lines.append(labelled("rate limit", f"{client.rate_limit:,}"))
    lines += _networks(client)
    lines.append(
        labelled("secret", "a hash is stored" if client.has_secret else "none", "" if client.has_secret else "dim")
    )
    lines += [Content(""), Content.styled("Versions", TONES["head"]), *_versions(client)]
    lines += [Content(""), Content.styled("Times", TONES["head"]), *_times(client)]
    if client.metadata:
        lines += [Content(""), Content.styled("Metadata", TONES["head"])]
        lines += [
            labelled(clean(name, 60), value_text(value))
            for name, value in list(client.metadata.items())[:100]
            if name != GIVEN_KEY
        ]
    return Content("\n").join(lines)


def _networks(client: "RegistryClient") -> Iterator[Content]:
    if not client.allowed_ips:
        yield labelled("networks", "none set: no restriction, or nobody – the registry does not say", "dim")
        return
    given = client.metadata.get(GIVEN_KEY)
    for number, network in enumerate(client.allowed_ips[:100]):
        yield labelled("networks" if not number else "", clean(network, 80))
    if len(client.allowed_ips) > 100:
        yield labelled("", f"… {len(client.allowed_ips) - 100:,} more", "dim")
    if isinstance(given, list) and given:
        yield labelled("", f"given as {clean(', '.join(map(str, given)), 300)}", "dim")


def _versions(client: "RegistryClient") -> Iterator[Content]:
    if client.row_version:
        yield labelled("row", str(client.row_version))
    else:
        yield labelled("row", "none: comparisons go by the time of the last change", "warn")
    yield labelled("profile", str(client.profile_version))
    yield labelled("status", str(client.status_version))


def _times(client: "RegistryClient") -> Iterator[Content]:
    for label, at in (
        ("last synced", client.last_synced_at),
        ("updated", client.updated_at),
        ("created", client.created_at),
    ):
        yield labelled(label, _moment(at), "" if at is not None else "dim")


def _moment(at: datetime | None) -> str:
    if at is None:
        return "never"
    stamp = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return f"{stamp}  {age_text(time.time() - at.timestamp())} ago"


def _text(value: str | None) -> str:
    return clean(value, 400) if value else "–"


# The cached value beside the row


def cache_content(found: "ClientInspection", left: float | None, width: int) -> Content:
    """`left` is the time to live now, in seconds; `width` in cells."""
    lines = [*_verdict(found)]
    lines += [Content(""), labelled("time to live", ttl_text(left))]
    version = found.cache_version if found.cache_version is not None and found.cache_version >= 0 else None
    row_version = found.row.row_version if found.row is not None else None
    lines.append(labelled("version", f"cache {_or_dash(version)} · row {_or_dash(row_version or None)}"))
    if found.state in WRONG or found.state == "missing":
        lines.append(labelled("", Content.assemble(("f", TONES["key"]), " puts it right")))
    lines += [Content(""), *_compared(found, width)]
    if found.raw is not None:
        lines += [Content(""), Content.styled(f"Value, {len(found.raw):,} bytes", TONES["head"])]
        lines.append(raw_content(found.raw))
    return Content("\n").join(lines)


def _verdict(found: "ClientInspection") -> Iterator[Content]:
    if found.state is not None:
        mark, tone = CACHE_MARKS[found.state]
        yield Content.styled(f"{mark} {found.state}: {_MEANING[found.state]}", TONES[tone])
    elif not (found.database_problem or found.cache_problem):
        yield Content.styled("– neither a row nor a cached value", TONES["dim"])
    for part, problem in (("database", found.database_problem), ("cache", found.cache_problem)):
        if problem:
            yield Content.styled(f"▲ {part}: {clean(problem, 300)}", TONES["bad"])
            yield Content.styled(
                f"? whether the cached value is that of the row is unknown without the {part}", TONES["warn"]
            )
    if found.approximate:
        yield Content.styled("~ approximate: the table has no versions", TONES["warn"])
    if found.problem:
        yield Content.styled(clean(found.problem, 300), TONES["bad"])
    if found.cached_at is not None:
        yield labelled("copied", _moment(found.cached_at))


def _or_dash(value: int | None) -> str:
    return "–" if value is None else str(value)


def _compared(found: "ClientInspection", width: int) -> Iterable[Content]:
    if found.cached is None or found.row is None:
        return
    if not found.differences:
        yield Content.styled("Every field is the same.", TONES["good" if found.state == "fresh" else ""])
        return
    yield from columns_line(("cache", "head"), ("row", "head"), width)
    for field, cached, row in found.differences:
        yield Content.styled(clean(field, 60), TONES["name"])
        yield from columns_line((f"  {_value(cached)}", "bad"), (_value(row), "good"), width)


def _value(value: Any) -> str:
    """Texts come as they are, and other values of JSON in words."""
    return clean(value, 2000) if isinstance(value, str) and value else value_text(value)


def raw_content(raw: bytes) -> Content:
    """The value as JSON; as text where it is none, and in hexadecimal where it is no text. Hashes are masked."""
    from ocm_tui.core.registry.masking import masked_bytes, masked_text
    from ocm_tui.core.secret import known_secrets
    from ocm_tui.tui.json_lines import json_lines

    try:
        text = raw[:_MOST_RAW].decode() if len(raw) <= _MOST_RAW else raw[:_MOST_RAW].decode(errors="ignore")
    except UnicodeDecodeError:
        return Content.styled(_hexadecimal(masked_bytes(raw[:_MOST_RAW])), TONES["dim"])
    shown = known_secrets.scrub(masked_text(text))
    lines = json_lines(shown, cut=len(raw) > _MOST_RAW)
    if lines is None:
        return Content(clean_lines(shown, 8000))
    return Content("\n").join([Content.assemble(*((part, TONES[tone]) for part, tone in line.parts)) for line in lines])


def _hexadecimal(raw: bytes) -> str:
    """Sixteen bytes a line, with the letters that are letters."""
    lines = []
    for start in range(0, min(len(raw), 1024), 16):
        piece = raw[start : start + 16]
        letters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in piece)
        lines.append(f"{start:04x}  {piece.hex(' '):<47}  {letters}")
    if len(raw) > 1024:
        lines.append(f"… {len(raw) - 1024:,} bytes more")
    return "\n".join(lines)
