"""One dialog for each kind of field: a line, several lines, one of many, some of many."""

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

from ocm_tui.core.clients.fields import FieldSpec, parse_value
from ocm_tui.core.clients.model import NamedChoice
from ocm_tui.core.errors import UsageError
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean
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
        return ChoiceEditor(spec, value.get("id") if isinstance(value, dict) else None, choices)
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
    def __init__(self, spec: FieldSpec, value: Any) -> None:
        super().__init__(spec, value, "⏎ takes it · empty removes the field · esc cancels")
        self._secret = spec.path.lower().endswith("secret")

    def compose_editor(self) -> Iterable[Widget]:
        if isinstance(self.value, dict):
            text = str(self.value.get("id") or "")
        else:
            text = "" if self.value is None else str(self.value)
        yield PlainInput("" if self._secret else text, password=self._secret)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if self._secret:
            Secret(event.value)  # known from now on, so that no log or report can show it
        self.take(event.value)


class LinesEditor(_FieldEditor):
    """Lists: one item a line. Mappings: JSON."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "accept", "Take it", show=False, priority=True)]
    DEFAULT_CSS = "LinesEditor TextArea { height: 12; }"

    def __init__(self, spec: FieldSpec, value: Any) -> None:
        what = "JSON" if spec.kind == "mapping" else "text" if spec.kind == "long_text" else "one a line"
        super().__init__(spec, value, f"{what} · ^s takes it · esc cancels")

    def compose_editor(self) -> Iterable[Widget]:
        if self.spec.kind == "mapping":
            text = json.dumps(self.value, indent=2, ensure_ascii=False) if self.value else ""
        elif isinstance(self.value, list):
            text = "\n".join(str(item) for item in self.value)
        else:
            text = "" if self.value is None else str(self.value)
        yield PlainTextArea(text, soft_wrap=True)

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)

    def action_accept(self) -> None:
        text = self.query_one(TextArea).text
        if self.spec.kind in ("set", "list"):
            lines = [line.strip() for line in text.split("\n") if line.strip()]
            self.take(json.dumps(lines) if lines else "")
        else:
            self.take(text)


class ChoiceEditor(_FieldEditor):
    """One of many, found by typing."""

    DEFAULT_CSS = "ChoiceEditor OptionList { height: auto; max-height: 16; border: none; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "step(1)", "Down", show=False, priority=True),
        Binding("up", "step(-1)", "Up", show=False, priority=True),
    ]

    def __init__(self, spec: FieldSpec, value: Any, choices: Sequence[NamedChoice]) -> None:
        super().__init__(spec, value, "type to find · ⏎ takes it · esc cancels")
        self._choices = [NamedChoice("", "not set"), *choices]
        self._shown = self._choices

    def compose_editor(self) -> Iterable[Widget]:
        yield PlainInput(placeholder="find …")
        yield OptionList(*self._options(), markup=False)

    def on_mount(self) -> None:
        now = {True: "true", False: "false", None: ""}.get(self.value, self.value)
        places = [place for place, choice in enumerate(self._shown) if choice.id == now]
        self.query_one(OptionList).highlighted = places[0] if places else 0

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
        if place is not None:
            self.take(self._shown[place].id)


class SetEditor(_FieldEditor):
    """Some of many. Values that the server does not offer stay in the list, marked, until they are taken out."""

    DEFAULT_CSS = "SetEditor SelectionList { height: auto; max-height: 18; border: none; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "accept", "Take it", show=False, priority=True)]

    def __init__(self, spec: FieldSpec, value: Any, choices: Sequence[NamedChoice]) -> None:
        super().__init__(spec, value, "space picks · ⏎ takes the picked ones · esc cancels")
        offered = {choice.id for choice in choices}
        chosen = [str(item) for item in value] if isinstance(value, list) else []
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
        self.take(json.dumps([str(item) for item in picked]) if picked else "")
