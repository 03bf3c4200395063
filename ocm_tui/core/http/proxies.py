"""Which proxy stands before a host, by the usual variables: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY."""

import ipaddress
import urllib.parse
from urllib.request import getproxies, proxy_bypass

from ocm_tui.core.errors import ConfigError
from ocm_tui.core.secret import Secret, known_secrets

__all__ = ["proxy_for"]


def proxy_for(scheme: str, host: str, port: int) -> str | None:
    """The proxy's URL, or None. What is on this machine is never asked for through a proxy: it would not find it."""
    if _is_local(host):
        return None
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or proxy_bypass(f"{host}:{port}") or _is_exempt(host, proxies.get("no", "")):
        return None
    url = proxy if "://" in proxy else f"http://{proxy}"
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise ConfigError(
            f"the proxy for {host} has the unknown scheme {parts.scheme}",
            hint=f"{scheme.upper()}_PROXY must begin with http:// or https://; NO_PROXY={host} goes past it",
        )
    if parts.password:
        Secret(urllib.parse.unquote(parts.password))
        known_secrets.add_pair(urllib.parse.unquote(parts.username or ""), urllib.parse.unquote(parts.password))
    return url


def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def _is_exempt(host: str, no_proxy: str) -> bool:
    """Networks such as `10.0.0.0/8`, which the standard library does not know."""
    address = _address(host)
    if address is None:
        return False
    for entry in no_proxy.split(","):
        try:
            if "/" in entry and address in ipaddress.ip_network(entry.strip(), strict=False):
                return True
        except ValueError:
            continue
    return False


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
