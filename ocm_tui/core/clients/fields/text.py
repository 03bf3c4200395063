"""Values as people write them: `--set path=value` and form inputs, into what the server's schema wants."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from ocm_tui.core.clients.fields.lookup import field, nearest
from ocm_tui.core.clients.fields.paths import EXTENDED
from ocm_tui.core.clients.fields.spec import FieldSpec
from ocm_tui.core.errors import UsageError
from ocm_tui.core.secret import MASK, Secret
from ocm_tui.core.text import clean

__all__ = ["parse_assignment", "parse_value", "value_text"]

_BOOLS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_LONGEST_QUOTED: Final = 80


def parse_assignment(text: str) -> tuple[str, Any]:
    """`path=value` of `--set` as a path for `with_value` and its value; None removes. UsageError says what is wrong."""
    path, equals, value = text.partition("=")
    path = path.strip()
    if not equals or not path:
        raise UsageError(f"{_quoted(text)} is not path=value", hint="for example enabled=false")
    if "[" in path:
        raise UsageError(f"{clean(path)}: one item of a list cannot be set", hint="set the whole list, as JSON")
    spec = field(path)
    if spec is not None and path in {spec.path, f"{spec.path}.id", spec.path.removesuffix(".id")}:
        return spec.path, parse_value(spec, value)
    if path.startswith(EXTENDED) and path != EXTENDED:
        return path, _extended(path, value)
    return path, _unknown(path, value)


def parse_value(spec: FieldSpec, text: str) -> Any:
    """The value that `text` means for `spec`; None (from an empty text or `null`) means absent."""
    _refuse_unwritable(spec)
    stripped = text.strip()
    if stripped in {"", "null"}:
        if spec.required:
            raise UsageError(f"{spec.path} cannot be empty")
        return None
    if spec.kind in {"text", "long_text"}:
        return _unquoted(text)
    return _PARSERS[spec.kind](spec, stripped)


def value_text(value: Any) -> str:
    """The reverse: what an input shows for a value, and what `parse_value` reads back. Not cleaned."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Secret():
            return MASK
        case str():
            return value if value != "null" and not value.startswith('"') else json.dumps(value, ensure_ascii=False)
        case list() if value and all(isinstance(item, str) and _is_plain_item(item) for item in value):
            return ", ".join(value)
        case _:
            return json.dumps(value, ensure_ascii=False, default=str)


def _is_plain_item(item: str) -> bool:
    """Whether a comma list gives it back as it was."""
    return bool(item) and item == item.strip() and "," not in item and item[0] not in '["' and item != "null"


def _refuse_unwritable(spec: FieldSpec) -> None:
    if spec.read_only:
        raise UsageError(f"{spec.path} is the server's and cannot be set")
    if spec.fixed:
        raise UsageError(f"{spec.path} never changes", hint="a rename is a new client: create it, then delete this one")
    if spec.secret:
        raise UsageError(
            f"{spec.path} cannot be given as text: a command line is seen by everyone on the machine",
            hint="use rotate-secret, or a document with --file",
        )


def _bool(spec: FieldSpec, text: str) -> bool:
    value = _BOOLS.get(text.lower())
    if value is None:
        raise UsageError(f"{spec.path} is true or false, not {_quoted(text)}")
    return value


def _integer(spec: FieldSpec, text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise UsageError(f"{spec.path} is a whole number, not {_quoted(text)}") from None
    if spec.minimum is not None and value < spec.minimum:
        raise UsageError(f"{spec.path} is at least {spec.minimum}, not {value}")
    if spec.maximum is not None and value > spec.maximum:
        raise UsageError(f"{spec.path} is at most {spec.maximum}, not {value}")
    return value


def _member(spec: FieldSpec, text: str) -> str:
    """Case, hyphens and spaces do not matter: `client-credentials` is CLIENT_CREDENTIALS."""
    if not spec.values:
        return text
    wanted = text.strip().upper().replace("-", "_").replace(" ", "_")
    if wanted in spec.values:
        return wanted
    import difflib

    near = difflib.get_close_matches(wanted, spec.values, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}?" if near else f"one of {', '.join(spec.values)}"
    raise UsageError(f"{_quoted(text)} is no value of {spec.path}", hint=hint)


def _items(spec: FieldSpec, text: str) -> list[Any]:
    if text.startswith("["):
        items = _json(spec.path, text, 'a JSON list such as ["a", "b"], or a, b')
        assert isinstance(items, list)
    else:
        items = [item for part in text.split(",") if (item := part.strip())]
    if spec.kind == "list":
        return items
    for item in items:
        if not isinstance(item, str):
            raise UsageError(f"{spec.path} holds texts, not {_quoted(json.dumps(item))}")
    unique = list(dict.fromkeys(_member(spec, item) for item in items))
    if spec.required and not unique:
        raise UsageError(f"{spec.path} needs at least one value")
    return unique


def _reference(spec: FieldSpec, text: str) -> str:
    if not text.startswith("{"):
        return _unquoted(text)
    link = _json(spec.path, text, 'an id, or {"id": "…"}')
    if not isinstance(link, dict) or not isinstance(link.get("id"), str) or not link["id"]:
        raise UsageError(f"{spec.path} is an id, not {_quoted(text)}")
    return str(link["id"])


def _mapping(spec: FieldSpec, text: str) -> dict[str, Any]:
    value = _json(spec.path, text, "a JSON object")
    if not isinstance(value, dict):
        raise UsageError(f"{spec.path} is a JSON object, not {_quoted(text)}")
    return value


def _extended(path: str, text: str) -> dict[str, list[str]] | None:
    """`{"values": […]}` from that, from a JSON list, or from a comma list; None without any value."""
    stripped = text.strip()
    if stripped in {"", "null"}:
        return None
    if stripped.startswith(("[", "{")):
        parsed = _json(path, stripped, "a JSON list of texts, or a, b")
        values = parsed.get("values") if isinstance(parsed, dict) else parsed
    else:
        values = [item for part in stripped.split(",") if (item := part.strip())]
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise UsageError(f"{clean(path)} holds a list of texts, not {_quoted(text)}")
    return {"values": values} if values else None


def _unknown(path: str, text: str) -> Any:
    """A member that a newer server may know: its value must be JSON, so that a typing error is not sent by accident."""
    stripped = text.strip()
    if not stripped:
        return None
    try:
        return json.loads(stripped)
    except (ValueError, RecursionError):
        near = nearest(path)
        hint = (
            f"did you mean {near}?" if near else f"a field that this program does not know takes JSON: {path}='\"…\"'"
        )
        raise UsageError(f"unknown field {_quoted(path)}", hint=hint) from None


def _json(path: str, text: str, wanted: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{clean(path)}: not JSON: {error}", hint=wanted) from None


def _unquoted(text: str) -> str:
    """A text in JSON quotes is what is inside them: the way to write "null", or blanks at the ends."""
    if len(text) >= 2 and text.startswith('"') and text.endswith('"'):
        try:
            value = json.loads(text)
        except ValueError:
            return text
        return str(value)
    return text


def _quoted(text: str) -> str:
    return f"“{clean(text, _LONGEST_QUOTED)}”"


_PARSERS: Final[Mapping[str, Callable[[FieldSpec, str], Any]]] = {
    "bool": _bool,
    "integer": _integer,
    "enum": lambda spec, text: _member(spec, _unquoted(text)),
    "set": _items,
    "list": _items,
    "reference": _reference,
    "mapping": _mapping,
}
