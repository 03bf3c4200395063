"""How the Registry pane looks closer: at one client, and at all of them in one comparison."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from uuid import UUID

from textual import on, work
from textual.message import Message
from textual.timer import Timer

from ocm_tui.core.errors import OcmError
from ocm_tui.tui.registry_sweep import Sweep
from ocm_tui.tui.screens.registry_looking import LookingAtRegistry
from ocm_tui.tui.widgets.registry_detail import RegistryDetail
from ocm_tui.tui.widgets.row_table import RowTable

if TYPE_CHECKING:
    from ocm_tui.core.registry.inspection import ClientInspection, CompareReport
    from ocm_tui.core.registry.model import RegistryClient
    from ocm_tui.core.registry.planes import Planes
    from ocm_tui.core.registry.service import ClientRegistry

__all__ = ["InspectingRegistry"]

_DETAIL_DELAY: Final = 0.15  # seconds under the cursor before servers are asked about a client


class Swept(Message):
    def __init__(self, report: "CompareReport | None", error: OcmError | None = None) -> None:
        super().__init__()
        self.report, self.error = report, error


class Looked(Message):
    def __init__(self, client_id: UUID, found: "ClientInspection | OcmError") -> None:
        super().__init__()
        self.client_id, self.found = client_id, found


class PlanesRead(Message):
    def __init__(self, client_id: UUID, found: "Planes | OcmError") -> None:
        super().__init__()
        self.client_id, self.found = client_id, found


class InspectingRegistry(LookingAtRegistry):
    """`sweep` is the comparison under way, or the last one."""

    def __init__(self) -> None:
        super().__init__()
        self.sweep = Sweep()
        self._detail_timer: Timer | None = None
        self._detail_due = False

    @property
    def detail(self) -> RegistryDetail:
        return self.query_one(RegistryDetail)

    @property
    def selected(self) -> UUID | None:
        key = self.table.selected_key
        return UUID(key) if key is not None else None

    @property
    def selected_row(self) -> "RegistryClient | None":
        return self.rows.get(self.selected) if self.selected is not None else None

    # One client

    @on(RowTable.Highlighted)
    def _highlighted(self) -> None:
        """The list is painted first: the detail follows, once, however many rows were passed meanwhile."""
        if not self._detail_due:
            self._detail_due = True
            self.call_after_refresh(self.show_detail)
        self.refresh_footer()

    def _tab_turned(self) -> None:
        self.detail.render_tab(top=True)
        self._ask()

    def show_detail(self) -> None:
        """What is in memory at once; what servers have to be asked for, after a moment under the cursor."""
        self._detail_due = False
        self.detail.show_client(self.selected, self.selected_row)
        if self._detail_timer is not None:
            self._detail_timer.stop()
        if self.selected is not None and self.detail.active_tab in ("Cache", "Planes"):
            self._detail_timer = self.set_timer(_DETAIL_DELAY, self._ask)

    def _ask(self) -> None:
        """What the tab that is looked at needs."""
        client_id, registry = self.selected, self.registry
        if client_id is None or registry is None:
            return
        if self.detail.active_tab == "Cache":
            self._look(registry, client_id)
        elif self.detail.active_tab == "Planes":
            self._read_planes(client_id)

    @work(exclusive=True, group="registry.detail", exit_on_error=False, description="look at one cached client")
    async def _look(self, registry: "ClientRegistry", client_id: UUID) -> None:
        from ocm_tui.core.registry.inspection import Inspection

        try:
            self.post_message(Looked(client_id, await Inspection(registry).look(client_id)))
        except OcmError as error:
            self.post_message(Looked(client_id, error))

    @work(exclusive=True, group="registry.planes", exit_on_error=False, description="look at the four planes")
    async def _read_planes(self, client_id: UUID) -> None:
        from ocm_tui.core.registry.planes import four_planes

        session = self.console.session
        if session is None:
            return
        try:
            self.post_message(PlanesRead(client_id, await four_planes(session, str(client_id))))
        except OcmError as error:
            self.post_message(PlanesRead(client_id, error))

    @on(Looked)
    def _looked(self, event: Looked) -> None:
        self.detail.show_inspection(event.found, event.client_id)

    @on(PlanesRead)
    def _planes_read(self, event: PlanesRead) -> None:
        self.detail.show_planes(event.found, event.client_id)

    def look_again(self, client_ids: Iterable[UUID]) -> None:
        """Something was done to these clients: what is known of them is read again."""
        self._changed.update(client_ids)
        self.table.rows_changed()
        self._ask()

    # The comparison of everything

    @work(exclusive=True, group="registry.sweep", exit_on_error=False, description="compare the cache with the rows")
    async def _sweep(self, registry: "ClientRegistry") -> None:
        from ocm_tui.core.registry.inspection import Inspection

        stop = self.sweep.begin()
        ended = Swept(None)
        try:
            ended.report = await Inspection(registry).sweep(keep_fresh=True, on_progress=self.sweep.note, stop=stop)
        except OcmError as error:
            ended.error = error
        finally:
            self.post_message(ended)

    @on(Swept)
    def _swept(self, event: Swept) -> None:
        self.sweep.end(event.report)
        if event.error is not None:
            self.console.announce_error(event.error)
        if event.report is not None:
            self.rows.judge_all(event.report.items, complete=event.report.complete)
            self.table.rows_changed()
            wrong = len(self.rows.wrong())
            more = " – F shows them, R repairs them" if wrong else ""
            self.console.announce(f"{self.sweep.summary()}{more}.", severity="warning" if wrong else "information")
        self.show_cards()
        self.show_state()
