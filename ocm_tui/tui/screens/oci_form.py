"""The form of one OCI profile: every field in a table, checked without a network at each change, then probed.

It writes no file. What is kept is kept in memory, by the registry; until that has happened, the form stays open with
everything that was entered.
"""

import time
from collections.abc import Sequence
from typing import ClassVar, Final

from textual import work
from textual.binding import BindingType
from textual.content import Content

from ocm_tui.core.clients.model import NamedChoice
from ocm_tui.core.errors import OcmError
from ocm_tui.core.oci.regions import GENAI_REGIONS, known_regions
from ocm_tui.core.oci.registry import Change, ProfileEntry
from ocm_tui.core.oci.service import OciService
from ocm_tui.core.text import clean
from ocm_tui.tui.actions import bindings_of
from ocm_tui.tui.models.oci_form_rows import OCI_FORM_COLUMNS, OciField, OciFormRows
from ocm_tui.tui.screens.field_editors import Edited
from ocm_tui.tui.screens.form import FieldForm, changed_fields
from ocm_tui.tui.screens.oci_form_editors import oci_editor_for
from ocm_tui.tui.screens.oci_refused import RefusedScreen
from ocm_tui.tui.tones import TONES

__all__ = ["OciForm"]

_SHORT: Final = 40  # characters that a row has room for
_SEVERITIES: Final = {"error": ("▲", "bad"), "warning": ("▲", "warn"), "info": ("·", "dim")}


