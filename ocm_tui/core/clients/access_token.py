"""What can be said about an access token without showing it: its kind, its length, and the claims of a JWT.

Nothing is verified: the signature is dropped, because with it the claims would be the token again.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from ocm_tui.core.exchanges.names import is_secret_name
from ocm_tui.core.secret import MASK, Secret

__all__ = ["TokenView", "view_token"]

_LONGEST: Final = 64 * 1024
_TIMES: Final = ("iat", "nbf", "exp", "auth_time")


@dataclass(frozen=True, slots=True)
class TokenView:
    """Nothing secret is in it; strings of header and claims are the server's own: clean them where they are shown.

    Of an encrypted JWT only the header can be read. `times` are those claims that are times, as UTC text.
    """

    kind: Literal["jwt", "encrypted jwt", "opaque"]
    length: int
    header: Mapping[str, Any] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)
    times: Mapping[str, str] = field(default_factory=dict)

    @property
    def scopes(self) -> tuple[str, ...] | None:
        """Of the claim `scope`, which is a text or a list; None when there is none."""
        claim = self.claims.get("scope", self.claims.get("scp"))
        if isinstance(claim, str):
            return tuple(claim.split())
        return tuple(one for one in claim if isinstance(one, str)) if isinstance(claim, list) else None

    def ends_at(self) -> float | None:
        """Seconds since the epoch."""
        return _seconds(self.claims.get("exp"))


def view_token(token: Secret) -> TokenView:
    """Whatever does not read as a JWT is opaque: most tokens are."""
    text = token.reveal()
    parts = text.split(".") if len(text) <= _LONGEST else []
    header = _decoded(parts[0]) if len(parts) in {3, 5} else None
    if header is None or "alg" not in header:
        return TokenView("opaque", len(text))
    if len(parts) == 5:
        return TokenView("encrypted jwt", len(text), _masked(header))
    claims = _decoded(parts[1])
    if claims is None:
        return TokenView("opaque", len(text))
    times = {name: told for name in _TIMES if (told := _time_text(claims.get(name)))}
    return TokenView("jwt", len(text), _masked(header), _masked(claims), times)


def _decoded(part: str) -> dict[str, Any] | None:
    try:
        value = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)), parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _masked(value: Any) -> Any:
    """Without what the names of members say is secret: some servers put one token into another."""
    if isinstance(value, dict):
        return {name: MASK if is_secret_name(name) else _masked(inner) for name, inner in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value


def _time_text(value: Any) -> str:
    seconds = _seconds(value)
    if seconds is None:
        return ""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return ""


def _seconds(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None
