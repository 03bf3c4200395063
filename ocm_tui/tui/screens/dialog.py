"""Dialogs: a box over the pane. Cancel is always `esc`; what confirms is never the key that opened the dialog."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.widgets._toast import ToastRack
from textual.worker import Worker

from ocm_tui.core.text import clean
from ocm_tui.tui.pane import titled
from ocm_tui.tui.widgets.plain_input import PlainInput

if TYPE_CHECKING:
    from ocm_tui.tui.app import OcmApp

__all__ = ["ConfirmScreen", "Dialog"]

_R = TypeVar("_R")


class Dialog(ModalScreen[_R]):
    """`compose_dialog` fills the box; `hint` is the line of keys under it.

    What scrolls in the box takes a share of the terminal (vh), so that the keys stay in sight on a small one.
    """

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog #dialog { width: 90%; max-width: 100; height: auto; max-height: 90%; padding: 0 1;
                     border: round $border-focus; border-title-style: bold; background: $surface; }
    Dialog.-danger #dialog { border: round $error; }
    Dialog #dialog-text { height: auto; max-height: 50vh; }
    Dialog #dialog-hint { color: $foreground-dim; height: auto; margin-top: 1; }
    Dialog Input { border: tall $border-plain; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", show=False)]

    def __init__(self, title: str, *, hint: str = "esc cancels", danger: bool = False) -> None:
        super().__init__()
        self._title, self._hint = title, hint
        self.set_class(danger, "-danger")

    @property
    def console(self) -> "OcmApp":
        return cast("OcmApp", self.app)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as box:
            titled(box, self._title)
            yield from self.compose_dialog()
            yield Static(Content(self._hint), id="dialog-hint")

    def compose_dialog(self) -> Iterable[Widget]:
        raise NotImplementedError

    @on(events.ScreenResume)
    def _take_the_toasts(self) -> None:
        """What was toasted is shown here; it must not stand a second time on the screens below, until they are back."""
        for covered in self.app.screen_stack[:-1]:
            for rack in covered.query_children(ToastRack):
                rack.display = False

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        self.console.worker_changed(event)

    def say(self, problem: str) -> None:
        """A word about what is wrong, over the keys."""
        words = Content.styled(clean(problem, 400), "$error")
        self.query_one("#dialog-hint", Static).update(Content("\n").join([words, Content(self._hint)]))

    def action_cancel(self) -> None:
        self.dismiss(None)


class ConfirmScreen(Dialog[bool]):
    """Yes only by `y`, or, where `typed` is given, by typing that text and Enter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "confirm", "Yes", show=False),
        Binding("n", "cancel", "No", show=False),
        Binding("j,down", "scroll(1)", "Down", show=False),
        Binding("k,up", "scroll(-1)", "Up", show=False),
    ]

    def __init__(self, title: str, text: Content, *, verb: str, typed: str | None = None, danger: bool = False) -> None:
        hint = f"type {clean(typed, 80)} and ⏎ to {verb} · esc cancels" if typed else f"y  {verb}    esc  cancel"
        super().__init__(title, hint=hint, danger=danger)
        self._text, self._typed = text, typed

    def compose_dialog(self) -> Iterable[Widget]:
        yield VerticalScroll(Static(self._text), id="dialog-text", can_focus=False)
        if self._typed is not None:
            yield PlainInput(placeholder=clean(self._typed, 80))

    def action_scroll(self, by: int) -> None:
        self.query_one("#dialog-text").scroll_relative(y=by, animate=False)

    def action_confirm(self) -> None:
        if self._typed is None:
            self.dismiss(True)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if event.value == self._typed:
            self.dismiss(True)
        else:
            self.say("That is not the same text; nothing was done.")