class OciForm(FieldForm[OciField, ProfileEntry]):
    """Dismissed with the profile as the registry holds it now, or with None when nothing came of it."""

    pane = "oci_form"
    columns = OCI_FORM_COLUMNS
    about_lines = 4
    no_field = "No field is called that."
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("oci_form")]

    def __init__(self, rows: OciFormRows, service: OciService) -> None:
        super().__init__("New profile" if rows.new else rows.original.auth_profile, rows)
        self.rows, self.service = rows, service
        self.probing = False
        self._looked = False
        self._held: ProfileEntry | None = None  # what was put into the registry from here and was not accepted

    def on_mount(self) -> None:
        self._check()

    def heading(self) -> Sequence[str]:
        count, name = self.rows.changed_count, self.rows.edited.auth_profile
        draft = "a draft" if self._held is not None and self._held.draft else ""
        state = f"{count} changed" if count else "" if self.rows.new else "nothing changed"
        if self.probing:
            state = "probing … esc stops it"
        elif self.rows.new and not name:
            state = "it needs a name"
        return f"New profile {name}".rstrip() if self.rows.new else f"Edit {name}", draft, state

    def about(self, field: OciField) -> tuple[str, Sequence[Content]]:
        value = self.rows.value_text(field)
        lines = [Content.styled(field.help, TONES["dim"])]
        if len(value) > _SHORT:
            lines.append(Content(value))  # its end tells one OCID from another, and the row has no room for it
        for finding in self.rows.findings_of(field):
            (mark, tone), hint = _SEVERITIES[finding.severity], f"  → {finding.hint}" if finding.hint else ""
            lines.append(Content.styled(f"{mark} {finding.message}{hint}", TONES[tone]))
            if finding.fix is not None and finding.fix.edits:
                lines.append(Content.assemble(("  f  ", TONES["key"]), clean(finding.fix.label, 200)))
        return field.name, lines

    def lost(self) -> str:
        count = self.rows.changed_count if self._held is None else 0
        return f"{changed_fields(count)} would be lost. Nothing has been probed or kept." if count else ""

    def outcome(self) -> ProfileEntry | None:
        return self._held

    @work(exclusive=True, group="oci_form.check", exit_on_error=False, description="look for what is wrong")
    async def _check(self) -> None:
        """Without a network; an earlier look that is still under way is given up."""
        self.rows.explain(await self.service.lint(self.rows.edited, self.rows.source))
        if not self._looked:
            self._looked = True
            self.to_first_problem()
        self.refresh_fields()

    # Changing fields

    def edit(self, field: OciField) -> None:
        def edited(result: Edited | None) -> None:
            if result is not None:
                self._set(field, result.value)

        self.app.push_screen(oci_editor_for(field, self.rows.value(field), _regions(field)), edited)

    def _set(self, field: OciField, value: object) -> None:
        problem = self.rows.set_value(field, value)  # type: ignore[arg-type]  # the editor's: text, a Secret, or nothing
        if problem:
            self.console.announce(problem, severity="warning")
        self._changed()

    def _changed(self) -> None:
        self.refresh_fields()
        self._check()

    def action_remove(self) -> None:
        field = self.selected
        if field is not None and not self.busy():
            self._set(field, None)

    def reverted(self) -> None:
        self._changed()

    def action_fix(self) -> None:
        field = self.selected
        if field is None or self.busy():
            return
        fixable = [one for one in self.rows.findings_of(field) if one.fix is not None and one.fix.edits]
        if not fixable:
            self.console.announce(f"Nothing is known that would mend {field.label}.", severity="warning")
        elif self.rows.carry_out(fixable[0]):
            self._changed()
        else:
            self.console.announce("That is mended in another place: leave the form, and press f.", severity="warning")

    # Probing

    def busy(self) -> bool:
        if self.probing:
            self.console.announce("It is being probed: esc stops that.", severity="warning")
        return self.probing

    def action_probe(self) -> None:
        if self.busy():
            return
        problem = self.rows.name_problem()
        if problem:
            self.table.select("auth_profile")
            self.describe()
            self.console.announce(problem, severity="warning")
        elif not self.rows.new and not self.rows.changed_count:
            self.console.announce("Nothing is changed: p in the list probes it as it is.", severity="warning")
        else:
            self._probe()

    @work(exclusive=True, group="oci_form.probe", exit_on_error=False, description="probe and keep a profile")
    async def _probe(self) -> None:
        self.probing = True
        self.show_heading()
        try:
            change = await self._sent()
        except OcmError as error:
            self.console.announce_error(error)
            return
        finally:
            self.probing = False
            if self.is_attached:
                self.show_heading()
        self.rows.explain(change.entry.findings if change.refused is None else change.refused.findings)
        if change.accepted:
            self.dismiss(change.entry)
        else:
            await self._refused(change)

    async def _sent(self) -> Change:
        registry, config = self.service.registry, self.rows.edited
        if not self.rows.new:
            return await registry.update(config.auth_profile, self.rows.update())
        change = await registry.create(config)
        if self._held is not None and self._held.name != config.auth_profile:
            registry.delete(self._held.name)  # the draft has got another name
        self._held = change.entry
        return change

    async def _refused(self, change: Change) -> None:
        if not change.rolled_back and not self.rows.new:
            self._held = change.entry
            self.rows.settled(change.entry.config)  # it was not useable before: the new values count already
        self.refresh_fields()
        asked = f"{'Create' if self.rows.new else 'Change'} {clean(change.entry.name, 60)}"
        screen = RefusedScreen(change, asked=asked, mend="back to the form", now=time.time())
        match await self.app.push_screen_wait(screen):
            case "keep":
                try:
                    self.dismiss(self.service.registry.keep(change))
                except OcmError as error:
                    self.console.announce_error(error)
            case "leave":
                self.dismiss(change.entry)
            case _:
                self.to_first_problem()
                self.describe()

    def action_back(self) -> None:
        if self.probing:
            self.workers.cancel_group(self, "oci_form.probe")
            self.console.announce("The probe was stopped: nothing has changed.")
        else:
            super().action_back()


def _regions(field: OciField) -> Sequence[NamedChoice]:
    """All that are known, with their short names; of generative AI those first that are said to have it."""
    regions = [NamedChoice(region.name, f"{region.key}, realm {region.realm}") for region in known_regions()]
    if field.name != "genai_region":
        return regions
    return sorted(regions, key=lambda choice: choice.id not in GENAI_REGIONS)
