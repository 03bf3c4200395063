"""Dead letters as rows, newest first, and one of them in words: hashes are masked wherever they stand."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from textual.content import Content

from ocm_tui.core.registry.masking import masked_text
from ocm_tui.core.text import clean, clean_lines
from ocm_tui.tui.models.event_rows import clock_text
from ocm_tui.tui.tones import TONES
from ocm_tui.tui.widgets.row_table import Cell, Column

if TYPE_CHECKING:
    from ocm_tui.core.registry.events.model import DeadLetter

__all__ = ["LETTER_COLUMNS", "LetterRows", "letter_content"]

LETTER_COLUMNS: Final = (
    Column("Came", 8),
    Column("Event", 16, needs=56),
    Column("Client", 18, share=1),
    Column("Error", 20, share=2),
)
_LONGEST: Final = 64_000  # characters of a field that are shown


class LetterRows:
    """A `RowSource`. `name_of` gives a client in the reader's words."""

    def __init__(self, name_of: Callable[[UUID], str]) -> None:
        self.letters: Sequence[DeadLetter] = ()
        self._name_of = name_of
        self._places: dict[str, int] = {}

    def replace(self, letters: "Sequence[DeadLetter]") -> None:
        """As the stream gives them: newest last."""
        self.letters = list(reversed(letters))
        self._places = {letter.letter_id: place for place, letter in enumerate(self.letters)}

    def __len__(self) -> int:
        return len(self.letters)

    def key(self, position: int) -> str:
        return self.letters[position].letter_id

    def position(self, key: str) -> int | None:
        return self._places.get(key)

    def cells(self, position: int) -> Sequence[Cell]:
        letter = self.letters[position]
        return (
            Cell(clock_text(letter.source_id), "dim"),
            Cell(clean(masked_text(letter.fields.get("type", "")) or "–", 40).removeprefix("client.")),
            Cell(self.who(letter)),
            Cell(clean(letter.error, 400) or "–", "bad"),
        )

    def who(self, letter: "DeadLetter") -> str:
        text = masked_text(letter.fields.get("client_id", ""))
        try:
            return clean(self._name_of(UUID(text)), 80)
        except ValueError:
            return clean(text, 80) or "–"

    def find(self, key: str | None) -> "DeadLetter | None":
        place = self._places.get(key) if key is not None else None
        return None if place is None else self.letters[place]


def letter_content(letter: "DeadLetter") -> Content:
    """Its error, where it was in the stream, and every field."""
    from ocm_tui.core.registry.events.codec import masked
    from ocm_tui.core.secret import known_secrets
    from ocm_tui.tui.registry_text import labelled, raw_content

    lines = [
        Content.styled(f"▲ {clean(letter.error, 1000) or 'no error was written down'}", TONES["bad"]),
        labelled("stream id", clean(letter.source_id, 60)),
        labelled("letter", clean(letter.letter_id, 60)),
        Content(""),
    ]
    for name, text in masked(letter.fields).items():
        shown = known_secrets.scrub(text)
        if shown.lstrip().startswith(("{", "[")):
            lines += [Content.styled(clean(name, 60), TONES["dim"]), raw_content(shown.encode(errors="replace"))]
        else:
            lines.append(labelled(clean(name, 60), clean_lines(shown[:_LONGEST], 8000)))
    if not letter.fields:
        lines.append(Content.styled("It has no fields.", TONES["dim"]))
    return Content("\n").join(lines)
