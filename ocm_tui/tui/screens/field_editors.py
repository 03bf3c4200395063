"""One dialog for each kind of field: a line, several lines, one of many, some of many.

A value that is taken as it was shown stays exactly what it was, however odd it is. What cannot be typed is shown as
JSON, which is read back as JSON.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList, SelectionList, Static, TextArea
from textual.widgets.option_list import Option
from textual.widgets.selection_list import Selection

from ocm_tui.core.clients.fields import FieldSpec, parse_value, value_text
from ocm_tui.core.clients.model import NamedChoice
from ocm_tui.core.errors import UsageError
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean, json_text
from ocm_tui.tui.screens.dialog import Dialog
from ocm_tui.tui.widgets.plain_input import PlainInput
from ocm_tui.tui.widgets.plain_text_area import PlainTextArea

__all__ = ["Edited", "editor_for"]


@dataclass(frozen=True, slots=True)
class Edited:
    """The new value of a field; None takes the field out of the document."""

    value: Any


def editor_for(spec: FieldSpec, value: Any, choices: Sequence[NamedChoice] | None) -> Dialog[Edited]:
    """`choices` are the server's own, or None where it has none to offer (or did not answer): then free text."""
    if spec.kind == "bool":
        return ChoiceEditor(spec, value, [NamedChoice("true", "yes"), NamedChoice("false", "no")])
    if spec.kind == "enum":
        return ChoiceEditor(spec, value, [NamedChoice(str(item)) for item in spec.values])
    if spec.kind == "reference" and choices is not None:
        return ChoiceEditor(spec, value, choices)
    if spec.kind in ("set", "list") and (choices is not None or spec.values):
        return SetEditor(
            spec, value, choices if choices is not None else [NamedChoice(str(item)) for item in spec.values]
        )
    if spec.kind in ("set", "list", "long_text", "mapping"):
        return LinesEditor(spec, value)
    return LineEditor(spec, value)


class _FieldEditor(Dialog[Edited]):
    def __init__(self, spec: FieldSpec, value: Any, hint: str) -> None:
        super().__init__(spec.label, hint=hint)
        self.spec, self.value = spec, value

    def compose_dialog(self) -> Iterable[Widget]:
        if self.spec.help:
            yield Static(Content.styled(self.spec.help, "$foreground-dim"))
        yield from self.compose_editor()

    def compose_editor(self) -> Iterable[Widget]:
        raise NotImplementedError

    def take(self, text: str) -> None:
        """Parse as the command line would; a wrong value keeps the dialog open and says why."""
        try:
            self.dismiss(Edited(parse_value(self.spec, text)))
        except UsageError as error:
            self.say(f"{error.title} {error.hint}".strip())


class LineEditor(_FieldEditor):
    empty: ClassVar[str] = "empty removes the field · "

    def __init__(self, spec: FieldSpec, value: Any) -> None:
        super().__init__(spec, value, f"⏎ takes it · {self.empty}esc cancels")
        text = "" if spec.secret else value_text(value)
        self._shown = text if clean(text) == text else json_text(value, indent=None)

    def compose_editor(self) -> Iterable[Widget]:
        yield PlainInput(self._shown, password=self.spec.secret)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if event.value == self._shown:
            self.dismiss(Edited(self.value))
        elif self.spec.secret:
            self.dismiss(Edited(Secret(event.value)))
        else:
            self.take(event.value)


