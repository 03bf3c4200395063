"""The events that no consumer could apply: why, what stands in them, and another chance for one or for all."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, Final
from uuid import UUID

from textual import on, work
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from ocm_tui.core.errors import OcmError
from ocm_tui.core.text import clean
from ocm_tui.tui.actions import Action, bindings_of, find_action
from ocm_tui.tui.models.letter_rows import LETTER_COLUMNS, LetterRows, letter_content
from ocm_tui.tui.pane import titled
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.whole_screen import WholeScreen
from ocm_tui.tui.tones import TONES
from ocm_tui.tui.widgets.key_footer import KeyFooter
from ocm_tui.tui.widgets.row_table import RowTable
from ocm_tui.tui.widgets.text_panel import ReadingPane

if TYPE_CHECKING:
    from ocm_tui.core.registry.events.operations import Replayed
    from ocm_tui.core.registry.service import ClientRegistry

__all__ = ["DeadLettersScreen"]

_MOST: Final = 1_000  # letters that are listed, the newest; all of them can be replayed
_NAMED: Final = 20


class DeadLettersScreen(WholeScreen[None]):
    DEFAULT_CSS = """
    DeadLettersScreen #letters { height: 1fr; }
    DeadLettersScreen #letter { height: 1fr; }
    """
    pane = "letters"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("letters")]

    def __init__(self, registry: "ClientRegistry", name_of: Callable[[UUID], str]) -> None:
        super().__init__("Dead letters")
        self._registry = registry
        self.rows = LetterRows(name_of)
        self._shown: str | None = None

    def compose_dialog(self) -> Iterable[Widget]:
        with Vertical(id="letters", classes="box"):
            yield RowTable(LETTER_COLUMNS, self.rows)
        with Vertical(id="letter", classes="box"):
            yield ReadingPane()

    def on_mount(self) -> None:
        self.table.focus()
        self.table.say("Reading the dead letters …")
        self.action_refresh()

    @property
    def table(self) -> RowTable:
        return self.query_one(RowTable)

    def why_not(self, action: Action) -> str | None:
        if action.kind == "look":
            return None
        return "There is no dead letter to replay." if not len(self.rows) else self._registry.policy.why_not()

    def _is_refused(self, action_id: str) -> bool:
        """Then it has been said why."""
        reason = self.why_not(find_action(action_id))
        if reason is not None:
            self.console.announce(reason, severity="warning")
        return reason is not None

    # Reading

    def action_refresh(self) -> None:
        self._read()

    @work(exclusive=True, group="letters.read", exit_on_error=False, description="read the dead letters")
    async def _read(self) -> None:
        stream = self._registry.stream
        if stream is None:
            self.table.say("No event stream is configured here.")
            return
        try:
            letters = await stream.letters(_MOST)
        except OcmError as error:
            self.table.say("The dead letters cannot be read now.", "r tries again")
            self.console.announce_error(error)
            return
        self.rows.replace(letters)
        self.table.marks &= {letter.letter_id for letter in letters}
        self.table.say("No dead letters: every event was applied, or waits for its consumer.")
        self.table.rows_changed()
        self._show_state()
        self._show_letter()

    def _show_state(self) -> None:
        count, marks = len(self.rows), len(self.table.marks)
        number = f"newest {count:,}" if count == _MOST else f"{count:,}"
        stream = self._registry.stream
        where = stream.name if stream is not None else ""
        titled(self.query_one("#letters"), "Dead letters", number, where, f"{marks:,} marked" if marks else "")
        self.query_one(KeyFooter).look_again()

    @on(RowTable.Highlighted)
    def _show_letter(self) -> None:
        letter = self.rows.find(self.table.selected_key)
        other = self._shown != (letter.letter_id if letter is not None else None)
        self._shown = letter.letter_id if letter is not None else None
        titled(self.query_one("#letter"), self.rows.who(letter) if letter is not None else "Letter")
        self.query_one(ReadingPane).show(letter_content(letter) if letter is not None else Content(""), top=other)

    @on(RowTable.Chosen)
    def action_read(self) -> None:
        self.query_one(ReadingPane).focus()

    def action_mark(self) -> None:
        self.table.toggle_mark()
        self._show_state()

    # Replaying

    def action_replay(self) -> None:
        if not self._is_refused("letters.replay"):
            marked = [letter.letter_id for letter in self.rows.letters if letter.letter_id in self.table.marks]
            selected = [self.table.selected_key] if self.table.selected_key is not None else []
            self._replay(marked or selected)

    def action_replay_all(self) -> None:
        if not self._is_refused("letters.replay_all"):
            self._replay(None)

    @work(exclusive=True, group="letters.replay", exit_on_error=False, description="replay dead letters")
    async def _replay(self, letter_ids: Sequence[str] | None) -> None:
        from ocm_tui.core.registry.events.operations import replay

        one = len(letter_ids) == 1 if letter_ids is not None else False
        what = "all dead letters" if letter_ids is None else f"{len(letter_ids):,} dead letter{'' if one else 's'}"
        connection = self.console.connection
        question = ConfirmScreen(
            f"Replay {what}?",
            self._consequences(letter_ids),
            verb="replay it" if one else "replay them",
            typed=connection.environment if connection.protected else None,
        )
        if not await self.app.push_screen_wait(question):
            return
        try:
            done = await replay(self._registry, letter_ids)
        except OcmError as error:
            self.console.announce_error(error)
        else:
            self.console.announce(_outcome(done))
        self.table.marks.clear()
        self._read()

    def _consequences(self, letter_ids: Sequence[str] | None) -> Content:
        lines = [
            Content("Each is published once more, as old as it was: it changes nothing that is newer by now."),
            Content.styled(
                "What could not be applied for a reason that is still there becomes a letter again.", TONES["dim"]
            ),
            Content(""),
        ]
        ids = [letter.letter_id for letter in self.rows.letters] if letter_ids is None else list(letter_ids)
        for letter in filter(None, map(self.rows.find, ids[:_NAMED])):
            kind = clean(letter.fields.get("type", "") or "–", 30).removeprefix("client.")
            lines.append(
                Content.assemble(
                    f"  {kind:<17}", self.rows.who(letter), (f"  {clean(letter.error, 200)}", TONES["dim"])
                )
            )
        if len(ids) > _NAMED:
            lines.append(Content(f"  … and {len(ids) - _NAMED:,} more"))
        return Content("\n").join(lines)

    # Leaving

    def action_back(self) -> None:
        """The closest thing first: the text, the marks, the list."""
        if self.query_one(ReadingPane).has_focus:
            self.table.focus()
        elif self.table.marks:
            self.table.clear_marks()
            self._show_state()
        else:
            self.dismiss(None)


def _outcome(done: "Replayed") -> str:
    """`3 asked for, 3 published`: fewer are published where several letters stand for one event."""
    same = f", {done.letters - done.published:,} stood for the same event" if done.published < done.letters else ""
    return f"Replayed: {done.letters:,} asked for, {done.published:,} published{same}."
