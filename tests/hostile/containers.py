"""The containers that a secret travels in, and the search for what came out of them."""

import html
import json
import urllib.parse
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.http.client import UnifiedHTTPClient
from ocm_tui.core.http.types import HTTPClientConfig
from tests.hostile.planted import KINDS, Kind, pieces_of
from tests.hostile.server import Lie, LyingServer

__all__ = ["CARRIERS", "Carried", "Carrier", "leaks", "leaks_of_files", "record"]


class Carried(NamedTuple):
    """What one container makes of a secret: a URL below the base, a body with its type, and headers of both sides."""

    url: str = "/x"
    body: str = ""
    content_type: str = "text/plain"
    headers: tuple[tuple[str, str], ...] = ()


def _json(kind: Kind) -> Carried:
    return Carried(body=json.dumps({"a": 1, kind.name: kind.value, "z": [True]}), content_type="application/json")


def _nested(kind: Kind) -> Carried:
    document = {"items": [{"clientAuth": {kind.name: kind.value}}, {kind.name: [kind.value]}]}
    return Carried(body=json.dumps(document, ensure_ascii=False, indent=2), content_type="application/json")


def _json_in_json(kind: Kind) -> Carried:
    inner = json.dumps({kind.name: kind.value})
    return Carried(body=json.dumps({"message": f"refused: {inner}"}), content_type="application/json")


def _json_said_to_be_text(kind: Kind) -> Carried:
    return _json(kind)._replace(content_type="text/html")


def _form(kind: Kind) -> Carried:
    body = urllib.parse.urlencode({"grant_type": "x", kind.name: kind.value, "scope": "a"})
    return Carried(body=body, content_type="application/x-www-form-urlencoded")


def _multipart(kind: Kind) -> Carried:
    part = f'--b\r\nContent-Disposition: form-data; name="{kind.name}"\r\n\r\n{kind.value}\r\n--b--\r\n'
    return Carried(body=part, content_type="multipart/form-data; boundary=b")


def _query(kind: Kind) -> Carried:
    return Carried(url=f"/x?a=b&{urllib.parse.urlencode({kind.name: kind.value})}&c=d")


def _nested_query(kind: Kind) -> Carried:
    inner = f"https://orders.example.com/callback?{urllib.parse.urlencode({kind.name: kind.value})}"
    return Carried(url=f"/x?{urllib.parse.urlencode({'next': inner})}", headers=(("Location", inner),))


def _headers(kind: Kind) -> Carried:
    quoted = urllib.parse.quote(kind.value)
    cookies = f"{kind.name}={quoted}; PF={quoted}"
    return Carried(
        headers=(
            ("Authorization", f"Bearer {quoted}"),
            ("X-Api-Key", quoted),
            ("Cookie", cookies),
            ("Set-Cookie", f"PF={quoted}; Path=/; HttpOnly"),
            ("Proxy-Authorization", f"Basic {quoted}"),
        )
    )


def _markup(kind: Kind) -> Carried:
    value = html.escape(kind.value)
    return Carried(body=f"<html><a><{kind.name}>{value}</{kind.name}></a></html>", content_type="text/html")


def _configuration(kind: Kind) -> Carried:
    return Carried(body=f"user = ocm\n{kind.name}={kind.value!r}\nend = 1\n")


Carrier = Callable[[Kind], Carried]

CARRIERS: Final[tuple[Carrier, ...]] = (
    *(_json, _nested, _json_in_json, _json_said_to_be_text, _form, _multipart),
    *(_query, _nested_query, _headers, _markup, _configuration),
)


def leaks(data: str | bytes) -> list[str]:
    """Which kinds have left a piece of themselves."""
    raw = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
    return [kind.name for kind in KINDS if any(piece in raw for piece in _pieces(kind))]


def leaks_of_files(folder: Path) -> dict[str, list[str]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return {path.name: found for path in files if (found := leaks(path.read_bytes()))}


@cache
def _pieces(kind: Kind) -> frozenset[bytes]:
    return frozenset(pieces_of(kind.secret))


async def record(log: ExchangeLog, status: int, pairs: "Iterable[tuple[Kind, Carrier]]") -> None:
    """An exchange for each pair, sent over loopback HTTP and sent back."""
    with LyingServer() as server:
        config = HTTPClientConfig(base_url=server.base_url, trust_env=False)
        async with UnifiedHTTPClient(config, log) as http:
            for kind, carrier in pairs:
                carried = carrier(kind)
                body = carried.body.encode()
                lie = Lie(status, body or b"{}", content_type=carried.content_type, headers=carried.headers)
                server.lie("*", "/", lie)
                headers = {"Content-Type": carried.content_type, **dict(carried.headers)}
                await http.request("POST", carried.url, content=body, headers=headers)
