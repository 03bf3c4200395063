"""What is asked about one profile for its detail: the effective configuration, generative AI, and a reveal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message

from ocm_tui.core.errors import OcmError
from ocm_tui.tui.models.oci_rows import shown
from ocm_tui.tui.oci_reveal import REVEAL_SECONDS, Reveal, what_can_be_revealed
from ocm_tui.tui.oci_text import ProfileFacts
from ocm_tui.tui.oci_writes import OciWrites
from ocm_tui.tui.pane import allowed
from ocm_tui.tui.widgets.oci_detail import OciDetail

if TYPE_CHECKING:
    from ocm_tui.core.oci.genai import GenAiReport
    from ocm_tui.core.oci.rc import EffectiveField
    from ocm_tui.core.oci.registry import ProfileEntry
    from ocm_tui.core.oci.schemas import OciProfileConfig

__all__ = ["OciQuestions"]


class EffectiveRead(Message):
    def __init__(self, entry: "ProfileEntry", fields: "Sequence[EffectiveField]") -> None:
        super().__init__()
        self.entry, self.fields = entry, fields


class GenAiAnswered(Message):
    def __init__(self, entry: "ProfileEntry", report: "GenAiReport | None", error: OcmError | None = None) -> None:
        super().__init__()
        self.entry, self.report, self.error = entry, report, error


class OciQuestions(OciWrites):
    """An answer belongs to the configuration that was asked about: of another one it is not shown."""

    def __init__(self) -> None:
        super().__init__()
        self._effective: EffectiveRead | None = None
        self._genai: dict[str, GenAiAnswered] = {}
        self._asking: set[str] = set()
        self._reveal: Reveal | None = None

    @property
    def detail(self) -> OciDetail:
        return self.query_one(OciDetail)

    def facts_of(self, entry: "ProfileEntry") -> ProfileFacts:
        effective, genai = self._effective, self._genai.get(entry.name)
        reveal = self._reveal
        if reveal is not None and (reveal.profile != entry.name or reveal.seconds_left() <= 0):
            reveal = self._reveal = None
        return ProfileFacts(
            entry,
            probing=entry.name in self.rows.probing,
            expires_at=self.rows.expiries.get(entry.name) if entry.config.auth == "security_token" else None,
            file_findings=self.service.findings if self.service is not None else (),
            effective=effective.fields if effective is not None and effective.entry.source is entry.source
            and effective.entry.name == entry.name else None,
            genai=genai.report if genai is not None and _asked_about(genai.entry) == _asked_about(entry) else None,
            asking_genai=entry.name in self._asking,
            reveal=reveal,
        )  # fmt: skip

    # The effective configuration

    @on(OciDetail.Wanted)
    def _wanted(self) -> None:
        entry = self.selected
        if entry is not None and self.service is not None:
            self._read_effective(entry)

    @work(exclusive=True, group="oci.effective", exit_on_error=False, description="read what the OCI tool would take")
    async def _read_effective(self, entry: "ProfileEntry") -> None:
        assert self.service is not None
        self.post_message(EffectiveRead(entry, await self.service.effective(entry)))

    @on(EffectiveRead)
    def _effective_read(self, event: EffectiveRead) -> None:
        self._effective = event
        if self.selected is not None and self.selected.name == event.entry.name:
            self.show_detail()

    # Generative AI

    @allowed("oci.genai")
    def action_genai(self) -> None:
        entry = self.selected
        if entry is None or entry.name in self._asking:
            return
        self._asking.add(entry.name)
        self._ask_genai(entry)
        self.detail.turn_to("GenAI")
        self.open_detail()
        self.show_detail()

    @work(group="oci.genai", exit_on_error=False, description="ask for generative AI")
    async def _ask_genai(self, entry: "ProfileEntry") -> None:
        assert self.service is not None
        try:
            report = await self.service.genai(entry.name)
        except OcmError as error:
            self.post_message(GenAiAnswered(entry, None, error))
        else:
            self.post_message(GenAiAnswered(entry, report))

    @on(GenAiAnswered)
    def _genai_answered(self, event: GenAiAnswered) -> None:
        self._asking.discard(event.entry.name)
        self._genai[event.entry.name] = event
        if event.error is not None:
            self.console.announce_error(event.error)
        self.show_detail()

    # The reveal

    @allowed("oci.reveal")
    def action_reveal(self) -> None:
        """Which field is asked when there are several; pressed again it hides what is shown."""
        from ocm_tui.tui.models.oci_fields import sensitive_fields
        from ocm_tui.tui.screens.choice import ChoiceScreen

        entry = self.selected
        if entry is None:
            return
        if self.revealing:
            self.hide()
            return
        choices = what_can_be_revealed(entry, sensitive_fields(entry))
        if not choices:
            self.console.announce("This profile has no sensitive value to show.", severity="warning")
            return

        def decided(field: str | None) -> None:
            if field is not None:
                self._show_field(entry.name, field)

        title = f"Show for {REVEAL_SECONDS:.0f} s, of {shown(entry.name, 60)}"
        self.console.push_screen(ChoiceScreen(title, choices), decided)

    def _show_field(self, name: str, field: str) -> None:
        self._reveal = Reveal.begin(name, field)
        self.console.announce(f"{field} of the OCI profile {shown(name)} was revealed.", severity="warning")
        self.detail.turn_to("Findings" if field == "findings" else "Overview")
        self.open_detail()
        self.show_detail()
        self.set_timer(REVEAL_SECONDS + 0.1, self.show_detail)  # whatever lies over the pane then

    @property
    def revealing(self) -> bool:
        return self._reveal is not None and self._reveal.seconds_left() > 0

    def hide(self) -> None:
        """At once: the pane is left, or it was asked for."""
        if self._reveal is not None:
            self._reveal = None
            self.show_detail()


def _asked_about(entry: "ProfileEntry") -> "OciProfileConfig":
    """Whether it was useable is an answer, no part of the question."""
    return entry.config.model_copy(update={"useable": None})
