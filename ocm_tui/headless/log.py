"""`ocm-tui log`: what was sent and answered, from this machine's history or a HAR file.

The demo keeps no history: there the log is that of a few requests which are the same in every run.
"""

import importlib
from collections.abc import Sequence
from typing import Final

from ocm_tui.core.errors import ExitCode
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.headless.boundary import run_async
from ocm_tui.headless.formats.documents import document, line
from ocm_tui.headless.formats.exchanges import exchange_text, exchanges_table
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.log_sources import exchanges_of, one_exchange

__all__ = ["run"]

# Actions with a module of their own: `async def run(invocation) -> int`.
_ELSEWHERE: Final = {
    "diagnose": "log_diagnose",
    "export": "log_export",
    "minimise": "log_minimise",
    "replay": "log_replay",
}


def run(invocation: Invocation) -> int:
    name = invocation.options.action
    if name in _ELSEWHERE:
        action = importlib.import_module(f"ocm_tui.headless.{_ELSEWHERE[name]}").run
    else:
        action = {"list": _list, "show": _show}[name]
    return run_async(lambda: action(invocation))


async def _list(invocation: Invocation) -> int:
    """An interrupted search prints what it has found by then."""
    found = await exchanges_of(invocation, when_left=lambda found: _print_list(invocation, found))
    _print_list(invocation, found)
    return ExitCode.OK


def _print_list(invocation: Invocation, found: Sequence[Exchange]) -> None:
    output = invocation.output
    match output.format:
        case "json":
            output.data(document("exchanges", {"items": [exchange.as_json() for exchange in found]}))
        case "jsonl":
            for exchange in found:
                output.data(line("exchange", exchange.as_json()))
        case _ if found:
            output.data(exchanges_table(found, color=output.color))
    output.say(f"{len(found)} {'exchange' if len(found) == 1 else 'exchanges'}")


async def _show(invocation: Invocation) -> int:
    output = invocation.output
    exchange = await one_exchange(invocation, invocation.options.id)
    output.data(document("exchange", exchange.as_json()) if output.format == "json" else exchange_text(exchange))
    return ExitCode.OK
