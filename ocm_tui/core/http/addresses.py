"""Base URLs, and the relative URLs that may be put on them. Credentials must not be led to another place."""

import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ocm_tui.core.errors import UsageError

__all__ = ["BaseURL"]

_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f\\#]")
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_DOTS: Final = re.compile(r"(?:\.|%2e){1,2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BaseURL:
    """`text` has no slash at its end; `path` is its path, without one as well."""

    text: str
    scheme: str
    host: str
    port: int
    path: str

    @staticmethod
    def parse(url: str) -> "BaseURL":
        """Raises UsageError unless it is an absolute http or https URL without user, query and fragment."""
        try:
            parts = urllib.parse.urlsplit(url.strip())
            port = parts.port
        except ValueError as error:
            raise UsageError(f"the base URL {url} cannot be understood", detail=str(error)) from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"the base URL {url} is not an http or https URL", hint="such as https://host:9999/path")
        if "@" in parts.netloc:
            raise UsageError("the base URL holds a user name", hint="put user and password into auth")
        if parts.query or parts.fragment or _UNSAFE.search(url.strip()):
            raise UsageError(f"the base URL {url} may hold only scheme, host, port and path")
        text = f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
        default = 443 if parts.scheme == "https" else 80
        return BaseURL(text, parts.scheme, parts.hostname, default if port is None else port, parts.path.rstrip("/"))

    def join(self, url: str, params: Mapping[str, str | int] | None = None) -> str:
        """The absolute URL. Raises UsageError for whatever could lead out of the base: other hosts, `..`."""
        if _ABSOLUTE.match(url):
            raise UsageError(f"{url} is not relative to {self.text}")
        if _UNSAFE.search(url):
            raise UsageError(f"{url} holds characters that no URL may hold", hint="quote them")
        path, mark, query = url.partition("?")
        if any(_DOTS.fullmatch(segment) for segment in path.split("/")):
            raise UsageError(f"{url} leads out of {self.text}")
        if params:
            query = "&".join(
                part for part in (query, urllib.parse.urlencode(params, quote_via=urllib.parse.quote)) if part
            )
        joined = f"{self.text}/{path.lstrip('/')}" if path else self.text
        return f"{joined}?{query}" if query or (mark and not params) else joined
