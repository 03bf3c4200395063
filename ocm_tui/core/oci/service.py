"""The OCI profiles of one environment: read, explained, probed, changed in memory, and saved when that is asked for.

Nothing is read or imported before `load`; no network is touched before a probe is asked for.
"""

import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.oci.endpoints import PUBLIC, OciEndpoints
from ocm_tui.core.oci.lint import Surroundings, lint_all, lint_file, lint_profile
from ocm_tui.core.oci.model import DEFAULT, ConfigFile, Edit, FileProfile, Finding, MakePrivate, RemoveProfile
from ocm_tui.core.oci.parser import read_profiles, stamp_of
from ocm_tui.core.oci.probe import Prober, ProbeResult
from ocm_tui.core.oci.registry import ProfileEntry, ProfileRegistry
from ocm_tui.core.oci.schemas import OciProfileConfig
from ocm_tui.core.oci.threads import in_daemon_thread

if TYPE_CHECKING:
    from ocm_tui.core.oci.genai import GenAiReport
    from ocm_tui.core.oci.rc import EffectiveField
    from ocm_tui.core.oci.write_back import PlannedEdit, Saved

__all__ = ["OciService"]


class OciService:
    """It belongs to one event loop. `registry` is empty until `load`; `file` is what was read then."""

    def __init__(
        self,
        config_file: Path,
        log: ExchangeLog,
        *,
        chosen_by: str = "",
        checked: Sequence[str] = ("*",),
        endpoints: OciEndpoints = PUBLIC,
        surroundings: Callable[[], Surroundings] = Surroundings.here,
    ) -> None:
        """`chosen_by` is the rule that chose the file, such as OCI_CLI_CONFIG_FILE. `checked` are globs of the profiles
        that an unattended check probes.
        """
        self.checked = tuple(checked)
        self.config_file, self.chosen_by = config_file, chosen_by
        self.prober = Prober(log, endpoints=endpoints)
        self.registry = ProfileRegistry(self._probe)
        self.file: ConfigFile | None = None
        self.findings: tuple[Finding, ...] = ()
        self._surroundings = surroundings

    async def load(self, *, keep_edits: bool = False) -> Sequence[ProfileEntry]:
        """Read and lint the file, without a network. Never raises, whatever it holds.

        Edits in memory are gone, or, with `keep_edits`, on top of what the file says now.
        """
        file, findings, entries = await in_daemon_thread(self._read, name="oci file")
        self.file, self.findings = file, findings
        self.registry.load(entries, keep_edits=keep_edits)
        for edited in [entry for entry in self.registry.list() if entry.modified]:
            self.registry.explained(edited, await self.lint(edited.config, edited.source))
        return self.registry.list()

    async def entries(self) -> Sequence[ProfileEntry]:
        """The profiles; the file is read if it was not before."""
        return await self.load() if self.file is None else self.registry.list()

    def changed_on_disk(self) -> bool:
        """Whether the file is another one than was read. One `stat`: for who watches it."""
        return self.file is not None and stamp_of(self.config_file) != self.file.stamp

    async def probe(self, name: str) -> ProfileEntry:
        """NoSuchProfile when there is none."""
        await self.entries()
        return await self.registry.verify(name)

    async def probe_each(self, names: Iterable[str] | None = None) -> AsyncIterator[ProfileEntry]:
        """Probe the named profiles, or all, side by side; each as soon as it is known.

        NoSuchProfile before anything is sent when one of them is not there.
        """
        known = await self.entries()
        chosen = list({id(one): one for one in map(self.registry.get, names)}.values()) if names is not None else known
        by_name = {entry.name: entry for entry in chosen}
        refreshed = await in_daemon_thread(lambda: [self._linted(one) for one in chosen], name="oci lint")
        pairs = [(entry.config, findings) for entry, findings in zip(chosen, refreshed, strict=True)]
        findings_of = {entry.name: findings for entry, findings in zip(chosen, refreshed, strict=True)}
        async with aclosing(self.prober.probe_each(pairs)) as results:
            async for name, result in results:
                yield self.registry.verified(by_name[name], result, findings_of[name])

    async def lint(self, config: OciProfileConfig, source: FileProfile | None = None) -> tuple[Finding, ...]:
        """What is known about a profile without a network, such as one that is being edited."""
        return await in_daemon_thread(lambda: lint_profile(config, self._around(), source=source), name="oci lint")

    async def effective(self, entry: ProfileEntry) -> Sequence["EffectiveField"]:
        """Each field with where it comes from, and what the OCI command line tool would take instead."""
        from ocm_tui.core.oci.rc import effective, read_cli_rc

        source, around = entry.source, self._around()
        if source is None:
            return ()
        rc = await in_daemon_thread(lambda: read_cli_rc(around.environment, around.home), name="oci cli")
        return effective(source, rc, around.environment)

    async def token_expiries(self) -> Mapping[str, float]:
        """As `expiries.token_expiries`; a token that was renewed since the profiles were read counts."""
        from ocm_tui.core.oci.expiries import token_expiries

        profiles, around = [(one.config, one.source) for one in self.registry.list()], self._around()
        return await in_daemon_thread(lambda: token_expiries(profiles, around), name="oci tokens")

    async def look_again(self, names: Iterable[str]) -> None:
        """Lint these anew, without a network: what they point to is not what it was."""
        chosen = [entry for entry in map(self.registry.find, names) if entry is not None]
        found = await in_daemon_thread(lambda: [self._linted(one) for one in chosen], name="oci lint")
        for entry, findings in zip(chosen, found, strict=True):
            self.registry.explained(entry, findings)

    async def genai(self, name: str) -> "GenAiReport":
        """Where generative AI is for a profile, whether it answers there, and which models its compartment has."""
        from ocm_tui.core.oci.genai import check_genai

        await self.entries()
        return await check_genai(self.registry.get(name).config, self.prober)

    @property
    def unsaved(self) -> int:
        """How many profiles memory and file do not agree about."""
        return sum(entry.modified for entry in self.registry.list()) + len(self.registry.deleted)

    def pending_edits(self) -> tuple[Edit, ...]:
        """What the file lacks to say what memory says; `key_content` never goes there, nor does a draft."""
        from ocm_tui.core.oci.write_back import profile_edits

        removed: list[Edit] = [RemoveProfile(name) for name in self.registry.deleted]
        default = self.registry.find(DEFAULT)
        inherited = default.config if default is not None and default.name == DEFAULT else None
        changed = [
            edit
            for one in self.registry.list()
            if one.modified and not one.draft
            for edit in profile_edits(one.config, one.source, inherited)
        ]
        return (*removed, *changed)

    async def plan_save(self) -> "PlannedEdit":
        """The file before and after. UsageError when an edit cannot be written into it."""
        from ocm_tui.core.oci.write_back import plan_edit

        await self.entries()
        file, edits = self.file, self.pending_edits()
        assert file is not None
        return await in_daemon_thread(lambda: plan_edit(file, edits), name="oci plan")

    async def plan_fix(self, edits: Sequence[Edit]) -> "PlannedEdit":
        """As `plan_save`, of the edits of one `Fix`: what is changed in memory stays there."""
        from ocm_tui.core.oci.write_back import plan_edit

        await self.entries()
        file = self.file
        assert file is not None
        return await in_daemon_thread(lambda: plan_edit(file, edits), name="oci plan")

    async def make_private(self, action: MakePrivate) -> None:
        """Then everything is looked at again. UsageError when the mode is not ours to change."""
        from ocm_tui.core.oci.write_back import make_private

        await in_daemon_thread(lambda: make_private(action), name="oci mode")
        await self.load(keep_edits=True)

    async def save(self, plan: "PlannedEdit") -> "Saved":
        """Validated by the SDK on a draft first; read again after it. Conflict when the file is another one by now.

        What the plan leaves out (drafts, `key_content`, other edits than those of a fix) stays in memory.
        """
        from ocm_tui.core.oci.sdk import validate_file
        from ocm_tui.core.oci.write_back import save

        file = self.file
        assert file is not None
        saved = await in_daemon_thread(lambda: save(file, plan, validate_file), name="oci save")
        await self.load(keep_edits=True)
        return saved

    async def close(self) -> None:
        """What is still under way ends by itself, and is not recorded."""
        self.prober.close()

    def _read(self) -> tuple[ConfigFile, tuple[Finding, ...], list[ProfileEntry]]:
        file = read_profiles(self.config_file, chosen_by=self.chosen_by)
        around = self._around()
        findings = lint_all(file, around)
        entries = [ProfileEntry(profile.config, profile, findings[profile.name]) for profile in file.profiles]
        return file, lint_file(file, around), entries

    async def _probe(
        self, config: OciProfileConfig, source: FileProfile | None
    ) -> tuple[ProbeResult, tuple[Finding, ...]]:
        """Files may have changed since they were looked at: a key that was mended is seen."""
        findings = await self.lint(config, source)
        return await self.prober.probe(config, findings), findings

    def _linted(self, entry: ProfileEntry) -> tuple[Finding, ...]:
        return lint_profile(entry.config, self._around(), source=entry.source)

    def _around(self) -> Surroundings:
        around = self._surroundings()
        alone = self.file is None or len(self.file.profiles) <= 1
        return replace(around, now=time.time(), alone=alone)
