"""The detail of one client: overview, the difference with the inventory, the stored document, its exchanges."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.content import Content

from ocm_tui.tui.pane import titled
from ocm_tui.tui.widgets.text_panel import TabbedPanel

if TYPE_CHECKING:
    from ocm_tui.core.clients.model import ClientDocument, ClientRow
    from ocm_tui.core.errors import OcmError
    from ocm_tui.core.exchanges.log import ExchangeLog

__all__ = ["ClientDetail"]

_EXCHANGES_SHOWN = 100


class ClientDetail(TabbedPanel):
    def __init__(self, *, id: str, classes: str) -> None:  # noqa: A002
        super().__init__(("Overview", "Difference", "Document", "Exchanges"), id=id, classes=classes)
        self._stored = True
        self._difference: Callable[[int], Content] | None = None
        self._row: ClientRow | None = None
        self._document: ClientDocument | None = None
        self._log: ExchangeLog | None = None
        self._revision = -1

    def on_mount(self) -> None:
        titled(self, "Detail")
        self.set_interval(0.5, self._poll)

    def watch_log(self, log: "ExchangeLog") -> None:
        self._log = log

    def show_nothing(self) -> None:
        self._row = self._document = None
        titled(self, "Detail")
        self.show(Content(""))

    def show_client(
        self,
        row: "ClientRow",
        document: "ClientDocument | None",
        *,
        stored: bool = True,
        difference: Callable[[int], Content] | None = None,
    ) -> None:
        """`difference` gives the text of its tab for so many cells a line. Of a client that is not `stored` the
        document is the declared one."""
        same = self._row is not None and self._row.client_id == row.client_id
        self._row, self._document, self._stored, self._difference = row, document, stored, difference
        titled(self, row.client_id)
        self._render_tab(top=not same)

    def show_problem(self, error: "OcmError") -> None:
        self.show(Content(f"{error.title}\n\n{error.hint}\n\n{error.detail}"))

    def watch_active(self) -> None:
        super().watch_active()
        if self.is_mounted:
            self._render_tab(top=True)

    def _poll(self) -> None:
        if self.active_tab == "Exchanges" and self._log is not None and self._log.revision != self._revision:
            self._render_tab(top=False)

    def _render_tab(self, *, top: bool) -> None:
        if self._row is None:
            self.show(Content(""))
            return
        # The words are made by modules that the first frame does not need.
        from ocm_tui.tui.client_text import document_content, exchanges_content, overview_content

        if self.active_tab == "Exchanges":
            self._revision = self._log.revision if self._log else -1
            about = [e for e in self._log.snapshot() if e.client_id == self._row.client_id] if self._log else []
            self.show(exchanges_content(about[-_EXCHANGES_SHOWN:]), top=top)
        elif self._document is None:
            self.show(Content("Reading the client …"), top=top)
        elif self.active_tab == "Difference":
            width = max(self.size.width - 5, 20)
            self.show(self._difference(width) if self._difference is not None else Content(""), top=top)
        elif not self._stored:
            head = Content.styled("○ not on the server; this is what the inventory declares", "$warning")
            self.show(Content("\n").join([head, Content(""), document_content(self._document)]), top=top)
        elif self.active_tab == "Overview":
            self.show(overview_content(self._document), top=top)
        else:
            self.show(document_content(self._document), top=top)
