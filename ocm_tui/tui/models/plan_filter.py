"""Filters over the changes of a plan: words match the id, the fields and the reasons; `key:value` terms one property.

    orders is:update field:redirectUris moved:server is:failed -legacy

All terms must hold; `-` before a term turns it round.
"""

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, get_args

from ocm_tui.core.errors import UsageError
from ocm_tui.core.provisioning.model import Action, Change, Moved
from ocm_tui.tui.models.run_progress import STEP_STATES, StepState

__all__ = ["PlanQuery", "haystack", "parse_plan_query"]

_TERM: Final = re.compile(r'(?P<off>-)?(?:(?P<key>[A-Za-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>\S+))')
_ACTIONS: Final = get_args(Action)
_MOVED: Final = get_args(Moved)

_Test = Callable[[Change, "StepState | None", bool], bool]


def haystack(change: Change) -> str:
    """The text that free words are searched in, lower-cased once."""
    return "\n".join((change.client_id, *(field.path for field in change.fields), *change.reasons)).lower()


@dataclass(frozen=True, slots=True)
class PlanQuery:
    text: str = ""
    words: tuple[tuple[str, bool], ...] = ()  # and whether it must be there
    tests: tuple[_Test, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.words and not self.tests

    def matches(self, change: Change, hay: str, state: StepState | None, *, marked: bool) -> bool:
        return all((word in hay) is wanted for word, wanted in self.words) and all(
            test(change, state, marked) for test in self.tests
        )


def parse_plan_query(text: str) -> PlanQuery:
    """Raises UsageError that names the term and the values that it takes."""
    words: list[tuple[str, bool]] = []
    tests: list[_Test] = []
    for match in _TERM.finditer(text):
        value = (match["quoted"] if match["quoted"] is not None else match["plain"] or "").lower()
        if match["key"]:
            test = _test(match["key"].lower(), value)
            tests.append(_opposite(test) if match["off"] else test)
        elif value:
            words.append((value, not match["off"]))
    return PlanQuery(text, tuple(words), tuple(tests))


def _opposite(test: _Test) -> _Test:
    return lambda change, state, marked: not test(change, state, marked)


def _test(key: str, value: str) -> _Test:
    if key == "is":
        return _is(value)
    if key == "moved":
        _known("moved", value, _MOVED)
        return lambda change, _state, _marked: any(field.moved == value for field in change.fields)
    if key == "field":
        return lambda change, _state, _marked: any(value in field.path.lower() for field in change.fields)
    if key == "id":
        return lambda change, _state, _marked: value in change.client_id.lower()
    near = difflib.get_close_matches(key, ("is", "moved", "field", "id"), 1)
    raise UsageError(
        f"there is no {key}: to filter by",
        hint=f"did you mean {near[0]}:?"
        if near
        else 'one of is:, moved:, field:, id:; quote words with a colon: "a:b"',
    )


def _is(value: str) -> _Test:
    _known("is", value, (*_ACTIONS, *STEP_STATES, "marked"))
    if value == "marked":
        return lambda _change, _state, marked: marked
    if value in _ACTIONS:
        return lambda change, _state, _marked: change.action == value
    return lambda _change, state, _marked: state == value


def _known(key: str, value: str, values: tuple[str, ...]) -> None:
    if value not in values:
        raise UsageError(f"{key}:{value} is nothing that a change can be", hint=f"one of {', '.join(values)}")
