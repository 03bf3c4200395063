"""Reading and searching the history: the newest first, and no more of it than is asked for."""

import math
import sqlite3
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final

from ocm_tui.core.errors import OcmError
from ocm_tui.core.exchanges.codec import decoded
from ocm_tui.core.exchanges.history_conditions import Condition, all_of
from ocm_tui.core.exchanges.history_file import is_empty, is_searchable, open_for_reading
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.exchanges.query import ExchangeQuery

__all__ = ["HistoryReader", "Watch"]

Watch = Callable[[float], object]  # told which share of the history was looked through; what it raises ends the reading

_PAGE: Final = 100
_TOGETHER: Final = 50
_FIRST_STRETCH: Final = 500  # rows that are looked through before anybody hears of it, at the beginning
_STRETCHES: Final = (100, 50_000)
_STRETCH_SECONDS: Final = 0.1  # about as long as the later ones take
_NEWEST_FIRST: Final = "ORDER BY started_at DESC, seq DESC"
_END_OF_STRETCH: Final = (
    "SELECT started_at, seq FROM exchange INDEXED BY exchange_started WHERE (started_at, seq) < (?, ?) "
    "ORDER BY started_at DESC, seq DESC LIMIT 1 OFFSET ?"
)
_STRETCH: Final = (
    "SELECT document FROM exchange INDEXED BY exchange_started "
    "WHERE (started_at, seq) < (?, ?) AND (started_at, seq) >= (?, ?)"
)
_THE_OLDEST: Final = (-math.inf, 0)
_SORTED: Final = "ORDER BY +started_at DESC, +seq DESC"  # the signs keep SQLite from going back in time instead


