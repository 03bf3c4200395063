"""The items of a list that the server named, and the way back from a shortened list to the whole one."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from ocm_tui.core.diagnosis.minimise.failure import Failure, plain_path

__all__ = ["hinted_items", "named_items", "own_path"]

_INDEX: Final = re.compile(r"\[(\d{1,6})\]")


def named_items(places: Sequence[int], path: str, failure: Failure | None) -> list[int]:
    """Places of a list that a violation names, as in `restrictedScopes[3]`.

    `places` says of each item that was sent where it stands in the whole list.
    """
    named: dict[int, None] = {}
    for violation in failure.violations if failure is not None else ():
        found = re.match(re.escape(path) + _INDEX.pattern, violation.field_path)
        if found and int(found[1]) < len(places):
            named[places[int(found[1])]] = None
    return list(named)


def hinted_items(places: Sequence[int], path: str, failure: Failure | None) -> tuple[list[int], int | None]:
    """The named ones first; and how many of them are likely to be enough, if that can be told."""
    named = named_items(places, path, failure)
    return [*named, *(place for place in places if place not in named)], 1 if named else None


def own_path(
    failure: Failure, whole: Failure, kept: Mapping[str, Sequence[int]], sent: Mapping[str, Sequence[int]]
) -> str | None:
    """The field that a trial was refused for, with the index that it has in the payload; None if nothing was named.

    `whole` is the refusal of a larger payload. By the name of the field, `kept` and `sent` say where the items of
    shortened lists stand: those of the trial, and those of the larger payload.
    """
    for violation in failure.violations:
        plain = plain_path(violation.field_path)
        same = [
            _at_place(one.field_path, sent)
            for one in whole.violations
            if plain and (one.error_id, plain_path(one.field_path)) == (violation.error_id, plain)
        ]
        where = kept.get(plain)
        if where is not None:
            same = [path for path in same if (found := _INDEX.search(path)) and int(found[1]) in where] or same
        if same or plain:
            return same[0] if same else violation.field_path
    return None


def _at_place(path: str, sent: Mapping[str, Sequence[int]]) -> str:
    where, found = sent.get(plain_path(path)), _INDEX.search(path)
    if where is None or found is None or int(found[1]) >= len(where):
        return path
    return f"{path[: found.start()]}[{where[int(found[1])]}]{path[found.end() :]}"
