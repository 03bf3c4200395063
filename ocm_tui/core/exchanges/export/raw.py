"""Raw HTTP: the request as it went out and the response as it came in, a line with `###` before each exchange."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from ocm_tui.core.exchanges.export.har import status_words
from ocm_tui.core.exchanges.model import Exchange, Message, utc_text
from ocm_tui.core.text import clean, clean_lines

__all__ = ["raw_text"]


def raw_text(exchanges: Sequence[Exchange]) -> str:
    return "\n".join("".join(f"{line}\n" for line in _lines(exchange)) for exchange in exchanges)


def _lines(exchange: Exchange) -> Iterator[str]:
    about = f"{utc_text(exchange.started_at)}  {exchange.target}  {exchange.duration_ms:.0f} ms"
    yield clean(f"### {exchange.id}  {about}")
    host, target = _addressed(exchange.url)
    version = exchange.http_version or "HTTP/1.1"
    yield clean(f"{exchange.method} {target} {version}")
    if host and exchange.request.header("Host") is None:
        yield clean(f"Host: {host}")
    yield from _message(exchange.request)
    if exchange.response is not None:
        status = exchange.status or 0
        yield ""
        yield clean(f"{version} {status} {status_words(status)}").rstrip()
        yield from _message(exchange.response)
    if exchange.error is not None:
        yield ""
        yield clean(f"### no complete answer: {exchange.error.layer}: {exchange.error.message}")


def _message(message: Message) -> Iterator[str]:
    for name, value in message.headers:
        yield clean(f"{name}: {value}")
    yield ""
    if message.body:
        yield clean_lines(message.body)
    if message.truncated:
        yield f"### cut here: the body has {message.body_bytes:,} bytes"


def _addressed(url: str) -> tuple[str, str]:
    """Host with port, and the request target."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", url
    query = f"?{parts.query}" if parts.query else ""
    return parts.netloc.rpartition("@")[2], f"{parts.path or '/'}{query}"