class HistoryReader:
    """Reads what writers of any process have written. Blocks: call it in a thread. Nothing is created or changed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def list(self, query: ExchangeQuery | None = None, limit: int | None = None) -> list[Exchange]:
        """The newest `limit` that match, newest last. A missing file is an empty one. Raises OcmError otherwise."""
        if limit is not None and limit <= 0:
            return []
        with closing(self.newest(query)) as matching:
            found = list(islice(matching, limit))
        found.reverse()
        return found

    def newest(self, query: ExchangeQuery | None = None, *, watch: Watch | None = None) -> Generator[Exchange]:
        """Those that match, newest first, one by one; errors as `list`. Close it when no more are wanted.

        `watch` is called several times a second, also while nothing matches.
        """
        if not self.path.exists():
            return
        try:
            with closing(open_for_reading(self.path)) as database:
                if is_empty(database):
                    return
                database.execute("BEGIN")  # all that is read belongs to one moment
                conditions = query.conditions if query is not None and is_searchable(database) else []
                for document in _documents(database, conditions, watch or _nobody):
                    exchange = decoded(document)
                    if query is None or query.matches(exchange):
                        yield exchange
        except (sqlite3.Error, OSError, ValueError, KeyError, TypeError) as error:
            raise self._unreadable(error) from error

    def get(self, exchange_id: str) -> Exchange | None:
        if not self.path.exists():
            return None
        try:
            with closing(open_for_reading(self.path)) as database:
                if is_empty(database):
                    return None
                row = database.execute("SELECT document FROM exchange WHERE id = ?", (exchange_id,)).fetchone()
                return decoded(row[0]) if row else None
        except (sqlite3.Error, OSError, ValueError, KeyError, TypeError) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> OcmError:
        return OcmError(
            f"the history file {self.path} cannot be read",
            detail=str(error),
            hint="move it away: a new one is begun by itself",
        )


def _nobody(share: float) -> None:
    """Watches."""


def _documents(database: sqlite3.Connection, conditions: Sequence[Condition], watch: Watch) -> Iterator[str]:
    """Those that fulfil the conditions, newest first: by way of the one that fewest fulfil, else back in time."""
    rows = _rows(database)
    counted = [(_count(database, one, rows), one) for one in conditions if one.indexed]
    few = [(count, one) for count, one in counted if count is not None]
    if few:
        count, rare = min(few, key=lambda pair: pair[0])
        return _by_index(database, rare, all_of(conditions), count, watch)
    return _back_in_time(database, all_of(conditions), rows, watch)


def _rows(database: sqlite3.Connection) -> int:
    """About. Each end by itself is read off the table; both in one question would count through all of it."""
    ends = "SELECT (SELECT max(seq) FROM exchange) - (SELECT min(seq) FROM exchange)"
    return int(database.execute(ends).fetchone()[0] or 0)


def _count(database: sqlite3.Connection, condition: Condition, rows: int) -> int | None:
    """How many fulfil it; None when they are better met on the way back in time than found by the index.

    Of N rows, K that have to be sorted cost about K, and a page of P costs N·P/K on the way; without sorting the way
    is the longer one unless it is full of them.
    """
    few = max(math.isqrt(rows * _PAGE), rows // 20 if condition.ordered else 0)
    counted = f"SELECT count(*) FROM (SELECT 1 FROM exchange WHERE {condition.sql} LIMIT ?)"  # noqa: S608
    count = int(database.execute(counted, (*condition.values, few)).fetchone()[0])
    return count if count < few else None


def _by_index(
    database: sqlite3.Connection, rare: Condition, whole: Condition | None, count: int, watch: Watch
) -> Iterator[str]:
    """The index alone tells their order; the rows are judged and read a few at a time, as they are wanted."""
    where, values = (whole.sql, whole.values) if whole else ("1", ())
    looked = 0
    for some in _in_order(database, rare):
        watch(looked / max(count, looked, 1))
        looked += len(some)
        places = ", ".join("?" * len(some))
        found = f"SELECT seq, document FROM exchange WHERE seq IN ({places}) AND ({where})"  # noqa: S608
        documents = dict(database.execute(found, (*some, *values)))
        yield from (documents[seq] for seq in some if seq in documents)


def _in_order(database: sqlite3.Connection, rare: Condition) -> Iterator[list[int]]:
    """The numbers of its rows, newest first, some at a time: to sort out the first of them is quick."""
    found = f"SELECT seq FROM exchange WHERE {rare.sql}"  # noqa: S608
    if rare.ordered:
        rows = database.execute(f"{found} {_NEWEST_FIRST}", rare.values)
    else:
        first = database.execute(f"{found} {_SORTED} LIMIT ?", (*rare.values, _TOGETHER)).fetchall()
        yield [seq for (seq,) in first]
        rows = database.execute(f"{found} {_SORTED} LIMIT -1 OFFSET ?", (*rare.values, _TOGETHER))
    while some := rows.fetchmany(_TOGETHER):
        yield [seq for (seq,) in some]


def _back_in_time(database: sqlite3.Connection, whole: Condition | None, rows: int, watch: Watch) -> Iterator[str]:
    """In stretches: whoever waits hears of it when nothing matches for long, and can end it."""
    where, values = (f"({whole.sql})", whole.values) if whole else ("1", ())
    before: tuple[float, int] = (math.inf, 0)
    looked, size = 0, _FIRST_STRETCH
    while True:
        began = time.monotonic()
        end = database.execute(_END_OF_STRETCH, (*before, size - 1)).fetchone()
        # The stretch stands first: SQLite judges from the left, and what is outside of it is not even read.
        found = f"{_STRETCH} AND {where} {_NEWEST_FIRST}"
        for (document,) in database.execute(found, (*before, *(end or _THE_OLDEST), *values)):
            yield document
        if end is None:
            return
        before, looked = end, looked + size
        watch(min(looked / max(rows, 1), 1.0))
        size = _next_size(size, time.monotonic() - began)


def _next_size(size: int, took: float) -> int:
    """Of the next stretch, by the seconds that the last one took; at most twice as many rows."""
    least, most = _STRETCHES
    return min(max(int(size * min(_STRETCH_SECONDS / max(took, 1e-6), 2.0)), least), most)
