"""Filters over OCI profiles: words match the name, the OCIDs and the region; `key:value` terms match one property.

    orders status:useable auth:token region:frankfurt finding:key-missing is:modified -legacy

All terms must hold; `-` before a term turns it round. Values are partial but for those of `status` and `is`.
"""

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ocm_tui.core.errors import UsageError

if TYPE_CHECKING:
    from ocm_tui.core.oci.registry import ProfileEntry

__all__ = ["ProfileQuery", "parse_profile_query"]

_Test = Callable[["ProfileEntry"], bool]

_TERM: Final = re.compile(r'(?P<off>-)?(?:(?P<key>[A-Za-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>\S+))')
_KEYS: Final = ("status", "auth", "region", "tenancy", "finding", "is")
_STATUSES: Final = {"useable": "useable", "not": "not useable", "unknown": "unknown"}
_STATES: Final[dict[str, _Test]] = {
    "modified": lambda entry: entry.modified,
    "draft": lambda entry: entry.draft,
    "probed": lambda entry: entry.result is not None,
    "error": lambda entry: any(one.severity == "error" for one in entry.findings),
    "warning": lambda entry: any(one.severity == "warning" for one in entry.findings),
}


@dataclass(frozen=True, slots=True)
class ProfileQuery:
    text: str = ""
    words: tuple[tuple[str, bool], ...] = ()  # and whether it must be there
    tests: tuple[_Test, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.words and not self.tests

    def matches(self, entry: "ProfileEntry") -> bool:
        if not all(test(entry) for test in self.tests):
            return False
        if not self.words:
            return True
        config = entry.config
        hay = "\n".join((entry.name, config.user or "", config.tenancy or "", config.region or "")).lower()
        return all((word in hay) is wanted for word, wanted in self.words)


def parse_profile_query(text: str) -> ProfileQuery:
    """Raises UsageError that names the term and the values that it takes."""
    words: list[tuple[str, bool]] = []
    tests: list[_Test] = []
    for match in _TERM.finditer(text):
        value = (match["quoted"] if match["quoted"] is not None else match["plain"] or "").lower()
        if match["key"]:
            test = _test(match["key"].lower(), value, match.start("key") + 1)
            tests.append(_opposite(test) if match["off"] else test)
        elif value:
            words.append((value, not match["off"]))
    return ProfileQuery(text, tuple(words), tuple(tests))


def _opposite(test: _Test) -> _Test:
    return lambda entry: not test(entry)


def _test(key: str, value: str, column: int) -> _Test:
    match key:
        case "status":
            status = _STATUSES[_known(key, value.removesuffix(" useable"), tuple(_STATUSES), column)]
            return lambda entry: entry.status == status
        case "is":
            return _STATES[_known(key, value, tuple(_STATES), column)]
        case "auth":
            return lambda entry: value in (entry.config.authentication or "api_key").lower()
        case "region" | "tenancy":
            return lambda entry: value in (getattr(entry.config, key) or "").lower()
        case "finding":
            return lambda entry: any(value in finding.code for finding in entry.findings)
    near = difflib.get_close_matches(key, _KEYS, 1)
    raise UsageError(
        f"filter, column {column}: there is no {key}: to filter by",
        hint=f"did you mean {near[0]}:?"
        if near
        else f'one of {", ".join(f"{name}:" for name in _KEYS)}; quote words with a colon: "a:b"',
    )


def _known(key: str, value: str, values: tuple[str, ...], column: int) -> str:
    if value not in values:
        raise UsageError(
            f"filter, column {column}: {key}:{value} is nothing that a profile can be",
            hint=f"one of {', '.join(f'{key}:{one}' for one in values)}",
        )
    return value
