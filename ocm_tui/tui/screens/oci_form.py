"""The form of one OCI profile: every field in a table, checked without a network at each change, then probed.

It writes no file. What is kept is kept in memory, by the registry; until that has happened, the form stays open with
everything that was entered.
"""

import time
from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from ocm_tui.core.clients.model import NamedChoice
from ocm_tui.core.errors import OcmError
from ocm_tui.core.oci.regions import GENAI_REGIONS, known_regions
from ocm_tui.core.oci.registry import Change, ProfileEntry
from ocm_tui.core.oci.service import OciService
from ocm_tui.core.text import clean
from ocm_tui.tui.actions import actions_of, bindings_of
from ocm_tui.tui.models.oci_form_rows import OCI_FORM_COLUMNS, OciField, OciFormRows
from ocm_tui.tui.pane import titled
from ocm_tui.tui.screens.dialog import ConfirmScreen, Dialog
from ocm_tui.tui.screens.field_editors import Edited
from ocm_tui.tui.screens.help import HelpScreen
from ocm_tui.tui.screens.oci_form_editors import oci_editor_for
from ocm_tui.tui.screens.oci_refused import RefusedScreen
from ocm_tui.tui.state import Connection
from ocm_tui.tui.tones import TONES
from ocm_tui.tui.widgets.banner import Banner
from ocm_tui.tui.widgets.filter_bar import FilterBar
from ocm_tui.tui.widgets.key_footer import KeyFooter
from ocm_tui.tui.widgets.live_strip import LiveStrip
from ocm_tui.tui.widgets.row_table import RowTable

__all__ = ["OciForm"]

_SHORT: Final = 40  # characters that a row has room for
_SEVERITIES: Final = {"error": TONES["bad"], "warning": TONES["warn"], "info": TONES["dim"]}


