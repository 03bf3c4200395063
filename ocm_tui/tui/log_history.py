"""The history in the Log pane: what all sessions on this machine sent. Its filter looks through the whole of it."""

import asyncio
from typing import TYPE_CHECKING, Final

from ocm_tui.core.errors import OcmError
from ocm_tui.core.exchanges.history import FILE_NAME, HistoryReader
from ocm_tui.core.exchanges.history_search import HistorySearch
from ocm_tui.core.exchanges.log import ExchangeLog

if TYPE_CHECKING:
    from ocm_tui.tui.screens.log import LogScreen

__all__ = ["history", "reader_of", "search"]

_MOST_PAST: Final = 5_000
_LOOK_SECONDS: Final = 0.2
_ALL: Final = "all sessions on this machine, f follows this one again"


def reader_of(screen: "LogScreen") -> HistoryReader | None:
    session = screen.console.session
    if session is None or session.state_directory is None or session.demo:
        return None
    return HistoryReader(session.state_directory / FILE_NAME)


async def history(screen: "LogScreen") -> None:
    """What was kept of all sessions on this machine, this one included; once more goes back."""
    session = screen.console.session
    if screen.past and session is not None:
        screen.show_log(session.log, "")
    elif reader_of(screen) is None:
        screen.console.announce("The demo keeps no history.", severity="warning")
    else:
        screen.show_log(ExchangeLog(), _ALL, kind="History")
        screen.search_history()


async def search(screen: "LogScreen") -> None:
    """The newest that the filter asks for, shown as they are found. Another filter, or going back, ends it."""
    session, reader = screen.console.session, reader_of(screen)
    if session is None or reader is None:
        return
    query = screen.rows.query
    found = HistorySearch(reader, query if query.text.strip() else None, _MOST_PAST)
    reading = asyncio.create_task(found.run())
    shown = 0
    try:
        while not (await asyncio.wait([reading], timeout=_LOOK_SECONDS))[0]:
            screen.show_found(_log_of(found) if found.count > shown else None, f"searched {found.share:.0%} of it")
            shown = found.count
        await reading
    except OcmError as error:
        screen.console.announce_error(error)
        screen.show_log(session.log, "")
        return
    finally:
        reading.cancel()
    screen.show_found(_log_of(found), _ALL, complete=True)


def _log_of(found: HistorySearch) -> ExchangeLog:
    past = ExchangeLog(max_count=_MOST_PAST)
    for exchange in found.found:
        past.append(exchange)
    return past
