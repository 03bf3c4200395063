"""Exchanges out of the console: one to the clipboard, several to a file."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ocm_tui.core.errors import OcmError
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.text import clean
from ocm_tui.tui.clipboard import put
from ocm_tui.tui.screens.choice import ChoiceScreen

if TYPE_CHECKING:
    from ocm_tui.tui.screens.log import LogScreen

__all__ = ["copy", "export"]

_COPIES: Final = {
    "y": ("id", "the exchange's id"),
    "c": ("curl", "a curl command; secrets are variables that you fill in"),
    "r": ("raw", "request and response as raw HTTP"),
    "m": ("markdown", "an incident report in Markdown, with the diagnosis"),
    "a": ("answer", "the body of the response"),
    "q": ("request", "the body of the request"),
    "u": ("url", "the URL"),
}
_NAMES: Final = {
    "id": "The exchange's id",
    "curl": "A curl command",
    "raw": "Request and response",
    "markdown": "The incident report",
    "answer": "The response's body",
    "request": "The request's body",
    "url": "The URL",
}
_FORMATS: Final = {
    "h": ("har", "HAR 1.2: for browsers, proxies, and `ocm-tui log diagnose FILE.har`"),
    "m": ("markdown", "an incident report in Markdown: timeline, findings, evidence"),
    "c": ("curl", "a shell script of curl commands; secrets are variables"),
    "r": ("raw", "raw HTTP"),
    "j": ("jsonl", "JSON lines, as `ocm-tui log list --output jsonl` prints them"),
}
_ENDINGS: Final = {"har": "har", "markdown": "md", "curl": "sh", "raw": "http", "jsonl": "jsonl"}


async def copy(screen: "LogScreen") -> None:
    exchange = screen.selected
    if exchange is None:
        return
    what = await screen.app.push_screen_wait(ChoiceScreen("Copy", _COPIES))
    if what is None:
        return
    text = await _copied(screen, exchange, what)
    if not text:
        screen.console.announce(f"{_NAMES[what]} is empty: nothing was copied.", severity="warning")
        return
    screen.console.announce(f"{_NAMES[what]} {put(screen.console, text)}.")


async def _copied(screen: "LogScreen", exchange: Exchange, what: str) -> str:
    match what:
        case "id":
            return exchange.id
        case "url":
            return exchange.url
        case "answer":
            return exchange.response.body if exchange.response is not None else ""
        case "request":
            return exchange.request.body
        case _:
            return await _text(screen, what, [exchange])


async def export(screen: "LogScreen") -> None:
    """The marked ones; without marks, all that are shown."""
    from ocm_tui.tui.screens.file_name import FileNameScreen

    exchanges = screen.marked or list(screen.rows.exchanges)
    if not exchanges:
        screen.console.announce("There is nothing to export.", severity="warning")
        return
    which = "marked" if screen.marked else "shown"
    count = f"{len(exchanges):,} {which} {'exchange' if len(exchanges) == 1 else 'exchanges'}"
    kind = await screen.app.push_screen_wait(ChoiceScreen(f"Export {count} as", _FORMATS))
    if kind is None:
        return
    proposed = Path.cwd() / f"ocm-log-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}.{_ENDINGS[kind]}"
    path = await screen.app.push_screen_wait(FileNameScreen(f"Export {count} to", proposed))
    if path is None:
        return
    await _write(screen, path, kind, exchanges, count)


async def _write(screen: "LogScreen", path: Path, kind: str, exchanges: Sequence[Exchange], count: str) -> None:
    from ocm_tui.core.private_files import write_private

    try:
        text = await _text(screen, kind, exchanges)
        await asyncio.to_thread(write_private, path, text)
    except OcmError as error:
        screen.console.announce_error(error)
    else:
        screen.console.announce(f"{count} are in {clean(path, 200)}, readable by you only.")


async def _text(screen: "LogScreen", kind: str, exchanges: Sequence[Exchange]) -> str:
    """In a thread: ten thousand exchanges take a while."""
    from ocm_tui.core.exchanges.export import FORMATS, incident_report

    if kind == "markdown":
        findings_of = screen.diagnoses.findings_of
        return await asyncio.to_thread(lambda: incident_report(exchanges, findings_of))
    return await asyncio.to_thread(FORMATS[kind], exchanges)
