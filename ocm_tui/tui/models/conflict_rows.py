"""Two edits of one document, field by field: what it was, what I made of it, what is on the server now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from ocm_tui.core.clients.difference import difference
from ocm_tui.core.clients.fields import field, get_value, with_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.tui.client_text import value_text
from ocm_tui.tui.widgets.row_table import Cell, Column

__all__ = ["CONFLICT_COLUMNS", "Choice", "ConflictField", "ConflictRows"]

Choice = Literal["mine", "theirs", ""]  # "" is undecided

CONFLICT_COLUMNS: Final = (
    Column("Take", 8),
    Column("Field", 16, share=2),
    Column("Was", 10, share=2, needs=90),
    Column("Mine", 12, share=2),
    Column("Theirs", 12, share=2),
)
_WORDS: Final[Mapping[Choice, Cell]] = {
    "mine": Cell("◂ mine", "good"),
    "theirs": Cell("▸ theirs", "strong"),
    "": Cell("▲ ?", "bad"),
}


@dataclass(frozen=True, slots=True)
class ConflictField:
    """Values are safe to show; None is absent. `both` moved it: then nobody but the user can choose."""

    path: str
    was: Any
    mine: Any
    theirs: Any
    both: bool
    choice: Choice

    @property
    def label(self) -> str:
        spec = field(self.path)
        return spec.label if spec is not None else self.path


class ConflictRows:
    """A `RowSource` over the fields in which mine and theirs differ.

    A field that only one side moved is theirs or mine from the start; one that both moved is undecided.
    """

    def __init__(self, original: Mapping[str, Any], mine: ClientDocument, theirs: ClientDocument) -> None:
        self._mine, self._theirs = mine, theirs
        my_moves = {change.path: change for change in difference(original, mine)}
        their_moves = {change.path: change for change in difference(original, theirs)}
        self.fields = [
            ConflictField(
                path=change.path,
                was=(my_moves.get(change.path) or their_moves.get(change.path) or change).before,
                mine=change.after,
                theirs=change.before,
                both=change.path in my_moves and change.path in their_moves,
                choice=_first_choice(change.path in my_moves, change.path in their_moves),
            )
            for change in difference(theirs, mine)
        ]

    # RowSource

    def __len__(self) -> int:
        return len(self.fields)

    def key(self, position: int) -> str:
        return self.fields[position].path

    def position(self, key: str) -> int | None:
        return next((place for place, one in enumerate(self.fields) if one.path == key), None)

    def cells(self, position: int) -> Sequence[Cell]:
        one = self.fields[position]
        return (
            _WORDS[one.choice],
            Cell(value_text(one.label)),
            Cell(value_text(one.was), "dim"),
            Cell(value_text(one.mine), "" if one.choice != "theirs" else "dim"),
            Cell(value_text(one.theirs), "" if one.choice != "mine" else "dim"),
        )

    # Choosing

    def choose(self, path: str, choice: Choice) -> None:
        self.fields = [replace(one, choice=choice) if one.path == path else one for one in self.fields]

    def choose_all(self, choice: Choice) -> None:
        self.fields = [replace(one, choice=choice) for one in self.fields]

    @property
    def undecided(self) -> list[str]:
        return [one.path for one in self.fields if not one.choice]

    def settled(self) -> ClientDocument:
        """Their document with my values where they were chosen. Every field must be decided."""
        assert not self.undecided
        document = self._theirs
        for one in self.fields:
            if one.choice == "mine":
                document = with_value(document, one.path, get_value(self._mine, one.path))
        return document


def _first_choice(mine_moved: bool, theirs_moved: bool) -> Choice:
    if mine_moved and theirs_moved:
        return ""
    return "mine" if mine_moved else "theirs"
