"""`registry:` of a client: its row in the client registry, as far as an inventory may say it."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from ipaddress import ip_network
from typing import Any, Final
from urllib.parse import urlsplit

from ocm_tui.core.text import clean

__all__ = ["REGISTRY_KEYS", "registry_problems"]

_LONGEST_ID: Final = 255
_LARGEST_RATE: Final = (1 << 31) - 1

Problems = Iterator[tuple[tuple[str | int, ...], str, str]]


def registry_problems(registry: Mapping[str, Any]) -> Problems:
    """(path inside, end of a sentence that begins with that path, hint) for each known member with a wrong value."""
    for name, check in _CHECKS.items():
        if registry.get(name) is not None:
            yield from check(name, registry[name])


def _text(name: str, value: Any) -> Problems:
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_ID:
        yield (name,), f"is a text of at most {_LONGEST_ID} characters", "put it in quotes if it looks like a number"


def _uri(name: str, value: Any) -> Problems:
    if not isinstance(value, str) or not _web_address(value):
        yield (name,), "is a web address", "such as https://orders.example.com"


def _rate(name: str, value: Any) -> Problems:
    if type(value) is not int or not 0 < value <= _LARGEST_RATE:
        yield (name,), "is a whole number from 1", "requests per window"


def _uuid(name: str, value: Any) -> Problems:
    try:
        good = isinstance(value, str) and str(uuid.UUID(value)) == value.lower()
    except ValueError:
        good = False
    if not good:
        yield (name,), "is a UUID", "such as 6f1c8a52-7c51-4f0e-9d57-0b1f2f3f4a5b; left out, it is derived"


def _networks(name: str, value: Any) -> Problems:
    if not isinstance(value, list):
        yield (name,), "is a list of networks", "such as [10.0.0.0/8, 192.0.2.7]"
        return
    for index, item in enumerate(value):
        if not isinstance(item, str) or not _network(item):
            yield (name, index), f"cannot be {clean(item, 60)}", "an address or a network, such as 10.0.0.0/8"


def _mapping(name: str, value: Any) -> Problems:
    if not isinstance(value, Mapping):
        yield (name,), "is a mapping", "such as {team: orders}"


def _web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and not any(one.isspace() for one in text)


@lru_cache(maxsize=4096)
def _network(text: str) -> bool:
    """Bits behind the mask are allowed: the registry stores the network that is meant."""
    if "%" in text:  # a zone means something on one machine only
        return False
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


_CHECKS: Final[Mapping[str, Callable[[str, Any], Problems]]] = {
    "client_id": _uuid,
    "bap_id": _text,
    "bap_uri": _uri,
    "allowed_ips": _networks,
    "rate_limit": _rate,
    "metadata": _mapping,
}
REGISTRY_KEYS: Final = tuple(_CHECKS)
