"""The profiles in memory: the seed's list, get, create, update and delete. The file stays the truth.

A change is probed before it counts. Where the seed loses something, this does not: a refused create leaves a draft
that a later create or update mends; a refused update of a useable profile leaves it as it was, its last verification
included; and every refusal says whether the network or the credentials were the reason, because after a network
failure "keep anyway" is the right answer.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ocm_tui.core.errors import Conflict, OcmError
from ocm_tui.core.oci.model import FileProfile, Finding
from ocm_tui.core.oci.probe import ProbeResult, ProbeStatus
from ocm_tui.core.oci.schemas import OciProfileConfig, OciProfileUpdate
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean

__all__ = ["Change", "NoSuchProfile", "Probe", "ProfileEntry", "ProfileRegistry"]

Probe = Callable[[OciProfileConfig, "FileProfile | None"], Awaitable[tuple[ProbeResult, Sequence[Finding]]]]


class NoSuchProfile(OcmError):
    """404."""

    def __init__(self, name: str, known: Iterable[str] = ()) -> None:
        from difflib import get_close_matches

        near = get_close_matches(name.casefold(), [one.casefold() for one in known], n=1)
        hint = f"did you mean {clean(near[0], 200)}?" if near else "`ocm-tui oci list` shows the profiles"
        super().__init__(f"there is no OCI profile {clean(name, 200)}", hint=hint)


@dataclass(frozen=True, slots=True)
class ProfileEntry:
    """One profile as it is now. A change makes another entry: who holds one can rely on it.

    `source` is what the file says, None for a profile that only memory has. `result` is the last probe of exactly this
    configuration, None before there was one. A `draft` was refused when it was created, and is kept to be mended.
    """

    config: OciProfileConfig
    source: FileProfile | None = None
    findings: tuple[Finding, ...] = ()
    result: ProbeResult | None = None
    draft: bool = False

    @property
    def name(self) -> str:
        return self.config.auth_profile

    @property
    def status(self) -> ProbeStatus:
        return self.result.status if self.result is not None else "unknown"

    @property
    def modified(self) -> bool:
        """Whether memory and file differ."""
        return self.source is None or not _same(self.config, self.source.config)


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a create or an update. `entry` is what the registry holds now, `tried` what the probe said of the
    configuration that was asked for. When it was not accepted, `tried.reason` says why, and nothing is lost: a create
    left a draft, an update of a useable profile left it as it was (`rolled_back`). `refused` is then what it would have
    become: `ProfileRegistry.keep` takes it all the same.
    """

    entry: ProfileEntry
    tried: ProbeResult
    accepted: bool
    rolled_back: bool = False
    refused: ProfileEntry | None = None


