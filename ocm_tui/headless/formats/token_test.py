"""The end of a token test: a few lines for people, and `ocm-tui/token-test/v1` for machines."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from ocm_tui.core.clients.access_token import TokenView
from ocm_tui.core.clients.token_test import TokenTest
from ocm_tui.core.secret import LONG, known_secrets
from ocm_tui.core.text import clean, ellipsis, json_text
from ocm_tui.headless.formats.documents import document
from ocm_tui.headless.formats.text import GREEN, RED, padded, painted

__all__ = ["token_test_json", "token_test_text"]

_LONGEST: Final = 400
_KINDS: Final = {"jwt": "JWT", "encrypted jwt": "encrypted JWT", "opaque": "opaque"}


def token_test_json(test: TokenTest) -> str:
    token = test.token
    return document(
        "token-test",
        {
            "client_id": test.client_id,
            "token_url": test.token_url,
            "status": "issued" if test.refusal is None else "refused",
            "passed": test.passed,
            "http_status": test.http_status,
            "duration_ms": round(test.duration_ms, 3),
            "exchange_id": test.exchange_id,
            "token_type": test.token_type or None,
            "expires_in": test.expires_in,
            "scopes": {
                "requested": test.requested,
                "granted": test.granted,
                "not_granted": test.not_granted if test.refusal is None else test.requested,
            },
            "token": token
            and {
                "kind": token.kind,
                "length": token.length,
                "header": token.header,
                "claims": token.claims,
                "times": token.times,
            },
            "error": test.refusal and asdict(test.refusal),
        },
    )


def token_test_text(test: TokenTest, *, color: bool) -> str:
    lines = [_verdict(test, color=color), *_facts(test)]
    return known_secrets.scrub("\n".join(lines) + "\n", shortest=LONG)


def _verdict(test: TokenTest, *, color: bool) -> str:
    name, where = clean(test.client_id, 200), clean(test.token_url)
    ended = f"HTTP {test.http_status}, {test.duration_ms:.0f} ms, exchange {test.exchange_id}"
    if test.refusal is not None:
        return f"{painted('✗ refused', RED, color=color)}  {name} at {where}  ({ended})"
    return f"{painted('● token issued', GREEN, color=color)}  {name} at {where}  ({ended})"


def _facts(test: TokenTest) -> Iterator[str]:
    if test.token is None:
        return
    yield _fact("type", test.token_type or "not said")
    yield _fact(
        "lifetime", "not said" if test.expires_in is None else f"{_span(test.expires_in)} ({test.expires_in} s)"
    )
    yield _fact("scopes", _scopes(test))
    yield from _token(test.token)


def _scopes(test: TokenTest) -> str:
    if test.granted is None:
        return "not said" if not test.requested else f"as requested: {clean(' '.join(test.requested))}"
    granted = clean(" ".join(test.granted), _LONGEST) or "none"
    missing = f"; not granted: {clean(' '.join(test.not_granted), _LONGEST)}" if test.not_granted else ""
    return f"{granted}{missing}"


def _token(token: TokenView) -> Iterator[str]:
    yield _fact("token", f"{_KINDS[token.kind]}, {token.length} characters{_hidden(token)}")
    yield from _members("header", token.header, {})
    yield from _members("claims", token.claims, {name: _when(token, name) for name in token.times})


def _hidden(token: TokenView) -> str:
    if token.kind == "opaque":
        return ", not shown"
    return "; its signature is not shown" if token.kind == "jwt" else "; only its header can be read"


def _members(title: str, members: Mapping[str, Any], notes: Mapping[str, str]) -> Iterator[str]:
    names = {name: ellipsis(clean(name), 40) for name in members}
    width = max(map(len, names.values()), default=0)
    for position, (name, value) in enumerate(members.items()):
        shown = value if isinstance(value, str) else json_text(value, indent=None)
        note = f"  {notes[name]}" if notes.get(name) else ""
        label = title if position == 0 else ""
        yield _fact(label, f"{padded(names[name], width)}  {ellipsis(clean(shown), _LONGEST)}{note}")


def _when(token: TokenView, name: str) -> str:
    ends = token.ends_at()
    if name != "exp" or ends is None:
        return token.times[name]
    left = int(ends - time.time())
    return f"{token.times[name]}, {f'in {_span(left)}' if left > 0 else 'over by the clock of this machine'}"


def _span(seconds: int) -> str:
    """The two largest units."""
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    parts = []
    for unit, size in units:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def _fact(name: str, value: str) -> str:
    return f"  {padded(name, 9)} {value}"
