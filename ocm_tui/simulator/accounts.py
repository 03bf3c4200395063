"""Who may use the administrative API: two accounts with passwords, and bearers of tokens that this server issued."""

import binascii
import hashlib
import hmac
from base64 import b32encode, b64decode
from dataclasses import dataclass, field
from typing import Final, Literal

__all__ = ["ADMIN_SCOPE", "READ_SCOPE", "Account", "Accounts", "Role", "basic_pair", "derived"]

Role = Literal["administrator", "auditor"]
ADMIN_SCOPE: Final = "pf-admin-api"
READ_SCOPE: Final = "pf-admin-api:read"
_MOST_TOKENS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    password: str = field(repr=False)


class Accounts:
    """`bearers` maps an access token to its role and its expiry, in seconds since the epoch."""

    def __init__(self, seed: int) -> None:
        self.administrator = Account("ocm-administrator", "Pf1-" + derived(seed, "administrator"))
        self.auditor = Account("ocm-auditor", "Pf1-" + derived(seed, "auditor"))
        self.api_client = Account("ocm-admin-automation", derived(seed, "api client", 32))
        self._bearers: dict[str, tuple[Role, float]] = {}

    def remember(self, token: str, scopes: frozenset[str], expires: float) -> None:
        """A token with a scope of the administrative API opens it."""
        if not scopes & {ADMIN_SCOPE, READ_SCOPE}:
            return
        if len(self._bearers) >= _MOST_TOKENS:
            self._bearers.pop(next(iter(self._bearers)))
        self._bearers[token] = ("administrator" if ADMIN_SCOPE in scopes else "auditor", expires)

    def role_of(self, authorization: str, now: float) -> Role | None:
        """None: the credentials are not known, or there are none. `now` is in seconds since the epoch."""
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() == "bearer":
            role, expires = self._bearers.get(value.strip(), (None, 0.0))
            return role if now < expires else None
        pair = basic_pair(authorization)
        if pair is None:
            return None
        if _same(pair, self.administrator):
            return "administrator"
        return "auditor" if _same(pair, self.auditor) else None


def basic_pair(authorization: str) -> tuple[str, str] | None:
    """User and password of HTTP Basic; None when the header is not that."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (user, password) if colon else None


def derived(seed: int, purpose: str, length: int = 20) -> str:
    """A secret that the seed decides: letters and digits, about five bits each."""
    digest = hashlib.blake2b(f"{seed}/{purpose}".encode(), digest_size=length).digest()
    return b32encode(digest).decode().rstrip("=").lower()[:length]


def _same(pair: tuple[str, str], account: Account) -> bool:
    user, password = pair
    return hmac.compare_digest(user.encode(), account.name.encode()) and hmac.compare_digest(
        password.encode(), account.password.encode()
    )
