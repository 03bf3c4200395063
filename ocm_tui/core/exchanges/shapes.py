"""Secrets that are recognised by their shape: tokens, private keys, credentials in URLs and headers."""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from ocm_tui.core.exchanges.spans import Span

__all__ = ["shape_spans"]

_JWT: Final = re.compile(r"eyJ[\w-]{8,}+(?:\.[\w-]*+){0,4}+")
# Blanks may be encoded, once or more, as in a form.
_PEM: Final = re.compile(
    r"(-----BEGIN[A-Za-z0-9 +%]{1,60}?PRIVATE[0-9B +%b]{1,8}KEY.*?(?:-----END[A-Za-z0-9 +%]{1,80}KEY-----|\Z))",
    re.DOTALL,
)
_AWS: Final = re.compile(r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f][0-9A-Fa-f]))(A[KS]IA[0-9A-Z]{4,}+)")
_PREFIXED: Final = re.compile(r"((?:glpat-|github_pat_|xox[abeprs]-)[\w-]++)")
_USERINFO: Final = re.compile(r"://([^/?#\s\"'<>\\@]{1,512}+)@")
_ENCODED_USERINFO: Final = re.compile(
    r"%(?:25)*3A(?:%(?:25)*2F){2}((?:(?!%(?:25)*(?:2F|3F|23|40))[^/?#\s\"'<>&\\]){1,1024}+)%(?:25)*40", re.IGNORECASE
)
_SCHEME: Final = re.compile(r"\b(bearer|basic|dpop)\s{1,4}([\w+/.~-]{6,}+=*+)", re.IGNORECASE)
_SAFE_CLAIM: Final = re.compile(r"[^\w.@:/-]")
_GITHUB: Final = re.compile(r"(gh[pousr]_[A-Za-z0-9]++)")


def shape_spans(text: str) -> list[Span]:
    """Each shape has marks that are quick to look for; most texts have none of them."""
    spans: list[Span] = []
    if "eyJ" in text:
        spans.extend(Span(*found.span(), found[0], note=_claims(found[0])) for found in _JWT.finditer(text))
    if "earer " in text or "asic " in text or "BEARER " in text or "BASIC " in text or "DPoP " in text:
        spans.extend(_scheme_spans(text))
    if "-----BEGIN" in text:
        spans.extend(_all(_PEM, text))
    if "AKIA" in text or "ASIA" in text:
        spans.extend(_all(_AWS, text))
    if "glpat-" in text or "github_pat_" in text or "xox" in text:
        spans.extend(_all(_PREFIXED, text))
    if "gh" in text:
        spans.extend(_all(_GITHUB, text))
    if "@" in text:
        spans.extend(_all(_USERINFO, text))
    if "2F%" in text or "2f%" in text:
        spans.extend(_all(_ENCODED_USERINFO, text))
    return spans


def _all(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    return (Span(*found.span(1), found[1]) for found in pattern.finditer(text))


def _scheme_spans(text: str) -> Iterator[Span]:
    """`Bearer …` and the like in running text; `basic authentication` is no credential."""
    for match in _SCHEME.finditer(text):
        value = match[2]
        if match[1].lower() == "basic":
            secret = _holds_pair(value)
        else:
            secret = len(value) >= 24 or any(character.isdigit() for character in value)
        if secret:
            yield Span(*match.span(2), value)


def _holds_pair(value: str) -> bool:
    try:
        return b":" in base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_")
    except (binascii.Error, ValueError):
        return False


def _claims(token: str) -> str:
    """` (JWT sub=… exp=…)`: whom a token is for and until when; nothing when it cannot be read."""
    parts = token.split(".")
    if len(parts) not in (2, 3) or not parts[1]:  # an encrypted one has five, and no claims to read
        return ""
    try:
        claims: Any = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return ""
    if not isinstance(claims, dict):
        return ""
    shown = [
        f" {name}={_SAFE_CLAIM.sub('_', str(claims[name]))[:40]}"
        for name in ("sub", "exp")
        if isinstance(claims.get(name), str | int)
    ]
    return f" (JWT{''.join(shown)})"
