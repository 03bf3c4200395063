"""One dialog for each kind of a profile's field. What is sensitive is typed unseen, and never shown afterwards."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from ocm_tui.core.clients.fields import FieldSpec
from ocm_tui.core.clients.model import NamedChoice
from ocm_tui.core.oci.schemas import AUTHENTICATIONS, as_secret
from ocm_tui.core.secret import Secret
from ocm_tui.tui.models.oci_form_rows import OciField
from ocm_tui.tui.screens.dialog import Dialog
from ocm_tui.tui.screens.field_editors import ChoiceEditor, Edited, LineEditor
from ocm_tui.tui.widgets.plain_input import PlainInput
from ocm_tui.tui.widgets.plain_text_area import PlainTextArea

__all__ = ["KeyEditor", "NameEditor", "SecretEditor", "WordEditor", "oci_editor_for"]

_WAYS = {
    "api_key": "a key of your own, uploaded for the user",
    "instance_principal": "a compute instance signs in as itself",
    "oke_workload_identity": "a pod of a cluster signs in as its workload",
    "security_token": "the session of `oci session authenticate`",
}


def oci_editor_for(field: OciField, value: str | Secret | None, regions: Sequence[NamedChoice]) -> Dialog[Edited]:
    """`regions` are those that are known: a word that is none of them is taken as well."""
    if field.kind == "key":
        return KeyEditor(field)
    if field.kind == "secret":
        return SecretEditor(field, is_set=bool(value))
    spec = FieldSpec(path=field.name, label=field.label, group="Identity", kind="text", help=field.help)
    if field.kind == "authentication":
        return ChoiceEditor(spec, value, [NamedChoice(name, _WAYS[name]) for name in AUTHENTICATIONS])
    if field.kind == "region":
        return WordEditor(spec, value, regions)
    return NameEditor(spec, value) if field.kind == "name" else LineEditor(spec, value)


class NameEditor(LineEditor):
    """A profile is never without one."""

    empty = ""


class WordEditor(ChoiceEditor):
    """One of many, or, when none of them is like it, the word that was typed."""

    DEFAULT_CSS = "WordEditor OptionList { max-height: 10; }"

    @on(Input.Submitted)
    def _typed_word(self, event: Input.Submitted) -> None:
        word = event.value.strip()
        if word and not self._shown:
            self.dismiss(Edited(word))


class SecretEditor(Dialog[Edited]):
    """A line that is typed unseen. Empty keeps what is there: it is removed in the form."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+r", "show", "Show what is typed", show=False, priority=True)]

    def __init__(self, field: OciField, *, is_set: bool) -> None:
        now = "empty keeps what is there" if is_set else "empty leaves it out"
        super().__init__(field.label, hint=f"⏎ takes it · {now} · ^r shows what you type · esc cancels")
        self.field = field

    def compose_dialog(self) -> Iterable[Widget]:
        yield Static(Content.styled(self.field.help, "$foreground-dim"))
        yield PlainInput(password=True)

    def action_show(self) -> None:
        line = self.query_one(Input)
        line.password = not line.password

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        text = event.value if self.field.name == "pass_phrase" else event.value.strip()
        self.dismiss(Edited(as_secret(self.field.name, text)) if text else None)


class HiddenTextArea(PlainTextArea):
    """Every character is a dot: enough to see that something was pasted, and how much."""

    def get_line(self, line_index: int) -> Text:
        return Text("•" * len(self.document.get_line(line_index)), end="", no_wrap=True)


class KeyEditor(Dialog[Edited]):
    """The text of a private key, pasted unseen."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "accept", "Take it", show=False, priority=True)]
    DEFAULT_CSS = "KeyEditor TextArea { height: 10; max-height: 45vh; }"

    def __init__(self, field: OciField) -> None:
        super().__init__(field.label, hint="paste the key, from -----BEGIN on · ^s takes it · esc cancels")
        self.field = field

    def compose_dialog(self) -> Iterable[Widget]:
        yield Static(Content.styled(self.field.help, "$foreground-dim"))
        yield HiddenTextArea(soft_wrap=False)

    def action_accept(self) -> None:
        text = self.query_one(TextArea).text.strip()
        if text and "PRIVATE KEY-----" not in text:
            self.say("That is not the text of a private key: it starts with -----BEGIN … PRIVATE KEY-----.")
            return
        self.dismiss(Edited(as_secret(self.field.name, f"{text}\n")) if text else None)
