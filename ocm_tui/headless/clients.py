"""`ocm-tui clients`: list, show and change OAuth clients. stdout has documents, stderr what is done."""

import contextlib
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ocm_tui.core.clients.model import ClientRow
from ocm_tui.core.clients.query import ClientQuery, parse_client_query
from ocm_tui.core.collector import collect_seldom
from ocm_tui.core.errors import ExitCode
from ocm_tui.headless.boundary import run_async
from ocm_tui.headless.client_states import client_states
from ocm_tui.headless.formats.clients import clients_table, item, yaml_text
from ocm_tui.headless.formats.documents import document as document_text
from ocm_tui.headless.formats.documents import line
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.output import Output
from ocm_tui.headless.spool import ItemSpool

if TYPE_CHECKING:
    from ocm_tui.core.provisioning.model import ClientState

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
        case "test":
            from ocm_tui.headless.client_test import client_test

            return client_test(invocation)
        case action:
            from ocm_tui.headless.client_writes import WRITES

            return WRITES[action](invocation)


async def _list(invocation: Invocation, query: ClientQuery) -> int:
    """JSON lines leave as their page arrives; a table and a JSON document need all of them."""
    output, progress = invocation.output, invocation.progress
    collect_seldom()  # indented JSON leaves a cycle behind for each document
    async with contextlib.AsyncExitStack() as stack:
        listing = _Listing(query, stack.enter_context(ItemSpool("clients")) if output.format == "json" else None)
        session = await stack.enter_async_context(invocation.session())
        states = await client_states(invocation, session)
        pages = session.require_clients().pages(server_filter(query))
        async for page in await stack.enter_async_context(contextlib.aclosing(pages)):
            found = [(document, states.state(document)) for document in page.documents]
            listing.take(found, output)
            progress.done, progress.left = f"{listing.count} clients were read", "the rest of the list"
            if output.closed:
                return ExitCode.OK
        if query.wants_missing:
            listing.take([(client.document, "missing") for client in states.missing()], output)
        listing.print(output)
    return ExitCode.OK


class _Listing:
    """The clients that `query` matches, on their way out in the output's format."""

    def __init__(self, query: ClientQuery, spool: ItemSpool | None) -> None:
        self.count = 0
        self._query, self._spool = query, spool
        self._rows: list[ClientRow] = []
        self._states: list[ClientState] = []

    def take(self, found: "Sequence[tuple[Mapping[str, Any], ClientState]]", output: Output) -> None:
        kept = [
            (document, row, state)
            for document, state in found
            if self._query.matches(row := ClientRow.of(document), state=state)
        ]
        self.count += len(kept)
        if self._spool is not None:
            for document, _, state in kept:
                self._spool.add(item(document, state))
        elif output.format == "jsonl":
            output.data("".join(line("clients", item(document, state)) for document, _, state in kept))
        else:
            self._rows += (row for _, row, _ in kept)
            self._states += (state for _, _, state in kept)

    def print(self, output: Output) -> None:
        if self._spool is not None:
            self._spool.print(output)
        if self._rows:
            output.data(clients_table(self._rows, self._states, color=output.color))
        output.say(f"{self.count} {'client' if self.count == 1 else 'clients'}")


async def _show(invocation: Invocation) -> int:
    async with invocation.session() as session:
        document = await session.require_clients().get(invocation.options.client)
        if invocation.output.format == "json":
            state = (await client_states(invocation, session)).state(document)
            text = document_text("clients", {"items": [item(document, state)]})
        else:
            text = yaml_text(document)
    invocation.output.data(text)
    return ExitCode.OK


def server_filter(query: ClientQuery) -> str:
    """The longest word for the server to look for: fewer pages travel. The query itself is still applied here.

    Only plain words: about the case of other letters the two sides may not agree. And none when missing clients are
    asked for, because only a whole list can tell that a client is not on it.
    """
    if query.wants_missing:
        return ""
    return max((word for word in query.words if re.fullmatch(r"[a-z0-9._-]+", word)), key=len, default="")