class OciForm(Dialog[ProfileEntry | None]):
    """Dismissed with the profile as the registry holds it now, or with None when nothing came of it."""

    DEFAULT_CSS = """
    OciForm { align: left top; background: $background; }
    OciForm #fields { height: 1fr; }
    OciForm #about { height: 6; }
    """
    pane = "oci_form"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("oci_form")]

    def __init__(self, rows: OciFormRows, service: OciService) -> None:
        super().__init__("New profile" if rows.new else rows.original.auth_profile)
        self.rows, self.service = rows, service
        self.probing = False
        self._looked = False
        self._held: ProfileEntry | None = None  # what was put into the registry from here and was not accepted

    def compose(self) -> ComposeResult:
        yield Banner()
        with Vertical(id="fields", classes="box"):
            yield FilterBar("find a field")
            yield RowTable(OCI_FORM_COLUMNS, self.rows)
        yield Static(Content(""), id="about", classes="box")
        yield LiveStrip()
        yield KeyFooter(list(actions_of("oci_form")), lambda _: None)

    def compose_dialog(self) -> Iterable[Widget]:
        return ()

    def on_mount(self) -> None:
        self.watch(self.app, "connection", self._connection_changed)
        if self.console.session is not None:
            self.query_one(LiveStrip).watch_log(self.console.session.log)
        self.table.focus()
        self._refresh()
        self._check()

    def _connection_changed(self, connection: Connection) -> None:
        self.query_one(Banner).connection = connection
        self.set_class(connection.protected, "-protected")

    @property
    def unsent_changes(self) -> int:
        return self.rows.changed_count

    @property
    def table(self) -> RowTable:
        return self.query_one(RowTable)

    @property
    def selected(self) -> OciField | None:
        key = self.table.selected_key
        return self.rows.field(key) if key is not None else None

    def _refresh(self) -> None:
        self.table.rows_changed()
        self._say_where()
        self._describe()

    def _say_where(self) -> None:
        count = self.rows.changed_count
        draft = "a draft" if self._held is not None and self._held.draft else ""
        state = "probing … esc stops it" if self.probing else f"{count} changed" if count else "nothing changed"
        titled(self.query_one("#fields"), self._heading, draft, state)

    @property
    def _heading(self) -> str:
        name = self.rows.edited.auth_profile
        return f"New profile {name}".rstrip() if self.rows.new else f"Edit {name}"

    @on(RowTable.Highlighted)
    def _describe(self) -> None:
        """What the field is, and what is wrong with it."""
        field = self.selected
        about = self.query_one("#about", Static)
        if field is None:
            about.update(Content("No field is called that."))
            return
        titled(about, field.name)
        value = self.rows.value_text(field)
        lines = [Content.styled(field.help, TONES["dim"])]
        if len(value) > _SHORT:
            lines.append(Content(value))  # its end tells one OCID from another, and the row has no room for it
        for finding in self.rows.findings_of(field):
            words = [finding.message, f"  → {finding.hint}" if finding.hint else ""]
            lines.append(Content.styled("▲ " + "".join(words), _SEVERITIES[finding.severity]))
            if finding.fix is not None and finding.fix.edits:
                lines.append(Content.assemble(("  f  ", TONES["key"]), clean(finding.fix.label, 200)))
        about.update(Content("\n").join(lines))

    @work(exclusive=True, group="oci_form.check", exit_on_error=False, description="look for what is wrong")
    async def _check(self) -> None:
        """Without a network; an earlier look that is still under way is given up."""
        self.rows.explain(await self.service.lint(self.rows.edited, self.rows.source))
        if not self._looked:
            self._looked = True
            self._to_first_problem()
        self._refresh()

    def _to_first_problem(self) -> None:
        first = self.rows.first_problem()
        if first is not None:
            self.table.select(first)

    # Changing fields

    def action_open(self) -> None:
        self._edit()

    @on(RowTable.Chosen)
    def _chosen(self) -> None:
        self._edit()

    def _edit(self) -> None:
        field = self.selected
        if field is None or self._busy():
            return

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
        self._refresh()
        self._check()

    def action_remove(self) -> None:
        field = self.selected
        if field is not None and not self._busy():
            self._set(field, None)

    def action_revert(self) -> None:
        field = self.selected
        if field is not None and not self._busy():
            self.rows.revert(field)
            self._changed()

    def action_fix(self) -> None:
        field = self.selected
        if field is None or self._busy():
            return
        fixable = [one for one in self.rows.findings_of(field) if one.fix is not None and one.fix.edits]
        if not fixable:
            self.console.announce(f"Nothing is known that would mend {field.label}.", severity="warning")
        elif self.rows.carry_out(fixable[0]):
            self._changed()
        else:
            self.console.announce("That is mended in another place: leave the form, and press f.", severity="warning")

    def action_changed(self) -> None:
        self.rows.toggle_changed_only()
        self._refresh()

    async def action_filter(self) -> None:
        await self.query_one(FilterBar).open()

    @on(FilterBar.Changed)
    def _narrowed(self, event: FilterBar.Changed) -> None:
        self.rows.narrow(event.text)
        self._refresh()

    @on(FilterBar.Left)
    def _filter_left(self) -> None:
        self.table.focus()

    # Probing

    def _busy(self) -> bool:
        if self.probing:
            self.console.announce("It is being probed: esc stops that.", severity="warning")
        return self.probing

    def action_probe(self) -> None:
        if self._busy():
            return
        problem = self.rows.name_problem()
        if problem:
            self.table.select("auth_profile")
            self._describe()
            self.console.announce(problem, severity="warning")
        elif not self.rows.new and not self.rows.changed_count:
            self.console.announce("Nothing is changed: p in the list probes it as it is.", severity="warning")
        else:
            self._probe()

    @work(exclusive=True, group="oci_form.probe", exit_on_error=False, description="probe and keep a profile")
    async def _probe(self) -> None:
        self.probing = True
        self._say_where()
        try:
            change = await self._sent()
        except OcmError as error:
            self.console.announce_error(error)
            return
        finally:
            self.probing = False
            if self.is_attached:
                self._say_where()
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
        self._refresh()
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
                self._to_first_problem()
                self._describe()

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen("oci_form", everywhere=False))

    def action_back(self) -> None:
        if self.probing:
            self.workers.cancel_group(self, "oci_form.probe")
            self.console.announce("The probe was stopped: nothing has changed.")
        else:
            self._leave()

    @work(exclusive=True, group="oci_form.leave", exit_on_error=False, description="leave the form")
    async def _leave(self) -> None:
        bar = self.query_one(FilterBar)
        if bar.text:
            bar.action_clear()
            return
        count = self.rows.changed_count if self._held is None else 0
        text = Content(f"{count} changed fields would be lost. Nothing has been probed or kept.")
        if not count or await self.app.push_screen_wait(
            ConfirmScreen("Leave the form?", text, verb="leave", danger=True)
        ):
            self.dismiss(self._held)


def _regions(field: OciField) -> Sequence[NamedChoice]:
    """All that are known, with their short names; of generative AI those first that are said to have it."""
    regions = [NamedChoice(region.name, f"{region.key}, realm {region.realm}") for region in known_regions()]
    if field.name != "genai_region":
        return regions
    return sorted(regions, key=lambda choice: choice.id not in GENAI_REGIONS)
