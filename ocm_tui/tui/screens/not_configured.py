"""Panes whose engine is not in this version yet: present, and honest about it."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Vertical
from textual.widget import Widget

from ocm_tui.core.session import Session
from ocm_tui.tui.actions import bindings_of
from ocm_tui.tui.pane import PaneScreen, titled
from ocm_tui.tui.widgets.state_notice import StateNotice

__all__ = ["OciScreen", "RegistryScreen"]


class _EmptyPane(PaneScreen):
    title_text: ClassVar[str]
    headline: ClassVar[str]
    lines: ClassVar[tuple[str, ...]]

    def compose_body(self) -> Iterable[Widget]:
        with Vertical(classes="box") as box:
            titled(box, self.title_text, "not configured")
            yield StateNotice()

    def on_mount(self) -> None:
        self._say(None)

    def session_opened(self, session: Session) -> None:
        self._say(session)

    def _say(self, session: Session | None) -> None:
        where = session.environment if session is not None else "NAME"
        self.query_one(StateNotice).say(self.headline, *(line.replace("NAME", where) for line in self.lines))


class OciScreen(_EmptyPane):
    pane = "oci"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("oci")]
    title_text = "OCI profiles"
    headline = "OCI profiles are not in this version yet."
    lines = (
        "The key environments.NAME.oci.config_file (or OCI_CLI_CONFIG_FILE) is read and validated already,",
        "so a configuration written today goes on working.",
        "Until then: oci session validate --profile PROFILE",
    )


class RegistryScreen(_EmptyPane):
    pane = "registry"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("registry")]
    title_text = "Registry"
    headline = "The client registry is not in this version yet."
    lines = (
        "The keys environments.NAME.registry.database, cache, cache_ttl and stream are read and validated already,",
        "so a configuration written today goes on working.",
        "Until then: psql and redis-cli against the same addresses.",
    )
