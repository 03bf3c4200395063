"""The OCI profiles pane over the simulated services, with the profiles of the demo or with a file of one's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocm_tui.core.oci.service import OciService
from ocm_tui.simulator.settings import SimulatorSettings
from ocm_tui.tui.screens.oci import OciScreen
from tests.contract.oci_support import endpoints_of, surroundings
from tests.tui.support import Console, console

__all__ = ["OciConsole", "oci_console"]


@dataclass(slots=True)
class OciConsole(Console):
    @property
    def screen(self) -> OciScreen:
        screen = self.app.screen
        assert isinstance(screen, OciScreen), screen
        return screen

    @property
    def service(self) -> OciService:
        return self.session.require_oci()

    @property
    def file(self) -> Path:
        return self.service.config_file

    @property
    def statuses(self) -> dict[str, str]:
        return {entry.name: entry.status for entry in self.screen.rows.entries}

    def asked(self, path: str = "/n") -> int:
        """How many requests came for that path."""
        return sum(one.path == path for one in self.simulator.requests)

    async def select(self, name: str) -> None:
        assert self.screen.table.select(name), name
        await self.pilot.pause()

    async def probe(self, *names: str) -> None:
        """Until all of them are known."""
        self.screen.probe(names)
        await self.until(lambda: not self.screen.rows.probing, "the probes have ended")

    def write(self, text: str) -> None:
        """Into the file, by somebody else."""
        self.file.write_text(text, encoding="utf-8")

    @property
    def notices(self) -> list[str]:
        return [notice.text for notice in self.app.notices]


@asynccontextmanager
async def oci_console(
    tmp_path: Path,
    *,
    content: bytes | None = None,
    missing: bool = False,
    size: tuple[int, int] = (140, 40),
    settings: dict[str, Any] | None = None,
    **options: Any,
) -> AsyncIterator[OciConsole]:
    """The pane, as soon as the file was read. `content` takes the place of the demo's file."""
    chosen = SimulatorSettings(oci=True, oci_directory=tmp_path / "oci", **(settings or {}))
    async with console(tmp_path, settings=chosen, size=size, wait_for_list=False, **options) as the:
        estate = the.simulator.oci
        config_file = estate.files.config_file
        if content is not None:
            config_file.write_bytes(content)
        if missing:
            config_file.unlink()
        the.session.make_oci = lambda: OciService(
            config_file,
            the.session.log,
            endpoints=endpoints_of(estate, the.simulator.origin),
            surroundings=lambda: surroundings(tmp_path),
        )
        await the.until(lambda: the.app.session is not None, "the session")
        await the.press("2")
        oci = OciConsole(the.app, the.pilot, the.simulator, the.session)
        await oci.until(lambda: oci.screen.service is not None and not oci.screen.fetching, "the file was read")
        await oci.until(lambda: oci.screen.rows.total or missing or content is not None, "the profiles")
        yield oci
