"""`ocm-tui registry`: status, rows, cache and events. stdout has documents, stderr what is done."""

import contextlib
import importlib
from typing import TYPE_CHECKING, Any, Final

from ocm_tui.core.collector import collect_seldom
from ocm_tui.core.errors import ExitCode, UsageError
from ocm_tui.core.registry.documents import as_json
from ocm_tui.headless.boundary import run_async
from ocm_tui.headless.formats.registry import registry_json, row_text, rows_table
from ocm_tui.headless.invocation import Invocation

if TYPE_CHECKING:
    from ocm_tui.core.registry.model import RegistryClient, RegistryQuery
    from ocm_tui.core.registry.service import ClientRegistry

__all__ = ["find_row", "print_row", "query_of", "run"]

# Those of the other modules, by module.
_ELSEWHERE: Final = {
    "set": "registry_writes",
    "set-status": "registry_writes",
    "migrate": "registry_migrate",
    "cache": "registry_cache",
    "events": "registry_events",
    "sync": "registry_sync",
}


def run(invocation: Invocation) -> int:
    action = invocation.options.action
    if action in _ELSEWHERE:
        code: int = importlib.import_module(f"ocm_tui.headless.{_ELSEWHERE[action]}").run(invocation)
        return code
    if action == "list":
        query = query_of(invocation.options.query)
        return run_async(lambda: _list(invocation, query))
    return run_async(lambda: (_status if action == "status" else _show)(invocation))


def query_of(words: list[str]) -> "RegistryQuery":
    """UsageError before anything is opened."""
    from ocm_tui.core.registry.query import parse

    return parse(" ".join(words))


async def find_row(registry: "ClientRegistry", client: str) -> "RegistryClient":
    """By UUID or client_code."""
    return await registry.find(client)


def print_row(invocation: Invocation, client: "RegistryClient") -> None:
    output = invocation.output
    output.data(registry_json({"items": [as_json(client)]}) if output.format == "json" else row_text(client))


async def _status(invocation: Invocation) -> int:
    from ocm_tui.core.registry.status import read_status
    from ocm_tui.headless.formats.registry_status import status_text

    output = invocation.output
    async with invocation.session() as session:
        status = await read_status(await session.require_registry(), exact=invocation.options.exact)
    output.data(registry_json(status.as_json()) if output.format == "json" else status_text(status, color=output.color))
    reached = status.database.reachable and status.cache.reachable
    reached = reached and (status.stream is None or status.stream.reachable)
    return ExitCode.OK if reached else ExitCode.UNREACHABLE


async def _list(invocation: Invocation, query: "RegistryQuery") -> int:
    """JSON lines leave as their page arrives; a table and a JSON document need all of them."""
    from ocm_tui.headless.formats.documents import line
    from ocm_tui.headless.spool import ItemSpool

    output, progress = invocation.output, invocation.progress
    collect_seldom()
    count, rows, after = 0, list[Any](), None
    with contextlib.ExitStack() as stack:
        spool = stack.enter_context(ItemSpool("registry")) if output.format == "json" else None
        async with invocation.session() as session:
            registry = await session.require_registry()
            while True:
                page = await registry.page(query, after=after)
                count, after = count + len(page.items), page.next
                if output.format == "jsonl":
                    output.data("".join(line("registry", as_json(client)) for client in page.items))
                for client in page.items if spool is not None else ():
                    assert spool is not None
                    spool.add(as_json(client))
                rows += page.items if output.format == "text" else ()
                progress.done, progress.left = f"{count} clients were read", "the rest of the list"
                if after is None or output.closed:
                    break
        if spool is not None:
            spool.print(output)
    if rows:
        output.data(rows_table(rows, color=output.color))
    output.say(f"{count} {'client' if count == 1 else 'clients'}")
    return ExitCode.OK


async def _show(invocation: Invocation) -> int:
    options = invocation.options
    if options.planes:
        return await _planes(invocation)
    async with invocation.session() as session:
        client = await find_row(await session.require_registry(), options.client)
    print_row(invocation, client)
    return ExitCode.OK


async def _planes(invocation: Invocation) -> int:
    from ocm_tui.core.registry.planes import four_planes
    from ocm_tui.headless.formats.registry import planes_text

    output = invocation.output
    if output.format == "yaml":
        raise UsageError("--planes has no yaml form", hint="--output text or --output json")
    async with invocation.session() as session:
        planes = await four_planes(session, invocation.options.client)
    output.data(registry_json(planes.as_json()) if output.format == "json" else planes_text(planes, color=output.color))
    if planes.disagreements:
        return ExitCode.BAD
    dead = any(planes[name].state == "unknown" for name in ("inventory", "server", "registry", "cache"))
    return ExitCode.UNREACHABLE if dead else ExitCode.OK
