"""What SQLite can check of a query, on the columns of the history: it spares reading what cannot match.

A condition holds for every exchange that the query matches, and perhaps for more: the query has the last word. Columns:
`started_at, status, duration_ms, method, target, layer, client_id, run_id, path` and `document`, all of it as JSON.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

__all__ = ["Condition", "all_of", "any_of", "contains", "equal", "like", "opposite", "since"]

_MOST: Final = 200  # values in one condition, of the 1,000 levels that SQLite takes
_LONGEST: Final = 1_000  # characters of a pattern


@dataclass(frozen=True, slots=True)
class Condition:
    """`exact`: nothing else fulfils it; only then can it be turned round.

    `indexed`: an index leads to its rows; `ordered`: in the order of time, since they are equal in all but that.
    """

    sql: str
    values: tuple[str | int | float, ...] = ()
    exact: bool = True
    indexed: bool = True
    ordered: bool = False


def equal(column: str, value: str | int) -> Condition:
    return Condition(f"{column} = ?", (value,), ordered=True)


def since(seconds: float) -> Condition:
    """Seconds before now, whenever now is: the history is asked right after."""
    return Condition("started_at >= ?", (time.time() - seconds,), exact=False, indexed=False)


def like(column: str, pattern: str, *, exact: bool = True, indexed: bool = True) -> Condition | None:
    """A pattern with `*`, `?` and `[…]`, whatever the case of its ASCII letters."""
    if len(pattern) > _LONGEST:
        return None
    translated, brackets = "", False
    for piece in _pieces(pattern):
        brackets = brackets or len(piece) > 1
        translated += "_" if len(piece) > 1 else {"*": "%", "?": "_"}.get(piece) or _escaped(piece)
    return Condition(f"{column} LIKE ? ESCAPE '\\'", (translated,), exact and not brackets, indexed)


def contains(words: Sequence[str]) -> Condition | None:
    """Each of the words is somewhere in the document; other letters than ASCII may stand for others, so they pass.

    LIKE looks for it where it stands; `instr(lower(…))` would copy every document, and takes three times as long.
    """
    parts = ["".join(map(_escaped, json.dumps(word[:_LONGEST])[1:-1])) for word in words[:_MOST] if word.isascii()]
    if not parts:
        return None
    sql = " AND ".join("document LIKE ? ESCAPE '\\'" for _ in parts)
    patterns = tuple(f"%{part}%" for part in parts)
    return Condition(f"({sql} OR document LIKE '%\\u%')", patterns, exact=False, indexed=False)


def opposite(condition: Condition | None) -> Condition | None:
    if condition is None or not condition.exact:
        return None
    return replace(condition, sql=f"({condition.sql}) IS NOT TRUE", indexed=False, ordered=False)


def all_of(conditions: Sequence[Condition | None]) -> Condition | None:
    """Those that there are, as far as SQLite takes them; exact when none is missing."""
    present, room = list[Condition](), _MOST
    for condition in conditions:
        if condition is not None and len(condition.values) <= room:
            present.append(condition)
            room -= max(len(condition.values), 1)
    if not present:
        return None
    exact = len(present) == len(conditions) and all(condition.exact for condition in present)
    return _joined(" AND ", present, exact=exact, indexed=any(condition.indexed for condition in present))


def any_of(conditions: Sequence[Condition | None]) -> Condition | None:
    """None unless all are there."""
    present = [condition for condition in conditions if condition is not None]
    if not present or len(present) < len(conditions) or sum(len(condition.values) for condition in present) > _MOST:
        return None
    exact = all(condition.exact for condition in present)
    return _joined(" OR ", present, exact=exact, indexed=all(condition.indexed for condition in present))


def _joined(word: str, conditions: Sequence[Condition], *, exact: bool, indexed: bool) -> Condition:
    if len(conditions) == 1:
        return replace(conditions[0], exact=exact, indexed=indexed)
    sql = word.join(f"({condition.sql})" for condition in conditions)
    return Condition(sql, tuple(value for one in conditions for value in one.values), exact, indexed)


def _pieces(pattern: str) -> Iterator[str]:
    """As `fnmatch` reads it: single characters, and whole `[…]`."""
    position = 0
    while position < len(pattern):
        # A `]` right after the opening, or after its `!`, is one of the characters.
        inside = position + 1 + (pattern[position + 1 : position + 2] == "!")
        end = pattern.find("]", inside + 1) if pattern[position] == "[" else -1
        yield pattern[position : end + 1] if end > 0 else pattern[position]
        position = end + 1 if end > 0 else position + 1


def _escaped(character: str) -> str:
    return f"\\{character}" if character in "\\%_" else character
