"""Everything that is wrong with an inventory, gathered while it is read, and told at once."""

from collections.abc import Iterable, Sequence
from typing import Final

from ocm_tui.core.clients.fields import nearest as nearest_field
from ocm_tui.core.errors import ConfigError
from ocm_tui.core.positioned.problems import InvalidConfiguration, Place, Problem, in_order, nearest

__all__ = ["InvalidInventory", "Report"]

_MOST_SEARCHES: Final = 200  # each takes about a millisecond, and nobody reads more
_LONGEST_WORD: Final = 64


class InvalidInventory(InvalidConfiguration):
    """`problems` are the errors of all files; `warnings` is what would have been said without them."""

    def __init__(self, problems: Sequence[Problem], warnings: Sequence[Problem] = ()) -> None:
        super().__init__(problems)
        self.warnings = in_order(warnings)


class Report:
    def __init__(self) -> None:
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []
        self._searches = 0

    def error(self, place: Place, message: str, hint: str = "") -> None:
        self.errors.append(place.as_error(message, hint=hint))

    def warning(self, place: Place, message: str, hint: str = "") -> None:
        self.warnings.append(place.as_warning(message, hint=hint))

    def refused(self, error: ConfigError) -> None:
        """A file that could not be read."""
        self.errors.append(Problem.of(error))

    def meant(self, word: str, known: Iterable[str]) -> str:
        """`did you mean …?`, or "" when nothing is near."""
        return self._question(nearest(word[:_LONGEST_WORD], known) if self._may_search() else None)

    def meant_field(self, path: str) -> str:
        return self._question(nearest_field(path[:_LONGEST_WORD]) if self._may_search() else None)

    def _may_search(self) -> bool:
        self._searches += 1
        return self._searches <= _MOST_SEARCHES

    @staticmethod
    def _question(name: str | None) -> str:
        return f"did you mean `{name}`?" if name else ""
