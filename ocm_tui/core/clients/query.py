"""Filters over client rows: words match id and name; `key:value` terms match one property.

    orders is:disabled grant:code auth:none atm:jwt state:drifted -legacy

All terms must hold; `-` or `not ` before a term turns it round. Values of `grant`, `auth` and `atm` are partial and
case-insensitive, because nobody types RESOURCE_OWNER_CREDENTIALS. `state:drifted,missing` takes several; clients that
the server does not have are listed only when `state:missing` asks for them.
"""

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ocm_tui.core.clients.model import ClientRow
from ocm_tui.core.errors import UsageError

__all__ = ["ClientQuery", "haystack", "parse_client_query"]

_TERM: Final = re.compile(
    r'(?P<off>-|not\s+)?(?:(?P<key>[A-Za-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>\S+))', re.IGNORECASE
)
_STATES: Final = {"enabled": True, "disabled": False}
_KEYS: Final = ("is", "grant", "auth", "atm", "id", "name", "state")
# Against the inventory, as `provisioning.model.ClientState` has them.
_INVENTORY_STATES: Final = frozenset({"in sync", "drifted", "missing", "unmanaged", "blocked", "unknown"})


def haystack(row: ClientRow) -> str:
    """The text that free words are searched in, lower-cased once when the row arrives."""
    return f"{row.client_id}\n{row.name}".lower()


@dataclass(frozen=True, slots=True)
class ClientQuery:
    """`words` are in the haystack, each of them; `absent` are not; `tests` hold for the row.

    `states` are those that pass, None when none was asked for: then nobody has to compare with an inventory.
    """

    text: str
    words: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    tests: tuple[Callable[[ClientRow], bool], ...] = ()
    states: frozenset[str] | None = None

    @property
    def wants_missing(self) -> bool:
        """Whether declared clients that the server does not have are asked for."""
        return self.states is not None and "missing" in self.states

    def matches(self, row: ClientRow, hay: str | None = None, *, state: str = "unknown") -> bool:
        """`state` is the row's against the inventory."""
        hay = haystack(row) if hay is None else hay
        return (
            (self.states is None or state in self.states)
            and all(word in hay for word in self.words)
            and not any(word in hay for word in self.absent)
            and all(test(row) for test in self.tests)
        )

    def narrows(self, former: "ClientQuery") -> bool:
        """Whether every row that this one matches was matched by `former` as well: then only those need a look."""
        if (self.tests, self.absent, self.states) != (former.tests, former.absent, former.states):
            return False
        if len(self.words) < len(former.words):
            return False
        return all(old in new for old, new in zip(former.words, self.words, strict=False))


def parse_client_query(text: str) -> ClientQuery:
    """Raises UsageError that names the term and the nearest key or value."""
    words: list[str] = []
    absent: list[str] = []
    tests: list[Callable[[ClientRow], bool]] = []
    states: frozenset[str] | None = None
    for match in _TERM.finditer(text):
        value = (match["quoted"] if match["quoted"] is not None else match["plain"] or "").lower()
        if match["key"] and match["key"].lower() == "state":
            asked = _inventory_states(value, match.start("key") + 1)
            passing = _INVENTORY_STATES - {"missing"} - asked if match["off"] else asked
            states = passing if states is None else states & passing
        elif match["key"]:
            test = _test(match["key"].lower(), value, match.start("key") + 1)
            tests.append(_negated(test) if match["off"] else test)
        elif value:
            (absent if match["off"] else words).append(value)
    return ClientQuery(text, tuple(words), tuple(absent), tuple(tests), states)


def _negated(test: Callable[[ClientRow], bool]) -> Callable[[ClientRow], bool]:
    return lambda row: not test(row)


def _inventory_states(value: str, column: int) -> frozenset[str]:
    """`in-sync`, `in_sync`, `insync` and `"in sync"` are one state; a comma stands between several."""
    known = {_letters(state): state for state in _INVENTORY_STATES}
    states = [known.get(_letters(word)) for word in value.split(",")]
    if None in states:
        shown = ", ".join(f"state:{state.replace(' ', '-')}" for state in sorted(_INVENTORY_STATES))
        raise UsageError(f"filter, column {column}: state:{value} is not a state", hint=f"one of {shown}")
    return frozenset(state for state in states if state is not None)


def _letters(word: str) -> str:
    return re.sub("[ _-]", "", word)


def _test(key: str, value: str, column: int) -> Callable[[ClientRow], bool]:
    if key == "is":
        if value not in _STATES:
            raise UsageError(
                f"filter, column {column}: is:{value} is not a state",
                hint=f"one of {', '.join(map('is:'.__add__, _STATES))}",
            )
        wanted = _STATES[value]
        return lambda row: row.enabled is wanted
    upper = value.upper().replace("-", "_")
    if key == "grant":
        return lambda row: any(upper in grant for grant in row.grant_types)
    if key == "auth":
        return lambda row: upper in row.auth_type
    if key == "atm":
        return lambda row: value in row.token_manager.lower()
    if key in ("id", "name"):
        return lambda row: value in (row.client_id if key == "id" else row.name).lower()
    near = difflib.get_close_matches(key, _KEYS, 1)
    raise UsageError(
        f"filter, column {column}: there is no {key}: to filter by",
        hint=f"did you mean {near[0]}:?"
        if near
        else f'one of {", ".join(f"{name}:" for name in _KEYS)}; quote words with a colon: "a:b"',
    )
