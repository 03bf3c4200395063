"""The secrets of one run: read or made, and staged durably before the server learns any of them.

Staged copies are named after the run. After a kill the same call finds them again and uses the same secrets, so that
neither side ever holds one that the other has lost. A promoted secret keeps its staged copy until `release`: whoever
keeps the journal lets go of the copy when the outcome is on record.
"""

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from ocm_tui.core.clients.delivery import discard_all, recover_all, stage_all
from ocm_tui.core.clients.secret_files import SecretFile, promote_files
from ocm_tui.core.clients.secret_sources import read_secret, source_problem
from ocm_tui.core.clients.secrets import SHORTEST, Destination, Stdout, generate_secret, parse_destination
from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.provisioning.model import Change, SecretDeclaration
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean

__all__ = ["StagedSecrets", "recover_secrets", "secret_problem", "stage_secrets"]

_RUN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MOST_TOLD: Final = 20
_LONGEST_NAME: Final = 200


class _Named(Protocol):
    @property
    def client_id(self) -> str: ...


_Client = TypeVar("_Client", bound=_Named)
_Result = TypeVar("_Result")


@dataclass(slots=True)
class _Entry:
    client_id: str
    declaration: SecretDeclaration
    destination: Destination | None
    secret: Secret | None = None
    fresh: bool = True


class StagedSecrets:
    """By clientId, as the changes spell it. A client without a secret of its own in this run is no error: nothing is
    there for it, and promoting nothing does nothing."""

    def __init__(self, entries: Iterable[_Entry] = ()) -> None:
        self._entries = {entry.client_id: entry for entry in entries}

    def secret(self, client_id: str) -> Secret | None:
        entry = self._entries.get(client_id)
        return entry.secret if entry else None

    def destination(self, client_id: str) -> str:
        """Safe to show; "" when nothing is delivered, `stdout` when the caller is to print it."""
        destination = self._destination(client_id)
        return destination.name if destination else ""

    def staged_copy(self, client_id: str) -> str | None:
        """Where the staged copy is: for the words about an unclear end."""
        destination = self._destination(client_id)
        return destination.staged_name if destination else None

    def is_fresh(self, client_id: str) -> bool:
        """Whether the secret was made now, so that no earlier part of this run can have sent it."""
        entry = self._entries.get(client_id)
        return entry is not None and entry.fresh

    async def promote(self, client_id: str) -> None:
        """The server has it. OcmError names the staged copy, which stays in any case."""
        destination = self._destination(client_id)
        if destination is not None:
            await destination.promote(keep=True)

    def is_in_file(self, client_id: str) -> bool:
        """Whether it is promoted best together with others: `promote_files`."""
        return isinstance(self._destination(client_id), SecretFile)

    async def promote_files(self, client_ids: Sequence[str]) -> list[OcmError | None]:
        """As `promote`, of each that `is_in_file`, in their order: None, or why it is not in its place."""
        files = [one for client_id in client_ids if isinstance(one := self._destination(client_id), SecretFile)]
        return await promote_files(files)

    async def discard(self, client_id: str) -> None:
        """The server certainly does not have it."""
        destination = self._destination(client_id)
        if destination is not None:
            await destination.discard()

    async def release(self, client_ids: Iterable[str]) -> None:
        """Remove the staged copies of those whose outcome is on record: promoted, or certainly not on the server.

        All are tried; then OcmError for the first that is left over, which does no harm.
        """
        found = [self._destination(client_id) for client_id in client_ids]
        await discard_all([destination for destination in found if destination is not None])

    def _destination(self, client_id: str) -> Destination | None:
        entry = self._entries.get(client_id)
        return entry.destination if entry else None


async def stage_secrets(changes: Sequence[Change], run_id: str, *, print_secrets: bool) -> StagedSecrets:
    """UsageError, before which whatever this call staged is discarded, when a secret cannot be read or staged."""
    if not _RUN_ID.fullmatch(run_id):
        raise ValueError("a run id becomes a part of file names")
    staging = asyncio.ensure_future(_staged(changes, run_id, print_secrets=print_secrets))
    try:
        return await asyncio.shield(staging)
    except asyncio.CancelledError:
        # What is being written cannot be stopped, but it can be undone when it is there: nothing has been sent.
        with contextlib.suppress(OcmError):
            await _undo((await staging)._entries.values())  # noqa: SLF001  # the story of one module
        raise


async def recover_secrets(changes: Sequence[Change], run_id: str) -> StagedSecrets:
    """What an earlier part of the run has staged, and not let go of since. Nothing is made."""
    entries = await asyncio.to_thread(_entries_of, changes, print_secrets=True)
    await _recover(entries, run_id)
    return StagedSecrets(entry for entry in entries if not entry.fresh)


