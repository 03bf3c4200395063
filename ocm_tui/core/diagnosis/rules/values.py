"""Values that are wrong in themselves: of another type, outside a closed list, no address, no set of keys."""

import difflib
import json
import re
from typing import Any, Final
from urllib.parse import urlsplit

from ocm_tui.core.clients.checks import field_problem
from ocm_tui.core.clients.fields import FieldSpec
from ocm_tui.core.diagnosis.case import is_redacted, quoted
from ocm_tui.core.diagnosis.excerpts import path_parts
from ocm_tui.core.diagnosis.model import Finding
from ocm_tui.core.diagnosis.rules.suspect import Suspect

__all__ = ["bad_address", "misfit", "no_key_set"]

_ADDRESS: Final = re.compile(r"(?:Uri|Uris|Url|Endpoint|UrlOverride)$")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def misfit(suspect: Suspect) -> Finding | None:
    """A type that the field does not have, or a value outside its closed list."""
    spec, value = suspect.spec, suspect.value
    if spec is None or suspect.absent or value is None or is_redacted(value):
        return None
    item = isinstance(path_parts(suspect.path)[-1], int)
    if spec.kind == "mapping" and suspect.inside != spec.path:
        return None
    problem = field_problem(spec, [value] if item and spec.kind in {"set", "list"} else value)
    if problem is None:
        return None
    words, hint = problem
    better = _better(spec, value)
    code = "value-wrong-type"
    if spec.kind == "integer" and isinstance(value, int) and not isinstance(value, bool):
        code = "value-out-of-range"
    elif spec.values and all(isinstance(one, str) for one in (value if isinstance(value, list) else [value])):
        code = "value-not-allowed"
    advice = f"one of {', '.join(spec.values)}" if spec.values else hint
    return suspect.finding(
        code,
        f"{suspect.path} {words}",
        confidence="sure",
        value=better,
        suggestion=f"send {quoted(better)}" if better else advice or f"send {words[3:].partition(', not')[0]}",
        rank=20,
    )


def _better(spec: FieldSpec, value: Any) -> Any:
    """The value with what is not allowed in it replaced by what was probably meant; None when that is not clear."""
    items = value if isinstance(value, list) else [value]
    better = []
    for item in items:
        near = difflib.get_close_matches(str(item).upper(), spec.values, n=1, cutoff=0.6)
        if item in spec.values or near:
            better.append(item if item in spec.values else near[0])
    if len(better) < len(items) or not spec.values:
        return None
    return better if isinstance(value, list) else better[0]


def no_key_set(suspect: Suspect) -> Finding | None:
    """The API wants the key set as a text that is JSON."""
    value = suspect.value
    if suspect.inside != "jwksSettings.jwks" or not isinstance(value, str) or is_redacted(value):
        return None
    try:
        keys = json.loads(value)
    except (ValueError, RecursionError):
        keys = None
    if isinstance(keys, dict) and isinstance(keys.get("keys"), list) and keys["keys"]:
        return None
    title = f"{suspect.path} is {quoted(value)}, and that is no set of keys"
    return suspect.finding(
        "invalid-jwks", title, confidence="sure", suggestion='send a text such as {"keys": [{"kty": …}]}', rank=20
    )


def bad_address(suspect: Suspect) -> Finding | None:
    value, name = suspect.value, re.sub(r"\[\d+\]", "", suspect.path)
    if not isinstance(value, str) or not value or not _ADDRESS.search(name):
        return None
    wanted, better = _address_fault(value, web_only=not name.endswith("Uris"))
    if not wanted:
        return None
    title = f"{suspect.path} is {quoted(value)}, and that is no address: it {wanted}"
    advice = f"send {quoted(better)}" if better else "send a complete address, such as https://app.example.com/callback"
    return suspect.finding("invalid-url", title, confidence="sure", value=better, suggestion=advice, rank=20)


def _address_fault(value: str, *, web_only: bool) -> tuple[str, str | None]:
    """What is wrong, and the address that was probably meant."""
    if any(letter.isspace() for letter in value):
        better = "".join(value.split())
        return "holds a blank", better if _is_address(better) else None
    if not _SCHEME.match(value):
        better = f"https://{value.lstrip('/')}"
        return "has no scheme", better if _is_address(better) and "." in value.partition("/")[
            0
        ] and "/" in value else None
    if web_only and not _is_address(value):
        return "is not one of http or https with a host", None
    if "#" in value and not web_only:
        return "has a fragment (#), which a redirect URI must not have", value.partition("#")[0]
    return "", None


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and not any(one.isspace() for one in value)
