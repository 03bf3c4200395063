"""What is certainly wrong with a document, found before anything is sent: one clear error that names the field.

Only what no server accepts: wrong types, values outside a closed list, a mask where a secret belongs, a missing
identity. What a server may judge differently is left to the server.
"""

import json
from collections.abc import Mapping
from typing import Any

from ocm_tui.core.clients.fields import FIELDS, FieldSpec, get_value
from ocm_tui.core.clients.ids import checked_client_id
from ocm_tui.core.errors import UsageError
from ocm_tui.core.secret import MASK, Secret
from ocm_tui.core.text import clean

__all__ = ["field_problem", "refuse_malformed"]


def refuse_malformed(document: Mapping[str, Any], *, stored: Mapping[str, Any] | None = None) -> None:
    """UsageError for the first field that is wrong; what stands in `stored` the same way is the server's own."""
    client_id = document.get("clientId")
    if not isinstance(client_id, str):
        raise UsageError("clientId is missing" if client_id is None else "clientId is not a text")
    checked_client_id(client_id)
    for spec in FIELDS:
        value = get_value(document, spec.path)
        if stored is not None and value == get_value(stored, spec.path):
            continue
        problem = field_problem(spec, value)
        if problem is not None:
            raise UsageError(f"{spec.path} {problem[0]}", hint=problem[1])


def field_problem(spec: FieldSpec, value: Any) -> tuple[str, str] | None:
    """What is wrong with a value of this field, as the end of a sentence that begins with its path, and a hint."""
    if value is None or value in ("", []):
        return ("is missing", "") if spec.required else None
    if _is_masked(value):
        return (
            "is masked",
            f"a printed document holds {MASK} for what is secret: leave the field out, or give the value",
        )
    match spec.kind:
        case "bool":
            good, wanted = isinstance(value, bool), "true or false"
        case "integer":
            good, wanted = isinstance(value, int) and not isinstance(value, bool), "a whole number"
        case "set":
            good, wanted = isinstance(value, list) and all(isinstance(item, str) for item in value), "a list of texts"
        case "list":
            good, wanted = isinstance(value, list), "a list"
        case "mapping":
            good, wanted = isinstance(value, Mapping), "an object"
        case _:
            good, wanted = isinstance(value, str | Secret if spec.secret else str), "a text"
    return _outside(spec, value) if good else (f"is {wanted}, not {_shown(value)}", "")


def _outside(spec: FieldSpec, value: Any) -> tuple[str, str] | None:
    if isinstance(value, int):
        low, high = spec.minimum, spec.maximum
        bad = (low is not None and value < low) or (high is not None and value > high)
        return (
            (f"is out of range: {value}", f"from {low}" + (f" to {high}" if high is not None else "")) if bad else None
        )
    for item in (value if isinstance(value, list) else [value]) if spec.values else ():
        if item not in spec.values:
            import difflib

            near = difflib.get_close_matches(str(item).upper(), spec.values, n=1, cutoff=0.6)
            hint = f"did you mean {near[0]}?" if near else f"one of {', '.join(spec.values)}"
            return f"cannot be {_shown(item)}", hint
    return None


def _is_masked(value: Any) -> bool:
    """MASK itself, or a JWKS whose private members were masked."""
    return isinstance(value, str) and (value == MASK or (f'"{MASK}"' in value and '"keys"' in value))


def _shown(value: Any) -> str:
    return clean(json.dumps(value, ensure_ascii=False, default=str), 80)