def secret_problem(declaration: SecretDeclaration) -> str | None:
    """Why the declared secret could not be set, as far as this machine can tell at once; None when nothing is wrong."""
    if declaration.source == "keep":
        return None
    if declaration.source != "generate":
        problem = source_problem(declaration.source, declaration.argument)
        if problem is not None:
            return problem
    try:
        destination = _destination_of(declaration)
    except UsageError as error:
        return error.title
    return destination.problem() if destination is not None else None


async def _staged(changes: Sequence[Change], run_id: str, *, print_secrets: bool) -> StagedSecrets:
    entries = await asyncio.to_thread(_entries_of, changes, print_secrets=print_secrets)
    await _recover(entries, run_id)
    fresh = [entry for entry in entries if entry.secret is None]
    await asyncio.to_thread(_fill, fresh)
    try:
        await _stage(fresh, run_id)
    except BaseException:
        with contextlib.suppress(OcmError):
            await _undo(fresh)
        raise
    return StagedSecrets(entries)


def _entries_of(changes: Sequence[Change], *, print_secrets: bool) -> list[_Entry]:
    def entry(change: Change) -> _Entry:
        assert change.declaration is not None
        destination = _destination_of(change.declaration)
        if isinstance(destination, Stdout) and not print_secrets:
            raise UsageError("it would be printed", hint="allow that with --print-secrets, or deliver it to a file")
        _refuse_second(taken, destination)
        return _Entry(change.client_id, change.declaration, destination)

    taken: set[str] = set()
    return _of_each(filter(_needs_secret, changes), entry)


def _needs_secret(change: Change) -> bool:
    if change.action not in {"create", "update"} or change.secret not in {"set", "rotate"}:
        return False
    return change.declaration is not None and change.declaration.source != "keep"


def _destination_of(declaration: SecretDeclaration) -> Destination | None:
    if declaration.source == "generate":
        if declaration.deliver is None:
            raise UsageError("a generated secret needs `deliver`: nobody would ever know it")
        if declaration.length < SHORTEST:
            raise UsageError(f"a secret has at least {SHORTEST} characters, not {declaration.length}")
    return parse_destination(declaration.deliver) if declaration.deliver is not None else None


def _refuse_second(taken: set[str], destination: Destination | None) -> None:
    if destination is None or isinstance(destination, Stdout):
        return
    key = str(destination.target()) if isinstance(destination, SecretFile) else destination.name
    if key in taken:
        raise UsageError(f"{destination.name} is the destination of another client as well")
    taken.add(key)


async def _recover(entries: Sequence[_Entry], run_id: str) -> None:
    """What an earlier call of this run has staged."""
    delivered = [(entry, entry.destination) for entry in entries if entry.destination is not None]
    found = await recover_all([destination for _, destination in delivered], run_id)
    for (entry, _), secret in zip(delivered, found, strict=True):
        entry.secret, entry.fresh = secret, secret is None


def _fill(entries: Iterable[_Entry]) -> None:
    def fill(entry: _Entry) -> None:
        declaration = entry.declaration
        if declaration.source == "generate":
            entry.secret = generate_secret(declaration.length)
        else:
            entry.secret = read_secret(declaration.source, declaration.argument)
            # Where nothing is staged an earlier part of the run has read the same source.
            entry.fresh = entry.destination is not None

    _of_each(entries, fill)


async def _stage(entries: Iterable[_Entry], run_id: str) -> None:
    await stage_all([(one.destination, one.secret) for one in entries if one.destination and one.secret], run_id)


async def _undo(entries: Iterable[_Entry]) -> None:
    await discard_all([entry.destination for entry in entries if entry.fresh and entry.destination is not None])


def _of_each(items: Iterable[_Client], work: Callable[[_Client], _Result]) -> list[_Result]:
    """One UsageError for all that went wrong: whoever mends the inventory sees everything at once."""
    results: list[_Result] = []
    problems: list[tuple[str, UsageError]] = []
    for item in items:
        try:
            results.append(work(item))
        except UsageError as error:
            problems.append((f"the secret of {clean(item.client_id, _LONGEST_NAME)}: {error.title}", error))
    if problems:
        title, first = problems[0]
        more = f" (+{len(problems) - 1} more)" if len(problems) > 1 else ""
        told = [title for title, _ in problems[:_MOST_TOLD]]
        raise UsageError(f"{title}{more}", detail="\n".join([*told, ""]) if more else "", hint=first.hint)
    return results
