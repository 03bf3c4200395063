"""`ocm-tui clients`: list, show and change OAuth clients. stdout has documents, stderr what is done."""

import contextlib
import gc
import re

from ocm_tui.core.clients.model import ClientRow
from ocm_tui.core.clients.query import ClientQuery, parse_client_query
from ocm_tui.core.errors import ExitCode
from ocm_tui.headless.boundary import run_async
from ocm_tui.headless.formats.clients import clients_json, clients_table, item, yaml_text
from ocm_tui.headless.formats.documents import line
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.spool import ItemSpool

__all__ = ["run", "server_filter"]


def run(invocation: Invocation) -> int:
    match invocation.options.action:
        case "list":
            query = parse_client_query(" ".join(invocation.options.query))
            return run_async(lambda: _list(invocation, query))
        case "show":
            return run_async(lambda: _show(invocation))
        case "rotate-secret":
            from ocm_tui.headless.client_secret import rotate_secret

            return rotate_secret(invocation)
        case action:
            from ocm_tui.headless.client_writes import WRITES

            return WRITES[action](invocation)


async def _list(invocation: Invocation, query: ClientQuery) -> int:
    """JSON lines leave as their page arrives; a table and a JSON document need all of them."""
    output, progress = invocation.output, invocation.progress
    rows: list[ClientRow] = []
    count = 0
    gc.enable()  # this may be long, and indented JSON leaves a cycle behind for each document
    async with contextlib.AsyncExitStack() as stack:
        spool = stack.enter_context(ItemSpool("clients")) if output.format == "json" else None
        session = await stack.enter_async_context(invocation.session())
        pages = session.require_clients().pages(server_filter(query))
        async for page in await stack.enter_async_context(contextlib.aclosing(pages)):
            kept = [document for document in page.documents if query.matches(ClientRow.of(document))]
            count += len(kept)
            if spool is not None:
                for document in kept:
                    spool.add(item(document))
            elif output.format == "jsonl":
                output.data("".join(line("clients", item(document)) for document in kept))
            else:
                rows += map(ClientRow.of, kept)
            progress.done, progress.left = f"{count} clients were read", "the rest of the list"
            if output.closed:
                return ExitCode.OK
        if spool is not None:
            spool.print(output)
    if rows:
        output.data(clients_table(rows, color=output.color))
    output.say(f"{count} {'client' if count == 1 else 'clients'}")
    return ExitCode.OK


async def _show(invocation: Invocation) -> int:
    async with invocation.session() as session:
        document = await session.require_clients().get(invocation.options.client)
    text = clients_json([document]) if invocation.output.format == "json" else yaml_text(document)
    invocation.output.data(text)
    return ExitCode.OK


def server_filter(query: ClientQuery) -> str:
    """The longest word for the server to look for: fewer pages travel. The query itself is still applied here.

    Only plain words: about the case of other letters the two sides may not agree.
    """
    return max((word for word in query.words if re.fullmatch(r"[a-z0-9._-]+", word)), key=len, default="")
