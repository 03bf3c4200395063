"""Filters of the log under a name: a few that come with the program, and the user's own in a file."""

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.exchanges.query import parse_query
from ocm_tui.core.private_files import write_private
from ocm_tui.core.text import clean, json_text

__all__ = ["FILE_NAME", "OWN", "SavedFilter", "SavedFilters"]

FILE_NAME: Final = "log-filters.json"
OWN: Final = "saved"
_BUILT_IN: Final = "comes with it"
_LONGEST_NAME: Final = 60
_LONGEST_QUERY: Final = 1_000
_MOST: Final = 200
_LARGEST: Final = 2**20  # bytes of the file


class SavedFilter(NamedTuple):
    name: str
    query: str
    origin: str = OWN


_SHIPPED: Final = tuple(
    SavedFilter(name, query, _BUILT_IN)
    for name, query in (
        ("failures", "status:>=400,error"),
        ("refused by the server's rules", "status:422"),
        ("not allowed", "status:401,403"),
        ("no answer", "error:any"),
        ("server errors", "status:>=500"),
        ("writes", "method:POST,PUT,PATCH,DELETE"),
        ("slow", "took:>1s"),
        ("token endpoint", "target:token"),
    )
)


class SavedFilters:
    """`{"filters": {NAME: QUERY}}` in the state directory; without one, they last as long as the object.

    A file that cannot be understood is left as it is: `problem` says so, and saving is refused until it is gone.
    """

    def __init__(self, directory: Path | None) -> None:
        self.problem: str | None = None
        self._path = directory / FILE_NAME if directory is not None else None
        self._own: dict[str, str] = {}
        self.load()

    @property
    def all(self) -> list[SavedFilter]:
        """The user's own first."""
        own = (SavedFilter(clean(name, _LONGEST_NAME), query) for name, query in sorted(self._own.items()))
        return [*(one for one in own if _is_query(one.query)), *_SHIPPED]

    def load(self) -> None:
        """What the file holds now: another console may have saved one."""
        if self._path is None:
            return
        try:
            self._own, self.problem = _read(self._path), None
        except (OSError, ValueError, RecursionError) as error:
            self.problem = f"{clean(self._path)} is not used: {clean(error, 200)}"

    def save(self, name: str, query: str) -> None:
        """UsageError when the name or the query is none, or the file cannot be written; nothing is changed then."""
        name = clean(name.strip())
        if not 0 < len(name) <= _LONGEST_NAME:
            raise UsageError(f"a filter's name has 1 to {_LONGEST_NAME} characters")
        if not query.strip() or len(query) > _LONGEST_QUERY:
            raise UsageError("there is no filter to save", hint="/ sets one first")
        parse_query(query)
        self.load()
        if len(self._own) >= _MOST and name not in self._own:
            raise UsageError(f"there are {_MOST} saved filters already", hint="delete one first")
        self._write({**self._own, name: query.strip()})

    def delete(self, name: str) -> None:
        """As `save`."""
        self.load()
        self._write({other: query for other, query in self._own.items() if other != name})

    def _write(self, own: dict[str, str]) -> None:
        if self.problem is not None:
            raise UsageError(self.problem, hint="move the file away, then save again")
        if self._path is not None:
            try:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise UsageError(f"{clean(self._path)} cannot be written: {error.strerror}") from None
            write_private(self._path, json_text({"filters": own}) + "\n")
        self._own = own


def _read(path: Path) -> dict[str, str]:
    """Raises OSError or ValueError. It may hold filters that only another version understands: they are kept."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return {}
    if len(data) > _LARGEST:
        raise ValueError("the file is too large")
    document: Any = json.loads(data)
    filters = document.get("filters") if isinstance(document, dict) else None
    if not isinstance(filters, dict):
        raise ValueError('it holds no {"filters": {NAME: QUERY}}')  # noqa: TRY004  # of a file, not of a caller
    if not all(isinstance(query, str) for query in filters.values()):
        raise ValueError("a filter in it is no text")
    return filters


def _is_query(query: str) -> bool:
    if len(query) > _LONGEST_QUERY:
        return False
    try:
        parse_query(query)
    except OcmError:
        return False
    return True