class LinesEditor(_FieldEditor):
    """Lists: one item a line. Mappings, and what would not come back from lines as it was: JSON."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "accept", "Take it", show=False, priority=True)]
    DEFAULT_CSS = "LinesEditor TextArea { height: 12; max-height: 50vh; }"

    def __init__(self, spec: FieldSpec, value: Any) -> None:
        plain = _plain_lines(spec, value)
        what = "JSON" if plain is None else "text" if spec.kind == "long_text" else "one a line"
        super().__init__(spec, value, f"{what} · ^s takes it · esc cancels")
        self._one_a_line = plain is not None and spec.kind in ("set", "list")
        self._shown = json_text(value) if plain is None else plain

    def compose_editor(self) -> Iterable[Widget]:
        yield PlainTextArea(self._shown, soft_wrap=True)

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)

    def action_accept(self) -> None:
        text = self.query_one(TextArea).text
        if text == self._shown:
            self.dismiss(Edited(self.value))
        elif self._one_a_line:
            lines = [line.strip() for line in text.split("\n") if line.strip()]
            self.take(json.dumps(lines) if lines else "")
        else:
            self.take(text)


def _plain_lines(spec: FieldSpec, value: Any) -> str | None:
    """The value as lines of text; None when only JSON can say it."""
    if value in (None, "", [], {}):
        return ""
    if spec.kind == "long_text" and isinstance(value, str):
        words = value.replace("\r\n" if "\r\n" in value else "\n", "").replace("\t", "")
        return value if clean(words) == words and value.strip() not in ("", "null") and value[0] != '"' else None
    if spec.kind in ("set", "list") and isinstance(value, list):
        plain = all(isinstance(item, str) and item == item.strip() == clean(item) and item for item in value)
        return "\n".join(value) if plain else None
    return None


class ChoiceEditor(_FieldEditor):
    """One of many, found by typing."""

    DEFAULT_CSS = "ChoiceEditor OptionList { height: auto; max-height: 50vh; border: none; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "step(1)", "Down", show=False, priority=True),
        Binding("up", "step(-1)", "Up", show=False, priority=True),
    ]

    def __init__(self, spec: FieldSpec, value: Any, choices: Sequence[NamedChoice]) -> None:
        super().__init__(spec, value, "type to find · ⏎ takes it · esc cancels")
        self._now = value_text(value)
        unknown = self._now and all(choice.id != self._now for choice in choices)
        self._choices = [
            NamedChoice("", "not set"),
            *([NamedChoice(self._now, "(what is stored)")] if unknown else []),
            *choices,
        ]
        self._shown = self._choices

    def compose_editor(self) -> Iterable[Widget]:
        yield PlainInput(placeholder="find …")
        yield OptionList(*self._options(), markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = [choice.id for choice in self._choices].index(self._now)

    def _options(self) -> list[Option]:
        return [Option(Content(f"{clean(choice.id)}  {clean(choice.label)}".strip())) for choice in self._shown]

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        words = event.value.lower().split()
        self._shown = [c for c in self._choices if all(word in f"{c.id} {c.label}".lower() for word in words)]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(self._options())
        options.highlighted = 0 if self._shown else None

    def action_step(self, by: int) -> None:
        options = self.query_one(OptionList)
        if self._shown:
            options.highlighted = ((options.highlighted or 0) + by) % len(self._shown)

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _picked(self) -> None:
        place = self.query_one(OptionList).highlighted
        if place is None:
            return
        if self._shown[place].id == self._now:
            self.dismiss(Edited(self.value))
        else:
            self.take(self._shown[place].id)


class SetEditor(_FieldEditor):
    """Some of many. Values that the server does not offer stay in the list, marked, until they are taken out."""

    DEFAULT_CSS = "SetEditor SelectionList { height: auto; max-height: 50vh; border: none; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "accept", "Take it", show=False, priority=True)]

    def __init__(self, spec: FieldSpec, value: Any, choices: Sequence[NamedChoice]) -> None:
        super().__init__(spec, value, "space picks · ⏎ takes the picked ones · esc cancels")
        offered = {choice.id for choice in choices}
        chosen = dict.fromkeys(map(str, value)) if isinstance(value, list) else {}
        self._chosen = set(chosen)
        self._choices = [
            *choices,
            *(NamedChoice(item, "(unknown to this server)") for item in chosen if item not in offered),
        ]

    def compose_editor(self) -> Iterable[Widget]:
        yield SelectionList[str](
            *(
                Selection(
                    Content(f"{clean(choice.id)}  {clean(choice.label)}".strip()), choice.id, choice.id in self._chosen
                )
                for choice in self._choices
            )
        )

    def action_accept(self) -> None:
        picked = self.query_one(SelectionList).selected
        if set(picked) == self._chosen:
            self.dismiss(Edited(self.value))
            return
        self.take(json.dumps([str(item) for item in picked]) if picked else "")
