"""What changes OCI profiles: in memory first, and in the file when that is asked for."""

import time
from typing import TYPE_CHECKING

from textual import work
from textual.content import Content

from ocm_tui.core.errors import Conflict, OcmError
from ocm_tui.core.oci.model import DEFAULT, RenameSection
from ocm_tui.core.text import clean
from ocm_tui.tui.actions import find_action
from ocm_tui.tui.oci_fix import Proposal, most_fixes, proposals
from ocm_tui.tui.pane import allowed
from ocm_tui.tui.screens.oci_loading import LoadingProfiles

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from ocm_tui.core.oci.edits import PlannedEdit
    from ocm_tui.core.oci.registry import ProfileEntry
    from ocm_tui.core.oci.service import OciService

__all__ = ["OciWrites"]

_MOST_NAMED = 10


class OciWrites(LoadingProfiles):
    """Forms, fixes and the save. `selected`, `chosen`, `service` and `profiles_changed` are those of the screen."""

    # In memory

    @allowed("oci.new")
    def action_new(self) -> None:
        self._fill_in("new")

    @allowed("oci.edit")
    def action_edit(self) -> None:
        self._fill_in("edit")

    @allowed("oci.clone")
    def action_clone(self) -> None:
        self._fill_in("clone")

    @work(exclusive=True, group="oci.form", exit_on_error=False, description="change an OCI profile")
    async def _fill_in(self, how: str) -> None:
        from ocm_tui.tui.oci_forms import cloned, edited, left_empty, new
        from ocm_tui.tui.screens.oci_form import OciForm

        service, selected = self.service, self.selected
        if service is None:
            return
        if how == "new":
            rows = new(service)
        elif selected is None:
            return
        else:
            rows = edited(selected) if how == "edit" else cloned(service, selected)
            if how == "clone" and (empty := left_empty(selected)):
                self.console.announce(empty, severity="warning")
        entry = await self.app.push_screen_wait(OciForm(rows, service))
        self.profiles_changed()
        if entry is not None:
            self.table.select(entry.name)
            self.show_detail()
            self.console.announce(_outcome(entry), severity="information" if entry.status == "useable" else "warning")

    @allowed("oci.delete")
    def action_delete(self) -> None:
        self._delete()

    @work(exclusive=True, group="oci.delete", exit_on_error=False, description="delete OCI profiles in memory")
    async def _delete(self) -> None:
        from ocm_tui.tui.screens.dialog import ConfirmScreen

        service, names = self.service, list(self.chosen)
        if service is None or not names:
            return
        what = clean(names[0], 60) if len(names) == 1 else f"{len(names):,} profiles"
        text = Content("\n").join(map(Content, _consequences(service, names)))
        if not await self.app.push_screen_wait(ConfirmScreen(f"Delete {what}?", text, verb="delete", danger=True)):
            return
        gone = [name for name in names if service.registry.find(name) is not None]
        for name in gone:
            service.registry.delete(name)
        self.table.marks.difference_update(gone)
        self.profiles_changed()
        said = f"{what} {'was' if len(names) == 1 else 'were'} deleted in memory"
        self.console.announce(f"{said}: {find_action('oci.save').key_text} writes that to the file.")

    # Fixes

    @allowed("oci.fix")
    def action_fix(self) -> None:
        self._fix()

    @work(exclusive=True, group="oci.fix", exit_on_error=False, description="carry out the fix of a finding")
    async def _fix(self) -> None:
        service, entry = self.service, self.selected
        if service is None or entry is None:
            return
        found = proposals(entry, service.findings)
        if not found:
            self.console.announce(f"No finding of {clean(entry.name, 80)} has a fix: e changes it.", severity="warning")
            return
        chosen = found[0] if len(found) == 1 else await self._choose(entry, found)
        if chosen is None:
            return
        try:
            await self._carry_out(service, entry, chosen)
        except OcmError as error:
            self.console.announce_error(error)
        self.profiles_changed()

    async def _choose(self, entry: "ProfileEntry", found: "Sequence[Proposal]") -> Proposal | None:
        from ocm_tui.tui.screens.choice import ChoiceScreen

        shown = found[:most_fixes]
        choices = {str(number): (str(number), one.sentence) for number, one in enumerate(shown, 1)}
        key = await self.app.push_screen_wait(ChoiceScreen(f"Fixes for {clean(entry.name, 60)}", choices))
        return shown[int(key) - 1] if key is not None else None

    async def _carry_out(self, service: "OciService", entry: "ProfileEntry", chosen: Proposal) -> None:
        if chosen.update is not None:
            await self._fix_in_memory(service, entry, chosen)
            return
        refused = self.why_not(find_action("oci.save"))
        if refused is not None:
            self.console.announce(refused, severity="warning")
        elif chosen.fix.private is not None:
            await service.make_private(chosen.fix.private)
            self.console.announce("The mode of the file is 0600 now: nobody else can read it.")
        elif entry.modified and any(isinstance(edit, RenameSection) for edit in chosen.fix.edits):
            self.console.announce(f"Save {clean(entry.name, 80)} first: it was changed.", severity="warning")
        else:
            await self._write(f"{chosen.fix.label}?", lambda: service.plan_fix(chosen.fix.edits), notes=())

    async def _fix_in_memory(self, service: "OciService", entry: "ProfileEntry", chosen: Proposal) -> None:
        from ocm_tui.tui.screens.oci_refused import RefusedScreen

        assert chosen.update is not None
        self.rows.probing.add(entry.name)
        self.table.refresh()
        try:
            change = await service.registry.update(entry.name, chosen.update)
        finally:
            self.rows.probing.discard(entry.name)
        after = change.entry
        self.profiles_changed()
        if change.rolled_back:
            screen = RefusedScreen(change, asked=chosen.fix.label, mend="change it in the form", now=time.time())
            match await self.app.push_screen_wait(screen):
                case "keep":
                    after = service.registry.keep(change)
                case "mend":
                    self._fill_in("edit")
                    return
                case _:
                    return
        self.console.announce(f"Fixed: {chosen.fix.label}. {_outcome(after)}")

    # The file

    @allowed("oci.save")
    def action_save(self) -> None:
        self._save()

    @work(exclusive=True, group="oci.save", exit_on_error=False, description="save the OCI profiles to their file")
    async def _save(self) -> None:
        from ocm_tui.tui.screens.oci_save import left_out

        service = self.service
        if service is None:
            return
        notes = left_out(service.registry.list())
        if not service.pending_edits():
            self.console.announce(" ".join(["Nothing is to be saved: the file says it all.", *notes]))
            return
        try:
            await self._write("Save to the file?", service.plan_save, notes=notes)
        except OcmError as error:
            self.console.announce_error(error)
        self.profiles_changed()

    async def _write(
        self, title: str, make_plan: "Callable[[], Awaitable[PlannedEdit]]", *, notes: "Sequence[str]"
    ) -> None:
        """Shown, agreed to, written. When the file is another one by then, it is read, and all of it begins again."""
        while (plan := await self._agreed(title, make_plan, notes)) is not None:
            service = self.service
            assert service is not None
            try:
                saved = await service.save(plan)
            except Conflict:
                if not await self._read_again():
                    return
                continue
            former = f"; what it said before is in {saved.backup.name}" if saved.backup is not None else ""
            self.console.announce(f"{clean(saved.path.name, 100)} is written{former}.")
            self.changed_on_disk = False
            return

    async def _agreed(
        self, title: str, make_plan: "Callable[[], Awaitable[PlannedEdit]]", notes: "Sequence[str]"
    ) -> "PlannedEdit | None":
        from ocm_tui.core.oci.diff import masked_diff
        from ocm_tui.core.oci.threads import in_daemon_thread
        from ocm_tui.tui.screens.oci_save import SaveScreen

        plan = await make_plan()
        service, connection = self.service, self.console.connection
        assert service is not None
        assert service.file is not None
        if not plan.changes:
            self.console.announce("The file says so already: nothing to write.")
            return None
        lines = (await in_daemon_thread(lambda: masked_diff(plan), name="oci diff"))[2:]
        typed = connection.environment if connection.protected else None
        agreed = await self.app.push_screen_wait(SaveScreen(title, service.file, lines, notes, typed=typed))
        return plan if agreed else None

    async def _read_again(self) -> bool:
        """After a conflict: whether to go on with what was changed here."""
        from ocm_tui.tui.screens.oci_save import ChangedScreen

        service = self.service
        assert service is not None
        answer = await self.app.push_screen_wait(ChangedScreen(clean(service.config_file, 60)))
        if answer is None:
            self.console.announce("Nothing was written: the file has changed since it was read.", severity="warning")
            return False
        await service.load(keep_edits=answer == "again")
        self.changed_on_disk = False
        self.profiles_changed()
        return answer == "again"


