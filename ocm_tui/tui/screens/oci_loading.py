"""How the OCI profiles come to the screen: the file is read and watched, profiles are probed, memory is followed.

Nothing here touches a network before a probe is asked for, and nothing loads the SDK before one.
"""

import asyncio
import time
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from textual import on, work
from textual.message import Message
from textual.timer import Timer

from ocm_tui.core.errors import OcmError
from ocm_tui.tui.list_pane import ListPane
from ocm_tui.tui.models.oci_rows import EXPIRING, OciRows

if TYPE_CHECKING:
    from ocm_tui.core.oci.registry import ProfileEntry
    from ocm_tui.core.oci.service import OciService

__all__ = ["LoadingProfiles"]

_STAT_EVERY: Final = 1.5  # seconds between two looks at the file
_TOKENS_EVERY: Final = 6  # looks: a session may be renewed by the command line tool meanwhile
_SHOWN_EVERY: Final = 0.1  # seconds between two looks at the answers of probes
_TICK: Final = 1.0  # seconds: countdowns


class ServiceOpened(Message):
    def __init__(self, service: "OciService | None", error: OcmError | None = None) -> None:
        super().__init__()
        self.service, self.error = service, error


class ProfilesLoaded(Message):
    """The file was read; the registry holds what it says."""


class FileLooked(Message):
    """`expiries` is None when the tokens were not looked at this time."""

    def __init__(self, *, changed: bool, expiries: Mapping[str, float] | None) -> None:
        super().__init__()
        self.changed, self.expiries = changed, expiries


class ProbingEnded(Message):
    """`names` were asked about; those of which no answer came are not waited for any more."""

    def __init__(self, names: Sequence[str], error: OcmError | None = None) -> None:
        super().__init__()
        self.names, self.error = names, error


