"""The filter of a list: opened by `/`, applied at every keystroke, kept when it is left."""

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

__all__ = ["FilterBar"]


class FilterBar(Horizontal):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "clear", "Clear filter", show=False)]

    class Changed(Message):
        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The reader is done typing: the list takes the focus, the filter stays."""

    def __init__(self, hint: str) -> None:
        super().__init__()

        self._field = Input(placeholder=hint, select_on_focus=False)
        self._problem = Static(Content(""), classes="problem")

    def _fill(self) -> None:
        """The inner parts come when the filter is first wanted: the first frame does not pay for them."""
        if not self.children:
            self.mount(Static(Content("/ "), classes="mark"), self._field, self._problem)

    @property
    def text(self) -> str:
        return self._field.value

    def open(self) -> None:
        self._fill()
        self.add_class("-shown")
        self._field.cursor_position = len(self._field.value)
        self._field.focus()

    def show(self, text: str) -> None:
        """Set the filter without taking the focus."""
        self._fill()
        self.set_class(bool(text), "-shown")
        self._field.value = text

    def complain(self, problem: str) -> None:
        self._problem.update(Content(f" {problem}" if problem else ""))

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
