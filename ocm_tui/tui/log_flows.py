"""What the Log pane does over several steps without changing anything: compare, open a recording, pick filters."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ocm_tui.core.errors import OcmError
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.exchanges.query import parse_query
from ocm_tui.core.exchanges.same_call import Precedent, last_success
from ocm_tui.tui.exchange_compare import compared
from ocm_tui.tui.log_history import reader_of
from ocm_tui.tui.screens.log_compare import CompareScreen

if TYPE_CHECKING:
    from ocm_tui.tui.screens.log import LogScreen

__all__ = ["compare", "compare_with_last_success", "filters", "open_file"]

_MOST_PRECEDENTS: Final = 20_000
_LARGEST_FILE: Final = 256 * 2**20  # bytes in memory
_LIKENESS: Final = {
    "same": "the last success of the same call",
    "alike": "no success of this call is known; the last one on another client",
}


async def compare(screen: "LogScreen") -> None:
    """The two marked ones, the older first."""
    before, after = screen.marked if len(screen.marked) == 2 else (None, None)
    if before is None or after is None:
        screen.console.announce("The log has dropped one of the two.", severity="warning")
    else:
        await _show(screen, "Compared", before, after)


async def compare_with_last_success(screen: "LogScreen") -> None:
    """This failure against the last success: of this session, else of the history."""
    exchange = screen.selected
    if exchange is None:
        return
    found = last_success(exchange, screen.rows.newest_first())
    if found is None or found.likeness != "same":
        found = await _in_history(screen, exchange) or found
    if found is None:
        screen.console.announce("No success of this call, or one like it, is in the log or the history.")
        return
    await _show(screen, _LIKENESS[found.likeness].capitalize(), found.exchange, exchange)


async def _show(screen: "LogScreen", title: str, before: Exchange, after: Exchange) -> None:
    comparison = await asyncio.to_thread(compared, before, after)
    await screen.app.push_screen_wait(CompareScreen(title, comparison))


async def _in_history(screen: "LogScreen", exchange: Exchange) -> Precedent | None:
    reader = reader_of(screen)
    if reader is None:
        return None
    query = parse_query(f"status:<400 method:{exchange.method} target:{exchange.target}")
    try:
        past = await asyncio.to_thread(reader.list, query, _MOST_PRECEDENTS)
    except OcmError as error:
        screen.console.announce_error(error)
        return None
    return last_success(exchange, reversed(past))


async def open_file(screen: "LogScreen") -> None:
    """A HAR file, such as a colleague's browser has recorded, in the place of this session's log."""
    from ocm_tui.core.exchanges.har_import import load_har
    from ocm_tui.tui.screens.file_name import FileNameScreen

    path = await screen.app.push_screen_wait(FileNameScreen("Open a HAR file", Path.cwd() / "", reads=True))
    if path is None:
        return
    try:
        file = await asyncio.to_thread(load_har, path)
    except OcmError as error:
        screen.console.announce_error(error)
        return
    count = len(file.exchanges)
    recorded = ExchangeLog(max_count=max(count, 1), max_bytes=_LARGEST_FILE)
    for exchange in file.exchanges:
        recorded.append(exchange)
    screen.show_log(recorded, f"{path.name}, f follows this session again", kind="File")
    left_out = f"; {len(file.left_out):,} entries are none" if file.left_out else ""
    said = f"{count:,} {'exchange' if count == 1 else 'exchanges'} of {path.name}{left_out}, secrets left out."
    screen.console.announce(said, severity="warning" if file.left_out else "information")


async def filters(screen: "LogScreen") -> None:
    from ocm_tui.core.exchanges.saved_filters import SavedFilters
    from ocm_tui.tui.screens.log_filters import FiltersScreen

    session = screen.console.session
    directory = session.state_directory if session is not None else None
    saved = SavedFilters(directory)
    chosen = await screen.app.push_screen_wait(FiltersScreen(saved, screen.filter_bar.text))
    if saved.problem:
        screen.console.announce(saved.problem, severity="warning")
    if chosen is not None:
        screen.filter_bar.show(chosen)
