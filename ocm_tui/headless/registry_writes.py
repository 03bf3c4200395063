"""`registry set|set-status`: the difference on stderr, the stored row on stdout."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ocm_tui.core.clients.difference import FieldChange, difference_lines
from ocm_tui.core.errors import ConfigError, ExitCode, UsageError
from ocm_tui.core.text import clean
from ocm_tui.headless.boundary import run_async
from ocm_tui.headless.consent import confirm, require_answerable, unlock
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.registry import find_row, print_row

if TYPE_CHECKING:
    from ocm_tui.core.registry.model import Written
    from ocm_tui.core.registry.sync import Declaration
    from ocm_tui.headless.client_files import DocumentFile

__all__ = ["run", "say_fields", "say_propagation"]


def run(invocation: Invocation) -> int:
    if invocation.options.action == "set":
        from ocm_tui.headless.client_files import read_document

        source = read_document(invocation.options.file)
        return run_async(lambda: _set(invocation, source))
    require_answerable(invocation)
    return run_async(lambda: _set_status(invocation))


async def _set(invocation: Invocation, source: "DocumentFile") -> int:
    from ocm_tui.core.registry.sync import plan_sync

    declared, output = _declaration(source), invocation.output
    code = clean(declared.code)
    async with invocation.session() as session:
        registry = await session.require_registry()
        await unlock(invocation, session, declared.code)
        session.policy.require(f"write the registry row of {code}")
        plan = await plan_sync(registry, [declared])
        for change in plan.changes:
            if change.entry is None:
                raise UsageError(change.problem)
            output.say(f"{'~' if change.action == 'update' else '+'} {code}")
            say_fields(invocation, list(change.fields))
            if change.entry.given_ips:
                output.say(f"note: allowed_ips normalised from {clean(', '.join(change.entry.given_ips), 300)}")
            with _under_way(invocation, code):
                written = await registry.upsert(change.entry)
            say_propagation(invocation, written)
        if not plan.changes:
            output.say(f"{code} is so already")
        stored = await registry.find(str(declared.client_id or declared.code))
        if declared.status not in (None, stored.status):
            output.say(f"warning: its status is left alone; `ocm-tui registry set-status {code} {declared.status}`")
        print_row(invocation, stored)
    return ExitCode.OK


async def _set_status(invocation: Invocation) -> int:
    options = invocation.options
    async with invocation.session() as session:
        registry = await session.require_registry()
        client = await find_row(registry, options.client)
        name = clean(client.client_code or client.client_id)
        await unlock(invocation, session, client.client_code)
        session.policy.require(f"set {name} to {options.status}")
        if client.status != options.status:
            say_fields(invocation, [("status", client.status, options.status)])
            for_ever = ", for ever" if options.status == "REVOKED" else ""
            await confirm(invocation, f"Set {name} to {options.status}{for_ever} in {session.environment}?")
        with _under_way(invocation, name):
            written = await registry.set_status(client.client_id, options.status)
        say_propagation(invocation, written)
        assert written.client is not None
        print_row(invocation, written.client)
    return ExitCode.OK


class _under_way:  # noqa: N801  # used as a with-statement's words
    """Around one write: what an interruption in it leaves unknown, and what is done after it."""

    def __init__(self, invocation: Invocation, name: str) -> None:
        self._progress, self._name = invocation.progress, clean(name)

    def __enter__(self) -> None:
        self._progress.unknown = f"whether {self._name} was written; `ocm-tui registry show {self._name}` tells"
        self._progress.left = ""

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._progress.unknown, self._progress.done = "", f"{self._name} was written"


def say_fields(invocation: Invocation, fields: list[tuple[str, Any, Any]]) -> None:
    for line in difference_lines([FieldChange(path, before, after) for path, before, after in fields]):
        invocation.output.say(f"    {line.text}" if line.kind == "@" else f"      {line.kind} {line.text}")


def say_propagation(invocation: Invocation, written: "Written") -> None:
    """A status that readers of the cache do not know yet is not in force."""
    if written.changed and not written.propagated:
        invocation.output.say(
            "warning: not yet propagated: readers of the cache may see the former value until the outbox is drained"
        )


def _declaration(source: "DocumentFile") -> "Declaration":
    """ConfigError with the line of the member that is wrong."""
    from ocm_tui.core.provisioning.inventory_registry import registry_problems
    from ocm_tui.core.registry.sync import declaration_of

    document: Mapping[str, Any] = source.document
    for path, words, hint in registry_problems(document):
        line, column = source.positions.where(path)
        raise ConfigError(f"{clean(path[0], 80)} {words}", path=source.path, line=line, column=column, hint=hint)
    return declaration_of(document, str(source.path), source.path, 1)
