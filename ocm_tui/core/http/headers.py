"""The headers of a request. The Authorization header is made for each request and kept nowhere."""

import base64
from collections.abc import Iterable, Mapping
from typing import Final

from ocm_tui import __version__
from ocm_tui.core.errors import UsageError
from ocm_tui.core.http.types import BasicAuth, BearerAuth, HTTPClientConfig
from ocm_tui.core.secret import known_secrets

__all__ = ["RequestHeaders", "value_of"]

_DEFAULTS: Final = {
    "User-Agent": f"ocm-tui/{__version__}",
    "Accept": "application/json, */*;q=0.5",
    "Accept-Encoding": "gzip, deflate",
}


class RequestHeaders:
    """Defaults, the configured ones, and those of a call: the later wins, whatever the case of its letters."""

    def __init__(self, config: HTTPClientConfig) -> None:
        self._auth = config.auth
        self._common = _merge(_merge({}, _DEFAULTS), config.headers)
        if isinstance(self._auth, BasicAuth):
            if ":" in self._auth.username:
                raise UsageError("the user name for Basic authentication holds a colon, which cannot be sent")
            known_secrets.add_pair(self._auth.username, self._auth.password.reveal())

    def merged(self, extra: Mapping[str, str] | None, *, is_json: bool) -> list[tuple[bytes, bytes]]:
        headers = self._common
        if is_json:
            headers = {**headers, "content-type": (b"Content-Type", b"application/json")}
        if extra:
            headers = _merge(headers, extra)
        pairs = list(headers.values())
        if self._auth is not None and "authorization" not in headers:
            pairs.append((b"Authorization", _authorization(self._auth)))
        return pairs


def value_of(name: bytes, raw: Iterable[tuple[bytes, bytes]]) -> str:
    """The value of a header by its lower-case name, "" without one; several are joined by commas."""
    return b", ".join([value for key, value in raw if key.lower() == name]).decode("latin-1")


def _authorization(auth: BasicAuth | BearerAuth) -> bytes:
    if isinstance(auth, BasicAuth):
        return b"Basic " + base64.b64encode(f"{auth.username}:{auth.password.reveal()}".encode())
    return b"Bearer " + auth.token.reveal().encode()


def _merge(headers: Mapping[str, tuple[bytes, bytes]], extra: Mapping[str, str]) -> dict[str, tuple[bytes, bytes]]:
    """Keys are lower-case names. Raises UsageError for what would break out of its line."""
    merged = dict(headers)
    for name, value in extra.items():
        if not name or any(sign in f"{name}{value}" for sign in "\r\n\0") or not name.isascii():
            raise UsageError(f"the header {name} cannot be sent", hint="line breaks are not allowed in headers")
        merged[name.lower()] = (name.encode(), value.encode())
    return merged
