"""`ocm-tui log`: what was sent and answered, from this machine's history. Contacts nobody.

The demo keeps no history: there the log is that of a few requests which are the same in every run.
"""

import asyncio
import contextlib

from ocm_tui.core.errors import ExitCode, NotFound, OcmError
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.exchanges.query import parse_query
from ocm_tui.core.text import clean
from ocm_tui.headless.boundary import run_async
from ocm_tui.headless.formats.documents import document, line
from ocm_tui.headless.formats.exchanges import exchange_text, exchanges_table
from ocm_tui.headless.invocation import Invocation

__all__ = ["run"]


def run(invocation: Invocation) -> int:
    action = {"list": _list, "show": _show}[invocation.options.action]
    return run_async(lambda: action(invocation))


async def _list(invocation: Invocation) -> int:
    options, output = invocation.options, invocation.output
    query = parse_query(" ".join(options.query))
    if options.demo:
        found = [exchange for exchange in await _demo_log(invocation) if query.matches(exchange)][-options.limit :]
    else:
        found = await asyncio.to_thread(invocation.open_history(options).list, query, options.limit)
    match output.format:
        case "json":
            output.data(document("exchanges", {"items": [exchange.as_json() for exchange in found]}))
        case "jsonl":
            for exchange in found:
                output.data(line("exchange", exchange.as_json()))
        case _ if found:
            output.data(exchanges_table(found, color=output.color))
    output.say(f"{len(found)} {'exchange' if len(found) == 1 else 'exchanges'}")
    return ExitCode.OK


async def _show(invocation: Invocation) -> int:
    options, output = invocation.options, invocation.output
    if options.demo:
        exchange = next((one for one in await _demo_log(invocation) if one.id == options.id), None)
    else:
        exchange = await asyncio.to_thread(invocation.open_history(options).get, options.id)
    if exchange is None:
        raise OcmError(
            f"there is no exchange {clean(options.id, 100)} in the log", hint="`ocm-tui log list` shows them"
        )
    output.data(document("exchange", exchange.as_json()) if output.format == "json" else exchange_text(exchange))
    return ExitCode.OK


async def _demo_log(invocation: Invocation) -> list[Exchange]:
    """A short visit: the version, the first page, a client that is there and one that is not."""
    async with invocation.session() as session:
        clients = session.require_clients()
        await clients.connect()
        async with contextlib.aclosing(clients.pages(page_size=100)) as pages:
            page = await anext(pages)
        await clients.get(str(page.documents[0].get("clientId")))
        with contextlib.suppress(NotFound):
            await clients.get("orders-apii")
        return session.log.snapshot()
