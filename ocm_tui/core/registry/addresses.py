"""Allowed addresses: many ways to write a network, one that the registry holds.

A database that stores networks refuses bits behind the mask, and finds an IPv4 address written as IPv6 in no IPv4
network. So both are put right once, when an entry comes in, and what the operator wrote is kept beside it.
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from operator import itemgetter
from typing import Final

from ocm_tui.core.errors import UsageError
from ocm_tui.core.text import clean

__all__ = ["GIVEN_KEY", "given_if_different", "normalise"]

GIVEN_KEY: Final = "allowed_ips_given"  # the member of `metadata` that keeps the operator's own texts
_MAPPED_BITS: Final = 96  # ::ffff:0:0/96
_MAPPED: Final = IPv6Network("::ffff:0:0/96")
_text_of: Final = itemgetter(3)  # of what `_placed` gives

Network = IPv4Network | IPv6Network


def normalise(texts: Sequence[str]) -> tuple[str, ...]:
    """Networks as the registry holds them, `10.1.2.3/8` as `10.0.0.0/8`: each once, IPv4 first, in order.

    UsageError that names the text that is no address.
    """
    return _normalised(tuple(texts))


def given_if_different(texts: Sequence[str]) -> tuple[str, ...]:
    """The texts as they were given, if one of them says something other than its network; else nothing.

    An address without its mask (`192.0.2.7`) says what is meant, and so do the same networks in another order.
    """
    if all(text in {str(network := _network(text)), str(network.network_address)} for text in texts):
        return ()
    return tuple(texts)


@lru_cache(maxsize=8192)
def _network(text: str) -> Network:
    if "%" in text:  # a zone means something on one machine only
        raise _no_address(text)
    try:
        network = ip_network(text.strip(), strict=False)
    except ValueError:
        raise _no_address(text) from None
    if isinstance(network, IPv6Network) and network.prefixlen >= _MAPPED_BITS and network.subnet_of(_MAPPED):
        return IPv4Network((int(network.network_address) & 0xFFFF_FFFF, network.prefixlen - _MAPPED_BITS))
    return network


def _no_address(text: object) -> UsageError:
    return UsageError(
        f"allowed_ips: `{clean(text, 60)}` is no address and no network", hint="write 192.0.2.7 or 10.0.0.0/8"
    )


@lru_cache(maxsize=8192)
def _normalised(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_text_of, sorted(set(map(_placed, texts)))))


@lru_cache(maxsize=65_536)
def _placed(text: str) -> tuple[int, int, int, str]:
    """Where a network stands among others, and how it is written: an import asks for a few of them very often."""
    network = _network(text)
    return network.version, int(network.network_address), network.prefixlen, str(network)