@dataclass(slots=True)
class ProfileRegistry:
    """It belongs to one event loop. Names are compared without their case; the last of equal ones counts.

    `probe` never raises for what a profile may do. Writes to one profile wait for each other, its readers never see a
    configuration that was not settled.
    """

    probe: Probe
    _entries: dict[str, ProfileEntry] = field(default_factory=dict)
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)
    _deleted: dict[str, FileProfile] = field(default_factory=dict)
    revision: int = 0

    def load(self, entries: Iterable[ProfileEntry], *, keep_edits: bool = False) -> None:
        """Start over from the file: edits in memory are gone, results of what did not change stay.

        `keep_edits` puts them on top of what the file says now: the fields that differed, what only memory had, what
        was deleted. Of a profile that the file lost meanwhile, the edited one stays: nothing is lost by reading.
        """
        former, deleted = self._entries, self._deleted
        self._entries, self._deleted = {}, {}
        for entry in entries:
            known = former.pop(entry.name, None)
            if keep_edits and known is None and entry.name.casefold() in deleted:
                self._deleted[entry.name.casefold()] = _source_of(entry)
                continue
            if keep_edits and known is not None and known.modified:
                entry = replace(entry, config=_edited_again(known, entry.config), draft=known.draft)  # noqa: PLW2901
            if known is not None and known.result is not None and _same(known.config, entry.config):
                entry = replace(entry, config=known.config, result=known.result)  # noqa: PLW2901
            self._entries[entry.name] = entry
        if keep_edits:
            left = {name: replace(one, source=None) for name, one in former.items() if one.modified}
            self._entries |= left
        self.revision += 1

    def list(self) -> Sequence[ProfileEntry]:
        return tuple(self._entries.values())

    @property
    def deleted(self) -> Sequence[str]:
        """Names of profiles that the file has and memory has not any more."""
        return tuple(profile.name for profile in self._deleted.values())

    def find(self, name: str) -> ProfileEntry | None:
        """The exact name first: `[A]` and `[a]` are two legal sections."""
        if name in self._entries:
            return self._entries[name]
        return next((one for one in reversed(self._entries.values()) if one.name.casefold() == name.casefold()), None)

    def get(self, name: str) -> ProfileEntry:
        """NoSuchProfile when there is none."""
        entry = self.find(name)
        if entry is None:
            raise NoSuchProfile(name, self._entries)
        return entry

    async def create(self, config: OciProfileConfig, *, keep_anyway: bool = False) -> Change:
        """Conflict when the name is taken by anything but a draft."""
        async with self._writing(config.auth_profile):
            former = self.find(config.auth_profile)
            if former is not None and not former.draft:
                raise Conflict(
                    f"the OCI profile {clean(former.name, 200)} exists", hint="change it, or choose another name"
                )
            source = self._deleted.get(config.auth_profile.casefold())
            tried, findings = await self.probe(config, source)
            accepted = tried.useable or keep_anyway
            if former is not None:
                self._entries.pop(former.name, None)
            entry = self._put(ProfileEntry(config, source, tuple(findings), tried, draft=not accepted))
            self._deleted.pop(config.auth_profile.casefold(), None)
            return Change(entry, tried, accepted, refused=None if accepted else entry)

    async def update(self, name: str, update: OciProfileUpdate, *, keep_anyway: bool = False) -> Change:
        """Only the fields that were given change; an empty key or pass phrase means "as before", None removes it.

        A useable profile that would not be afterwards stays as it is, unless `keep_anyway`; one that was not takes the
        new values whatever the probe says, as in the seed: it is being mended.
        """
        async with self._writing(name):
            entry = self.get(name)
            wanted = _updated(entry.config, update)
            tried, findings = await self.probe(wanted, entry.source)
            accepted = tried.useable or keep_anyway
            draft = entry.draft and not accepted
            changed = ProfileEntry(wanted, entry.source, tuple(findings), tried, draft)
            if not accepted and entry.status == "useable":
                return Change(entry, tried, accepted=False, rolled_back=True, refused=changed)
            changed = self._put(changed)
            return Change(changed, tried, accepted, refused=None if accepted else changed)

    def keep(self, change: Change) -> ProfileEntry:
        """What was refused counts all the same, without another probe. Conflict when the profile changed meanwhile."""
        now = self.find(change.entry.name)
        if now is None or not _same(now.config, change.entry.config):
            raise Conflict(
                f"the OCI profile {clean(change.entry.name, 200)} was changed meanwhile",
                hint="look at it, then try again",
            )
        return self._put(replace(change.refused or now, draft=False))

    def explained(self, entry: ProfileEntry, findings: Sequence[Finding]) -> None:
        """Take note of the findings of `entry`, if it is what is held still.

        A probe that sent nothing said no more than the findings did: with none that rules the profile out, it is open
        again whether it is useable.
        """
        if self._entries.get(entry.name) is entry:
            ruled_out = any(one.severity == "error" for one in findings)
            result = entry.result if ruled_out or entry.result is None or not entry.result.blocked else None
            self._entries[entry.name] = replace(entry, findings=tuple(findings), result=result)
            self.revision += 1

    async def verify(self, name: str) -> ProfileEntry:
        """Probe a profile as it is. A result for a configuration that was changed meanwhile is dropped."""
        entry = self.get(name)
        tried, findings = await self.probe(entry.config, entry.source)
        return self.verified(entry, tried, findings)

    def verified(self, entry: ProfileEntry, result: ProbeResult, findings: Sequence[Finding]) -> ProfileEntry:
        """Take note of a probe of `entry`; the entry that is held now."""
        now = self._entries.get(entry.name)
        if now is None or now.config is not entry.config:
            return now or entry
        return self._put(replace(now, result=result, findings=tuple(findings)))

    def delete(self, name: str) -> ProfileEntry:
        """Any profile, DEFAULT included. NoSuchProfile when there is none."""
        entry = self.get(name)
        del self._entries[entry.name]
        if entry.source is not None:
            self._deleted[entry.name.casefold()] = entry.source
        self.revision += 1
        return entry

    def _put(self, entry: ProfileEntry) -> ProfileEntry:
        if entry.result is not None:
            entry = replace(entry, config=entry.config.model_copy(update={"useable": entry.result.useable}))
        self._entries[entry.name] = entry
        self.revision += 1
        return entry

    def _writing(self, name: str) -> asyncio.Lock:
        return self._locks.setdefault(name.casefold(), asyncio.Lock())


def _updated(config: OciProfileConfig, update: OciProfileUpdate) -> OciProfileConfig:
    changes: dict[str, Any] = {}
    for name in update.model_fields_set:
        value = getattr(update, name)
        if isinstance(value, Secret) and not value:
            continue  # a form that shows no secret sends none back
        changes[name] = value
    return config.model_copy(update=changes)


def _edited_again(known: ProfileEntry, config: OciProfileConfig) -> OciProfileConfig:
    """`config`, with the fields in which `known` differed from the file that it was read from."""
    before = known.source.config if known.source is not None else None
    names = set(OciProfileConfig.model_fields) - {"useable"}
    mine = {name: getattr(known.config, name) for name in names}
    changes = {name: value for name, value in mine.items() if before is None or value != getattr(before, name)}
    return config.model_copy(update=changes)


def _source_of(entry: ProfileEntry) -> FileProfile:
    assert entry.source is not None  # it was read from the file
    return entry.source


def _same(one: OciProfileConfig, other: OciProfileConfig) -> bool:
    """But for what a probe set."""
    names = set(OciProfileConfig.model_fields) - {"useable"}
    return all(getattr(one, name) == getattr(other, name) for name in names)