class LoadingProfiles(ListPane):
    """What the screen and its writes share.

    `service` is None until the session has OCI profiles; `rows` are what is shown. Whoever changes the registry calls
    `profiles_changed`; a change that nobody announced is noticed within a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows = OciRows()
        self.service: OciService | None = None
        self.problem: OcmError | None = None
        self.fetching = False
        self.changed_on_disk = False
        self._probed: list[str] = []  # of the probes under way, those that are done
        self._asked = 0
        self._arrived: list[ProfileEntry] = []  # answers that are not shown yet
        self._shows: Timer | None = None
        self._revision = -1
        self._tokens: Mapping[str, tuple[float, str]] | None = None  # when each ends, and what is found because of it

    @abstractmethod
    def show_detail(self) -> None:
        """Of the selected profile; what is known of it may have changed."""

    @property
    def selected(self) -> "ProfileEntry | None":
        key = self.table.selected_key
        return self.rows.get(key) if key is not None else None

    @property
    def chosen(self) -> Sequence[str]:
        """The marked profiles, in the file's order; without marks the selected one."""
        marks = self.table.marks
        if marks:
            return [entry.name for entry in self.rows.entries if entry.name in marks]
        return [self.selected.name] if self.selected is not None else []

    @property
    def unsaved(self) -> int:
        """How many profiles memory and file do not agree about."""
        return self.rows.changed + (len(self.service.registry.deleted) if self.service is not None else 0)

    # The file

    def load(self) -> None:
        """Read the file, and with that lose what was changed in memory."""
        self.stop_probing()
        self.fetching, self.problem, self.changed_on_disk = True, None, False
        self._load()
        self.show_state()

    @work(exclusive=True, group="oci.load", exit_on_error=False, description="read the OCI profiles")
    async def _load(self) -> None:
        session, service = self.console.session, self.service
        if session is None:
            return
        try:
            if service is None:
                from ocm_tui.core.oci.threads import in_daemon_thread

                service = await in_daemon_thread(lambda: session.oci, name="oci service")
            if service is not None:
                await service.load()
        except OcmError as error:
            self.post_message(ServiceOpened(None, error))
            return
        self.post_message(ServiceOpened(service))
        if service is not None:
            self.post_message(ProfilesLoaded())

    @on(ServiceOpened)
    def _service_opened(self, event: ServiceOpened) -> None:
        self.fetching, self.problem = False, event.error
        if event.service is not None and self.service is None:
            self.service = event.service
            self._watch_file()
            self.set_interval(_TICK, self._tick)
        if event.error is not None:
            self.console.announce_error(event.error)
        self.show_state()

    @on(ProfilesLoaded)
    def _profiles_loaded(self) -> None:
        self.profiles_changed()

    def profiles_changed(self) -> None:
        """Show what the registry holds now; selection and marks stay with their profiles."""
        service = self.service
        if service is None:
            return
        self._revision = service.registry.revision
        self.rows.replace(service.registry.list())
        if self.table.columns != self.rows.columns:
            self.table.set_columns(self.rows.columns)
        self.table.marks &= {entry.name for entry in self.rows.entries}
        self.table.rows_changed()
        self.show_state()
        self.show_detail()
        self._read_tokens()

    @work(exclusive=True, group="oci.watch", exit_on_error=False, description="watch the OCI configuration file")
    async def _watch_file(self) -> None:
        from ocm_tui.core.oci.threads import in_daemon_thread

        service = self.service
        assert service is not None
        looks = 0
        while True:
            await asyncio.sleep(_STAT_EVERY)
            looks += 1
            changed = await in_daemon_thread(service.changed_on_disk, name="oci watch")
            tokens = await self._look_at_tokens(service) if looks % _TOKENS_EVERY == 0 else None
            self.post_message(FileLooked(changed=changed, expiries=tokens))

    @work(exclusive=True, group="oci.tokens", exit_on_error=False, description="read when session tokens end")
    async def _read_tokens(self) -> None:
        assert self.service is not None
        expiries = await self._look_at_tokens(self.service)
        self.post_message(FileLooked(changed=self.changed_on_disk, expiries=expiries))

    async def _look_at_tokens(self, service: "OciService") -> Mapping[str, float]:
        """When they end. What was found in a profile follows its token: renewed, gone, or over by now."""
        expiries = await service.token_expiries()
        standing = {name: (ends, _phase(ends - time.time())) for name, ends in expiries.items()}
        former, self._tokens = self._tokens, standing
        moved = {name for name, _ in former.items() ^ standing.items()} if former is not None else ()
        if moved:
            await service.look_again(moved)
        return expiries

    @on(FileLooked)
    def _file_looked(self, event: FileLooked) -> None:
        if event.expiries is not None and event.expiries != self.rows.expiries:
            self.rows.expiries = event.expiries
            self.table.refresh()
            self.show_detail()
        changed = event.changed and not self.fetching
        if changed != self.changed_on_disk:
            self.changed_on_disk = changed
            if changed:
                self.console.note("The OCI configuration file was changed on disk.", severity="warning")
            self.show_state()

    def _tick(self) -> None:
        """Countdowns go on; what changed in memory is seen."""
        if self.service is None or self.app.screen is not self:
            return
        if self.service.registry.revision != self._revision and not self.rows.probing and not self.fetching:
            self.profiles_changed()
        else:
            self.table.refresh()
            self.every_second()

    def every_second(self) -> None:
        """While the pane is looked at."""

    # Probing

    def probe(self, names: Iterable[str]) -> None:
        """Side by side with the probes that are under way."""
        wanted = [name for name in names if name not in self.rows.probing]
        if not wanted or self.service is None:
            return
        if not self.rows.probing:
            self._probed, self._asked = [], 0
        self._asked += len(wanted)
        self.rows.probing.update(wanted)
        self._probe(wanted)
        self.table.refresh()
        self.show_state()
        self.show_detail()

    @work(group="oci.probe", exit_on_error=False, description="probe OCI profiles")
    async def _probe(self, names: Sequence[str]) -> None:
        assert self.service is not None
        problem: OcmError | None = None
        try:
            async for entry in self.service.probe_each(names):
                self._arrived.append(entry)
                if self._shows is None:  # ten thousand answers are no ten thousand messages
                    self._shows = self.set_timer(_SHOWN_EVERY, self._show_arrived)
        except OcmError as error:
            problem = error
        finally:
            self.post_message(ProbingEnded(names, problem))

    def _show_arrived(self) -> None:
        """What came since the last look; what was stopped or read anew meanwhile is left out."""
        arrived = [entry for entry in self._arrived if entry.name in self.rows.probing]
        self._arrived.clear()
        if self._shows is not None:
            self._shows.stop()
            self._shows = None
        names = [entry.name for entry in arrived]
        self.rows.probing.difference_update(names)
        self._probed += names
        self.rows.put(arrived)
        self.table.rows_changed()
        self.show_state()
        if self.table.selected_key in names:
            self.show_detail()

    @on(ProbingEnded)
    def _probing_ended(self, event: ProbingEnded) -> None:
        self._show_arrived()
        self.rows.probing.difference_update(event.names)
        if event.error is not None:
            self.console.announce_error(event.error)
        elif self._asked and not self.rows.probing:
            self._say_what_came()
            self._asked = 0
        self.table.refresh()
        self.show_state()
        self.show_detail()
        self._read_tokens()

    def _say_what_came(self) -> None:
        from ocm_tui.tui.oci_answers_text import probed_sentence

        entries = [entry for name in self._probed if (entry := self.rows.get(name)) is not None]
        if entries:
            alone = len(entries) == 1 and entries[0].status != "useable"
            self.console.announce(probed_sentence(entries), severity="warning" if alone else "information")

    def stop_probing(self) -> bool:
        """Whether there was anything to stop. What is known by now stays."""
        if not self.rows.probing:
            return False
        left, self._asked = len(self.rows.probing), 0
        self.rows.probing.clear()
        self.workers.cancel_group(self, "oci.probe")
        self.console.announce(f"Probing stopped; {left:,} profiles were not waited for.", severity="warning")
        self.table.refresh()
        self.show_state()
        self.show_detail()
        return True

    @property
    def progress_text(self) -> str:
        return f"probing {len(self._probed):,} of {self._asked:,}" if self.rows.probing else ""


def _phase(left: float) -> str:
    """What is found about a token that lives for so many seconds more."""
    return "over" if left <= 0 else "ending" if left <= EXPIRING else "good"
