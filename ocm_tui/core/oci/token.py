"""Security tokens of a session: how long they live and for whom, read without verifying anything."""

import json
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from ocm_tui.core.positioned.files import UnusableFile, read_small_file
from ocm_tui.core.secret import Secret

__all__ = ["TokenFault", "TokenFile", "parse_token", "read_token_file"]

TokenFault = Literal["token-missing", "token-malformed"]

_LARGEST: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class TokenFile:
    """What reading a token came to. `token` is without the space around it, which the SDK would choke on and quote.

    Times are seconds since the epoch, None when the token does not say. `subject` and `tenant` are OCIDs, as claimed;
    `modulus` is that of the session's public key, if the token names one. `claims` are the token's own: not shown as
    they are.
    """

    token: Secret | None = None
    fault: TokenFault | None = None
    reason: str = ""
    padded: bool = False
    expires_at: float | None = None
    issued_at: float | None = None
    subject: str = ""
    tenant: str = ""
    modulus: int | None = field(default=None, repr=False)
    mode: int | None = None  # permission bits

    def remaining(self, now: float) -> float | None:
        """Seconds until it expires, negative afterwards."""
        return None if self.expires_at is None else self.expires_at - now


def read_token_file(path: Path) -> TokenFile:
    """Never raises. Blocking, for as long as a small file takes to read."""
    try:
        file = read_small_file(path, _LARGEST)
    except UnusableFile as error:
        return TokenFile(fault="token-missing", reason=error.reason)
    return parse_token(file.content.decode("utf-8", "replace"), mode=file.mode)


def parse_token(text: str, *, mode: int | None = None) -> TokenFile:
    stripped = text.strip()
    if not stripped:
        return TokenFile(fault="token-malformed", reason="is empty", mode=mode)
    token = Secret(stripped)
    parts = stripped.split(".")
    claims = _decoded(parts[1]) if len(parts) == 3 and stripped.isascii() and stripped.isprintable() else None
    if claims is None or _decoded(parts[0]) is None:
        reason = "holds no token: three parts with dots between them are expected"
        return TokenFile(token, "token-malformed", reason, padded=stripped != text, mode=mode)
    return TokenFile(
        token,
        padded=stripped != text,
        expires_at=_seconds(claims.get("exp")),
        issued_at=_seconds(claims.get("iat")),
        subject=_word(claims.get("sub")),
        tenant=_word(claims.get("tenant")) or _word(claims.get("res_tenant")),
        modulus=_modulus(claims.get("jwk")),
        mode=mode,
    )


def _decoded(part: str) -> dict[str, Any] | None:
    try:
        value = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)), parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _seconds(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _modulus(jwk: Any) -> int | None:
    """Of the claim `jwk`, which is an object or its text."""
    if isinstance(jwk, str):
        try:
            jwk = json.loads(jwk)
        except (ValueError, RecursionError):
            return None
    number = jwk.get("n") if isinstance(jwk, Mapping) else None
    if not isinstance(number, str) or len(number) > 4096:
        return None
    try:
        return int.from_bytes(urlsafe_b64decode(number + "=" * (-len(number) % 4)), "big")
    except (Base64Error, ValueError):
        return None
