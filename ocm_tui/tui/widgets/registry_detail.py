"""The detail of one registry client: its row, the cached value beside it, the four planes, its events."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from textual.content import Content

from ocm_tui.core.errors import OcmError
from ocm_tui.tui.models.event_rows import EventLine, events_content
from ocm_tui.tui.pane import titled
from ocm_tui.tui.tones import TONES
from ocm_tui.tui.widgets.text_panel import TabbedPanel

if TYPE_CHECKING:
    from ocm_tui.core.registry.inspection import ClientInspection
    from ocm_tui.core.registry.model import RegistryClient
    from ocm_tui.core.registry.planes import Planes
    from ocm_tui.tui.models.registry_rows import RegistryRows

__all__ = ["TABS", "RegistryDetail"]

TABS: Final = ("Row", "Cache", "Planes", "Events")


class RegistryDetail(TabbedPanel):
    """It shows one client at a time; what comes in about another one is not for it. The owner watches `active` and
    gives what the tab needs."""

    def __init__(self, rows: "RegistryRows", *, id: str, classes: str) -> None:  # noqa: A002
        super().__init__(TABS, id=id, classes=classes)
        self._rows = rows
        self.client_id: UUID | None = None
        self.inspection: ClientInspection | None = None
        self.planes: Planes | None = None
        self._problems: dict[str, OcmError] = {}
        self._events: Sequence[EventLine] = ()
        self._events_problem = ""

    def on_mount(self) -> None:
        titled(self, "Detail")

    def show_client(self, client_id: UUID | None, row: "RegistryClient | None") -> bool:
        """Whether it is another client than before."""
        other = client_id != self.client_id
        if other:
            self.client_id, self.inspection, self.planes = client_id, None, None
            self._problems = {}
        titled(self, "Detail" if client_id is None else (row.client_code if row is not None else "") or str(client_id))
        self.render_tab(top=other)
        return other

    def show_inspection(self, found: "ClientInspection | OcmError", client_id: UUID) -> None:
        self._take("Cache", found, client_id)

    def show_planes(self, found: "Planes | OcmError", client_id: UUID) -> None:
        self._take("Planes", found, client_id)

    def _take(self, tab: str, found: "ClientInspection | Planes | OcmError", client_id: UUID) -> None:
        if client_id != self.client_id:
            return
        self._problems.pop(tab, None)
        if isinstance(found, OcmError):
            self._problems[tab] = found
        elif tab == "Cache":
            self.inspection = found  # type: ignore[assignment]  # by the tab
        else:
            self.planes = found  # type: ignore[assignment]
        self.render_tab(top=False)

    def show_events(self, lines: Sequence[EventLine], problem: str) -> None:
        if (lines, problem) != (self._events, self._events_problem):
            self._events, self._events_problem = lines, problem
            if self.active_tab == "Events":
                self.render_tab(top=False)

    def go_to_tab(self, name: str) -> None:
        self.active = TABS.index(name)

    def render_tab(self, *, top: bool) -> None:
        if self.client_id is None:
            self.show(Content(""))
            return
        problem = self._problems.get(self.active_tab)
        if problem is not None:
            self.show(_problem_content(problem), top=top)
        else:
            self.show(self._content(self.client_id), top=top)

    def _content(self, client_id: UUID) -> Content:
        """The words are made by modules that are loaded when they are needed."""
        from ocm_tui.tui.registry_planes_text import planes_content
        from ocm_tui.tui.registry_text import cache_content

        width = max(self.size.width - 5, 20)
        content = Content.styled("Looking …", TONES["dim"])
        match self.active_tab:
            case "Row":
                content = self._row(client_id)
            case "Cache" if self.inspection is not None:
                content = cache_content(self.inspection, self._rows.time_left(client_id), width)
            case "Planes" if self.planes is not None:
                content = planes_content(self.planes)
            case "Events" if self._events_problem:
                content = Content.styled(self._events_problem, TONES["warn"])
            case "Events":
                content = events_content(self._events, client_id, width)
        return content

    def _row(self, client_id: UUID) -> Content:
        from ocm_tui.tui.registry_text import row_content

        row = self._rows.get(client_id)
        if row is None:
            return Content.styled(f"There is no row of {client_id}.", TONES["warn"])
        return row_content(row, propagated=client_id not in self._rows.unpropagated)


def _problem_content(error: OcmError) -> Content:
    lines = [Content.styled(f"▲ {error.title}", TONES["bad"])]
    lines += [Content.styled(text, TONES["dim"]) for text in (error.detail, error.hint) if text]
    return Content("\n\n").join(lines)
