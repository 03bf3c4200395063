"""The file before and after: read before anything is written. What a save leaves out is said as well."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from textual.content import Content

from ocm_tui.core.text import clean
from ocm_tui.tui.screens.choice import ChoiceScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.tones import TONES

if TYPE_CHECKING:
    from ocm_tui.core.oci.model import ConfigFile
    from ocm_tui.core.oci.registry import ProfileEntry

__all__ = ["ChangedScreen", "SaveScreen", "left_out"]

_TONES: Final = {"+": TONES["good"], "-": TONES["bad"], "@": TONES["head"]}
_LONGEST: Final = 2000  # lines of a difference


class SaveScreen(ConfirmScreen):
    """Yes writes the file."""

    DEFAULT_CSS = """
    SaveScreen #dialog { width: 96%; max-width: 180; max-height: 96%; }
    SaveScreen #dialog-text { max-height: 75vh; }
    SaveScreen.-typed #dialog-text { max-height: 50vh; }
    """

    def __init__(
        self, title: str, file: "ConfigFile", lines: Sequence[str], notes: Sequence[str], *, typed: str | None
    ) -> None:
        """`lines` are those of `diff.masked_diff`, without its two lines of names."""
        text = Content("\n").join([*_about(file, notes), Content(""), *_difference(lines)])
        super().__init__(title, text, verb="write the file", typed=typed)
        self.set_class(typed is not None, "-typed")


def _about(file: "ConfigFile", notes: Sequence[str]) -> Iterable[Content]:
    yield Content.styled(clean(file.path, 300), "bold")
    if file.missing:
        yield Content.styled("There is no such file yet: it is made, with mode 0600.", TONES["dim"])
    else:
        former = f"{clean(file.path.name, 100)}.bak.TIME"
        words = f"What it says now is kept beside it as {former}; comments and order stay, its mode becomes 0600."
        yield Content.styled(words, TONES["dim"])
    yield from (Content.styled(clean(note, 400), TONES["warn"]) for note in notes)


def _difference(lines: Sequence[str]) -> Iterable[Content]:
    for line in lines[:_LONGEST]:
        yield Content.styled(clean(line, 400), _TONES.get(line[:1], TONES["dim"]))
    if len(lines) > _LONGEST:
        yield Content(f"… {len(lines) - _LONGEST:,} more lines")


def left_out(entries: Iterable["ProfileEntry"]) -> list[str]:
    """A sentence for what stays in memory: drafts, and keys that were given as text."""
    drafts, keys = [], []
    for entry in entries:
        if entry.draft:
            drafts.append(entry.name)
        elif (
            entry.config.key_content and entry.modified and not (entry.source and "key_content" in entry.source.fields)
        ):
            keys.append(entry.name)
    said = []
    if drafts:
        said.append(f"Drafts are not written: {', '.join(drafts)}.")
    if keys:
        said.append(f"The key content of {', '.join(keys)} stays in memory: with key_file the profile works elsewhere.")
    return said


class ChangedScreen(ChoiceScreen[str]):
    """Somebody else has written the file since it was read."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path} has changed on disk",
            {
                "r": ("again", "read it, put what was changed here on top, and show the difference again"),
                "d": ("drop", "read it, and drop what was changed here"),
            },
        )
