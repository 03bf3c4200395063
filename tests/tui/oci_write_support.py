"""The OCI pane as somebody who writes uses it: its forms, what it says, and the way back to the list."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.widgets import Input

from ocm_tui.core.oci.registry import ProfileEntry
from ocm_tui.core.oci.service import OciService
from ocm_tui.tui.screens.oci import OciScreen
from ocm_tui.tui.screens.oci_form import OciForm
from tests.tui.oci_support import OciConsole, oci_console

__all__ = ["GOOD", "OTHER", "Pane", "pane"]

GOOD, OTHER = "orders-jobs", "billing-batch"


@dataclass
class Pane:
    the: OciConsole
    screen: OciScreen

    @property
    def service(self) -> OciService:
        return self.the.service

    @property
    def file(self) -> Path:
        return self.the.file

    @property
    def said(self) -> str:
        return self.the.app.notices[-1].text

    def entry(self, name: str) -> ProfileEntry:
        return self.service.registry.get(name)

    async def on(self, kind: type[Any]) -> Any:
        await self.the.until(lambda: isinstance(self.the.app.screen, kind), f"a {kind.__name__}")
        return self.the.app.screen

    async def back(self) -> None:
        await self.the.until(lambda: self.the.app.screen is self.screen, "back in the list")

    async def form(self, key: str, name: str) -> OciForm:
        assert self.screen.table.select(name)
        await self.the.press(key)
        form = await self.on(OciForm)
        assert isinstance(form, OciForm)
        await self.the.until(lambda: form.rows.findings or not self.entry(name).findings, "it was looked at")
        return form

    def set(self, form: OciForm, name: str, value: object) -> None:
        form._set(form.rows.at(name), value)

    async def enter(self, form: OciForm, name: str, text: str) -> None:
        """As a person does: the field's dialog, the text, Enter."""
        assert form.table.select(name)
        await self.the.press("enter")
        self.the.app.screen.query_one(Input).value = text
        await self.the.press("enter")
        await self.the.until(lambda: self.the.app.screen is form, "the form again")


@asynccontextmanager
async def pane(
    tmp_path: Path, *, size: tuple[int, int] = (120, 36), protected: bool = False, **settings: Any
) -> AsyncIterator[Pane]:
    async with oci_console(tmp_path, size=size, settings=settings, protected=protected) as the:
        yield Pane(the, the.screen)
