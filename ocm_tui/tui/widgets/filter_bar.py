"""The filter of a list: opened by `/`, applied at every keystroke, kept when it is left."""

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import AwaitMount
from textual.widgets import Input, Static

from ocm_tui.tui.widgets.plain_input import PlainInput
from ocm_tui.tui.widgets.text_panel import AFTER_START

__all__ = ["FilterBar"]


class FilterBar(Vertical):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "clear", "Clear filter", show=False)]

    class Changed(Message):
        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The reader is done typing: the list takes the focus, the filter stays."""

    def __init__(self, hint: str) -> None:
        super().__init__()

        self._field = PlainInput(placeholder=hint, select_on_focus=False)
        self._problem = Static(Content(""), classes="problem")
        self._complaint = ""
        self._filling: AwaitMount | None = None

    def on_mount(self) -> None:
        self.set_timer(AFTER_START, self._fill)

    def _fill(self) -> None:
        """The inner parts come after the first frame, which does not show them."""
        if not self.children and self.is_attached:  # it may have been left at once
            self._filling = self.mount(Horizontal(Static(Content("/ "), classes="mark"), self._field), self._problem)

    @property
    def text(self) -> str:
        return self._field.value

    async def open(self) -> None:
        """When it returns the input has the focus: the next key is text already."""
        self._fill()
        if self._filling is not None:
            await self._filling
        self.add_class("-shown")
        self._field.cursor_position = len(self._field.value)
        self.screen.set_focus(self._field)

    def show(self, text: str) -> None:
        """Set the filter without taking the focus."""
        self._fill()
        self.set_class(bool(text), "-shown")
        self._field.value = text

    def complain(self, problem: str) -> None:
        if problem != self._complaint:
            self._complaint = problem
            self._problem.update(Content(problem))
            self._problem.display = bool(problem)

    def action_clear(self) -> None:
        self._field.value = ""
        self.remove_class("-shown")
        self.post_message(self.Left())

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.set_class(bool(event.value.strip()), "-shown")
        self.post_message(self.Left())
