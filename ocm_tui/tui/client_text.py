"""A client in words: the detail's overview, its document, and its last exchanges."""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from textual.content import Content

from ocm_tui.core.clients.documents import displayable
from ocm_tui.core.clients.fields import FIELDS, FieldSpec, get_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.secret import known_secrets
from ocm_tui.core.text import clean, clean_lines, json_text
from ocm_tui.tui.exchange_text import clock_text, failure_text, outcome_tone, status_text
from ocm_tui.tui.state import age_text, duration_text
from ocm_tui.tui.tones import TONES

__all__ = ["document_content", "exchanges_content", "overview_content", "value_text"]

_LONGEST_LINE = 4000
_LABEL_WIDTH = 24
_IN_THE_HEAD = frozenset({"clientId", "enabled", "creationDate", "modificationDate", "clientSecretChangedTime"})


def value_text(value: Any) -> str:
    """One line for a field's value; what is absent is a dash."""
    match value:
        case _ if value in (None, "", [], {}):  # as a pattern, `{}` is any mapping
            text = "–"
        case bool():
            text = "yes" if value else "no"
        case list():
            text = ", ".join(value_text(item) for item in value)
        case dict():
            text = _mapping_text(value)
        case _:
            text = clean(value, 400)
    return text


def _mapping_text(value: dict[str, Any]) -> str:
    if set(value) == {"id"}:
        return value_text(value["id"])
    if all(isinstance(item, dict) and set(item) == {"values"} for item in value.values()):
        return "; ".join(f"{clean(name, 80)} = {value_text(item['values'])}" for name, item in value.items())
    return clean(json_text(value, indent=None), 400)


def overview_content(document: ClientDocument) -> Content:
    """The fields that are set, by group, under what an operator asks first: is it on, who may use it, how old is it."""
    shown = known_secrets.scrub_document(displayable(document))
    parts: list[Content] = [_head(document)]
    group = ""
    for spec in FIELDS:
        value = get_value(shown, spec.path)
        if spec.path in _IN_THE_HEAD or _says_nothing(spec, value):
            continue
        if spec.group != group:
            group = spec.group
            parts += [Content(""), Content.styled(group, "bold $accent")]
        parts += list(_field_lines(spec.label, value))
    return Content("\n").join(parts)


def _says_nothing(spec: FieldSpec, value: Any) -> bool:
    """What a server fills in for everybody: reading it twenty times hides what was decided."""
    if value in (None, "", [], {}, False, "SERVER_DEFAULT"):
        return True
    return spec.path.endswith("TimeUnit") or (spec.path == "oidcPolicy.logoutMode" and value == "NONE")


def _head(document: ClientDocument) -> Content:
    enabled = document.get("enabled") is not False
    state = Content.styled("● enabled", TONES["good"]) if enabled else Content.styled("○ disabled", TONES["warn"])
    ages = [
        f"{word} {age_text(time.time() - stamp)} ago"
        for word, name in (
            ("changed", "modificationDate"),
            ("created", "creationDate"),
            ("secret set", "clientSecretChangedTime"),
        )
        if (stamp := _stamp(document.get(name))) is not None
    ]
    return Content("  ").join([state, Content.styled(" · ".join(ages), TONES["dim"])])


def _stamp(value: object) -> float | None:
    try:
        return datetime.fromisoformat(str(value)).timestamp() if value else None
    except (ValueError, OverflowError):
        return None


def _field_lines(label: str, value: Any) -> Iterable[Content]:
    items = value if isinstance(value, list) and len(value) > 1 else [value]
    name = f"{label[:_LABEL_WIDTH]:<{_LABEL_WIDTH}} "
    for item in items[:50]:
        yield Content.assemble((name, TONES["dim"]), Content(value_text(item)))
        name = " " * len(name)
    if len(items) > 50:
        yield Content(f"{name}… {len(items) - 50} more")


def document_content(document: ClientDocument) -> Content:
    """The whole stored document as JSON, secrets masked, keys in colour."""
    lines: list[Content] = []
    for line in clean_lines(json_text(known_secrets.scrub_document(displayable(document)))).split("\n"):
        text = line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + "…"
        key, colon, rest = text.partition('": ')
        lines.append(
            Content.assemble((key + '"', "$accent"), Content(": " + rest))
            if colon and key.lstrip()[:1] == '"'
            else Content(text)
        )
    return Content("\n").join(lines)


def exchanges_content(exchanges: Sequence[Exchange]) -> Content:
    """Newest first."""
    if not exchanges:
        return Content.styled("No exchange about this client in the log yet.", TONES["dim"])
    lines: list[Content] = []
    for exchange in reversed(exchanges):
        lines.append(
            Content.assemble(
                (f"{clock_text(exchange.started_at)} ", TONES["dim"]),
                Content(f"{exchange.method:<6} "),
                (f"{status_text(exchange):>5} ", TONES[outcome_tone(exchange)]),
                (f"{duration_text(exchange.duration_ms):>8}", TONES["dim"]),
            )
        )
        if failure := failure_text(exchange):
            lines.append(Content.styled(f"  {failure}", TONES[outcome_tone(exchange)]))
    return Content("\n").join(lines)