def _consequences(service: "OciService", names: "Sequence[str]") -> list[str]:
    lines = [clean(", ".join(names[:_MOST_NAMED]), 400)] if len(names) > 1 else []
    if len(names) > _MOST_NAMED:
        lines.append(f"and {len(names) - _MOST_NAMED:,} more")
    if DEFAULT in names:
        heirs = [
            entry.name
            for entry in service.registry.list()
            if entry.source is not None and any(field.origin == "DEFAULT" for field in entry.source.fields.values())
        ]
        if heirs:
            lines.append(f"{len(heirs):,} profiles take values from DEFAULT: once it is saved, they lose them.")
    only_here = [name for name in names if (one := service.registry.find(name)) is not None and one.source is None]
    if only_here:
        lines.append(f"The file does not have {clean(', '.join(only_here[:_MOST_NAMED]), 300)}: that cannot be undone.")
    if len(only_here) < len(names):
        lines.append("The file stays as it is until it is saved; reading it again brings back what it has.")
    return lines


def _outcome(entry: "ProfileEntry") -> str:
    """What is held now, in a sentence."""
    name, result = clean(entry.name, 80), entry.result
    save = find_action("oci.save").key_text
    if entry.draft:
        return f"{name} is a draft: e mends it. A draft is not saved."
    if entry.status == "useable":
        return (
            f"{name} is useable, in memory: {save} writes it to the file." if entry.modified else f"{name} is useable."
        )
    why = f": {result.error}" if result is not None and result.error else ""
    return f"{name} is kept in memory, {entry.status}{why}"
