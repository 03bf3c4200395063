"""Where the exchanges of a `log` command come from: this machine's history, a HAR file, or the demo's few requests."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.exchanges.history_search import HistorySearch
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.exchanges.query import ExchangeQuery, parse_query
from ocm_tui.core.session import Session
from ocm_tui.core.text import clean
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.status_line import StatusLine

__all__ = [
    "demo_visit",
    "exchanges_of",
    "find_exchange",
    "is_har",
    "named_file",
    "one_exchange",
    "read_har_file",
    "with_id",
]


_LOOK_AGAIN: Final = 0.25  # seconds between two looks at how far a search is


def is_har(word: str) -> bool:
    """Whether a word of the command line names a HAR file; text that ends so is found with `body:"x.har"`."""
    return word.lower().endswith(".har")


def named_file(invocation: Invocation, words: list[str]) -> tuple[Path | None, list[str]]:
    """The HAR file that `--har`, or one of the words, names; and the other words. UsageError for two files."""
    files = [Path(word) for word in words if is_har(word)]
    given: Path | None = invocation.options.har
    if given is not None:
        files.append(given)
    if len(files) > 1:
        raise UsageError(f"{clean(files[0])} and {clean(files[1])} are two HAR files", hint="name one at a time")
    return (files[0] if files else None), [word for word in words if not is_har(word)]


async def exchanges_of(
    invocation: Invocation, *, when_left: Callable[[list[Exchange]], None] | None = None
) -> list[Exchange]:
    """What `options.query` matches, the newest `options.limit` of it, oldest first.

    An interrupted search of the history hands what it has found by then to `when_left`.
    """
    options = invocation.options
    file, words = named_file(invocation, options.query)
    query = parse_query(" ".join(words))
    if file is not None:
        return _newest(await read_har_file(invocation, file), query, options.limit)
    if options.demo:
        return _newest(await _demo_log(invocation), query, options.limit)
    return await _searched(invocation, query, when_left)


async def _searched(
    invocation: Invocation, query: ExchangeQuery, when_left: Callable[[list[Exchange]], None] | None
) -> list[Exchange]:
    """In the history, with a word on a terminal about how far it is."""
    search = HistorySearch(invocation.open_history(invocation.options), query, invocation.options.limit)
    line = StatusLine(invocation.output, lambda _: f"searching the history: {search.share:.0%}, {search.count:,} found")
    looking = asyncio.create_task(_look_again(line))
    try:
        await search.run()
    except asyncio.CancelledError:
        if when_left is not None:
            line.close()
            found = search.found
            invocation.progress.done = f"{search.share:.0%} of the history was searched, {len(found):,} found"
            invocation.progress.left = "what is older"
            when_left(found)
        raise
    finally:
        looking.cancel()
        line.close()
    return search.found


async def _look_again(line: StatusLine) -> None:
    """What takes no longer than a moment needs no word."""
    while True:
        await asyncio.sleep(_LOOK_AGAIN)
        line.changed()


async def one_exchange(invocation: Invocation, wanted: str) -> Exchange:
    """The exchange with this id, or the only one of the file that `wanted` names. OcmError when there is none."""
    file, ids = named_file(invocation, [wanted])
    if file is not None:
        found = await read_har_file(invocation, file)
        return _only(found, file) if not ids else with_id(found, wanted)
    if invocation.options.demo:
        return with_id(await _demo_log(invocation), wanted)
    return await find_exchange(invocation, wanted)


async def find_exchange(invocation: Invocation, wanted: str) -> Exchange:
    """In the history."""
    found = await asyncio.to_thread(invocation.open_history(invocation.options).get, wanted)
    return with_id([found] if found is not None else [], wanted)


async def read_har_file(invocation: Invocation, file: Path) -> list[Exchange]:
    """Its exchanges; what was left out of it is said."""
    from ocm_tui.core.exchanges.har_import import load_har

    har = await asyncio.to_thread(load_har, file)
    for words in har.left_out[:5]:
        invocation.output.say(f"warning: {clean(file)}: {words}")
    if len(har.left_out) > 5:
        invocation.output.say(f"warning: {clean(file)}: {len(har.left_out) - 5} more entries are left out")
    return list(har.exchanges)


async def demo_visit(session: Session) -> list[Exchange]:
    """The demo keeps no history: its log is that of a short visit, the same in every run."""
    from ocm_tui.demo_traffic import visit

    await visit(session)
    return session.log.snapshot()


async def _demo_log(invocation: Invocation) -> list[Exchange]:
    async with invocation.session() as session:
        return await demo_visit(session)


def _newest(exchanges: list[Exchange], query: ExchangeQuery, limit: int) -> list[Exchange]:
    return [exchange for exchange in exchanges if query.matches(exchange)][-limit:]


def with_id(exchanges: list[Exchange], wanted: str) -> Exchange:
    """OcmError when none has it."""
    for exchange in exchanges:
        if exchange.id == wanted:
            return exchange
    raise OcmError(f"there is no exchange {clean(wanted, 100)} in the log", hint="`ocm-tui log list` shows them")


def _only(exchanges: list[Exchange], file: Path) -> Exchange:
    if len(exchanges) == 1:
        return exchanges[0]
    count = f"{len(exchanges):,} exchanges" if exchanges else "no exchange"
    hint = f"`ocm-tui log list {clean(file)}` shows them; name one with `ID --har {clean(file)}`" if exchanges else ""
    raise UsageError(f"{clean(file)} holds {count}", hint=hint)
