"""Hashes of secrets in what others wrote, stream fields, cached values and metadata: `***` wherever they stand."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from ocm_tui.core.exchanges.names import is_secret_name
from ocm_tui.core.secret import MASK

__all__ = ["HASHES", "has_masked_hash", "holds_hash", "masked_bytes", "masked_metadata", "masked_text", "masked_value"]

# Two names of one field: the hash of the key that the client authenticates with.
HASHES: Final = ("client_secret_hash", "api_key_hash")

# Where there is no JSON to go by: the name, what separates it, and its value up to the end of that, or of everything.
_NAMED: Final = re.compile(
    rf"(?P<name>(?:{'|'.join(HASHES)})(?P<quote>\\*[\"'])?\s*(?:=>|[:=])\s*)"
    r"(?P<value>(?P<open>\\*[\"']).*?(?:(?P=open)|\Z)|[^\s,;&}\]]*)",
    re.IGNORECASE | re.DOTALL,
)
# bcrypt, argon2, scrypt, PBKDF2, crypt(3), and those of LDAP.
_SHAPES: Final = re.compile(
    r"\$(?:2[abxy]?|argon2(?:id|i|d)|scrypt|pbkdf2[a-z0-9-]*|[156y])\$[^\s\"',;&\\]{8,}"
    r"|\{(?:SSHA|SHA|CRYPT|PBKDF2)[A-Z0-9_-]*\}[A-Za-z0-9+/=$.]{8,}",
    re.IGNORECASE,
)


def masked_text(text: str) -> str:
    """JSON stays JSON, and is written anew only when there is something to hide."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            value = json.loads(text)
            shown = masked_value(value)
        except (ValueError, RecursionError):
            pass
        else:
            return text if shown == value else json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
    return _SHAPES.sub(MASK, _NAMED.sub(_without_value, text))


def masked_value(value: Any) -> Any:
    """Of decoded JSON: by name, by shape, and in JSON that stands in a text."""
    if isinstance(value, Mapping):
        return {name: MASK if _is_secret(name) else masked_value(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [masked_value(one) for one in value]
    return masked_text(value) if isinstance(value, str) else value


def masked_metadata(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """The very same when there is no hash in it, as nearly always. Only hashes: the rest is the operator's own."""
    return _without_hashes(metadata) if holds_hash(metadata) else metadata


def holds_hash(value: Any) -> bool:
    """Whether a member of decoded JSON is named like one."""
    if isinstance(value, Mapping):
        return any(name in HASHES or holds_hash(inner) for name, inner in value.items())
    return isinstance(value, list) and any(map(holds_hash, value))


def has_masked_hash(value: Any) -> bool:
    """Whether decoded JSON is what we show of one with a hash in it, and so not what is to be stored."""
    if isinstance(value, Mapping):
        return any((name in HASHES and inner == MASK) or has_masked_hash(inner) for name, inner in value.items())
    return isinstance(value, list | tuple) and any(map(has_masked_hash, value))


def masked_bytes(raw: bytes) -> bytes:
    """For what may be no text at all."""
    return (
        masked_text(raw.decode("latin-1")).encode("latin-1")
        if _undecodable(raw)
        else masked_text(raw.decode()).encode()
    )


def _without_value(match: re.Match[str]) -> str:
    opened = match["open"] or ""
    return f"{match['name']}{opened}{MASK}{opened}"


def _is_secret(name: str) -> bool:
    return name in HASHES or is_secret_name(name)


def _without_hashes(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: MASK if name in HASHES else _without_hashes(inner) for name, inner in value.items()}
    return [_without_hashes(one) for one in value] if isinstance(value, list) else value


def _undecodable(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return True
    return False
