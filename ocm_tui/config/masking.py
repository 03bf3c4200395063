"""URLs that hold credentials, made fit to be shown: what is secret in them is `***`, references stay as written."""

import re
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ocm_tui.core.secret import MASK

__all__ = ["MaskedURL", "mask_url"]

_PARAMETER: Final = re.compile(r"[?&;]([^=&;#?]*)=([^&;#]*)")
_SECRET_WORD: Final = re.compile(r"(?i)pass|pwd|secret|token|key|cred|auth")
_REFERENCES: Final = re.compile(r"(\$\{[^}]*\})+")


@dataclass(frozen=True, slots=True)
class MaskedURL:
    """`secrets` are the literal secrets that stand in the URL, as written and unquoted."""

    shown: str
    secrets: tuple[str, ...]


def mask_url(parts: Sequence[object], *, strict: bool = True) -> MaskedURL:
    """`parts` are texts, and references that are shown by `str()`.

    Everything up to the last `@` counts as userinfo, since an unquoted password may hold `/`, `?` and `#` as well.
    Not `strict`: text without `://` is no URL, and is shown as it is.
    """
    tokens: list[object] = [token for part in parts for token in (part if isinstance(part, str) else [part])]
    start = next((index + 3 for index in range(len(tokens)) if tokens[index : index + 3] == [":", "/", "/"]), 0)
    if not start and not strict:
        return MaskedURL("".join(map(str, parts)), ())
    end = _end_of_userinfo(tokens, start)
    userinfo, rest = tokens[start:end], _text(tokens[end:])
    secrets = _literals(userinfo[userinfo.index(":") + 1 :]) if ":" in userinfo else []
    shown = _masked_query(rest, secrets)
    known = {form for secret in secrets for form in (secret, urllib.parse.unquote(secret))}
    return MaskedURL(_text(tokens[:start]) + _masked_userinfo(userinfo) + shown, tuple(sorted(known)))


def _end_of_userinfo(tokens: list[object], start: int) -> int:
    """Without an `@`, what looks like a password in place of a port counts as one, and so does text of unknown kind."""
    if "@" in tokens[start:]:
        return len(tokens) - 1 - tokens[::-1].index("@")
    if not start:
        return len(tokens)
    authority, length = "", 0
    for token in tokens[start:]:
        if token in ("/", "?", "#"):
            break
        authority += token if isinstance(token, str) else "0"
        length += 1
    ports = (host.rpartition("]")[2].partition(":")[2] for host in authority.split(","))
    return start if all(not port or (port.isascii() and port.isdigit()) for port in ports) else start + length


def _text(tokens: Sequence[object]) -> str:
    return "".join(map(str, tokens))


def _literals(tokens: Sequence[object]) -> list[str]:
    """The runs of characters between references."""
    runs = "".join(token if isinstance(token, str) else "\0" for token in tokens).split("\0")
    return [run for run in runs if run]


def _masked_userinfo(tokens: Sequence[object]) -> str:
    """`***`, or user and password apart when one of them is a reference."""
    if not tokens:
        return ""
    if all(isinstance(token, str) for token in tokens):
        return MASK
    colon = tokens.index(":") if ":" in tokens else len(tokens)
    halves = [tokens[:colon], tokens[colon + 1 :]] if colon < len(tokens) else [tokens]
    return ":".join(_masked_run(half) for half in halves)


def _masked_run(tokens: Sequence[object]) -> str:
    shown: list[str] = []
    for token in tokens:
        if not isinstance(token, str):
            shown.append(str(token))
        elif not shown or shown[-1] != MASK:
            shown.append(MASK)
    return "".join(shown)


def _masked_query(text: str, secrets: list[str]) -> str:
    """From a secret parameter on, nothing is shown: an unquoted password may hold `&` as well."""
    for found in _PARAMETER.finditer(text):
        if found[2] and _SECRET_WORD.search(found[1]) and not _REFERENCES.fullmatch(found[2]):
            secrets += [found[2], text[found.start(2) :]]
            return text[: found.start(2)] + MASK
    return text
