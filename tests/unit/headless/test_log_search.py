"""`log list` over a large history: it says how far it is, and an interrupted one prints what it has found."""

import argparse
import asyncio
import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocm_tui.core.exchanges import history_reader
from ocm_tui.core.exchanges.history_file import Bounds, HistoryFile
from ocm_tui.core.exchanges.history_reader import HistoryReader
from ocm_tui.core.exchanges.history_search import HistorySearch
from ocm_tui.headless import log, log_sources
from ocm_tui.headless.boundary import Progress
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.output import Output
from tests.unit.core.exchanges.examples import exchange

NEEDLES = {3, 180, 190}


class Halfway:
    """Holds every search when half of the history was looked through, until it is told to go on."""

    def __init__(self) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()

    def __call__(self, search: HistorySearch, share: float) -> None:
        if share > 0.5 and not self.reached.is_set():
            self.reached.set()
            self.go_on.wait(30)
        search._go_on()
        search.share = share


@pytest.fixture
def halfway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Halfway]:
    monkeypatch.setattr(history_reader, "_FIRST_STRETCH", 10)
    monkeypatch.setattr(history_reader, "_next_size", lambda size, _: size)
    monkeypatch.setattr(log_sources, "_LOOK_AGAIN", 0.01)
    hold = Halfway()

    def watch(search: HistorySearch, share: float) -> None:
        hold(search, share)

    monkeypatch.setattr(HistorySearch, "_watch", watch)
    yield hold
    hold.go_on.set()


class Words(io.StringIO):
    """stderr, which says when the line that is waited for was there."""

    def __init__(self) -> None:
        super().__init__()
        self.two_found = asyncio.Event()

    def write(self, text: str, /) -> int:
        if "45%, 2 found" in text:
            self.two_found.set()
        return super().write(text)


def invocation(folder: Path, *, redraws: bool = False) -> Invocation:
    path = folder / "history.sqlite3"
    file = HistoryFile(path, Bounds(1e9, 10**9, 10**12))
    file.append([exchange(number, purpose="needle" if number in NEEDLES else "") for number in range(200)])
    file.close()
    options = argparse.Namespace(action="list", query=["needle"], har=None, demo=False, limit=1000)
    output = Output(io.StringIO(), io.StringIO(), format="jsonl", redraws=redraws)

    def no_session(_: argparse.Namespace) -> None:
        raise AssertionError("the history needs no session")

    return Invocation(options, output, no_session, lambda _: HistoryReader(path), Progress())  # type: ignore[arg-type]


def printed(one: Invocation) -> str:
    out = one.output.stdout
    assert isinstance(out, io.StringIO)
    return out.getvalue()


async def test_an_interrupted_search_prints_what_it_has_found(tmp_path: Path, halfway: Halfway) -> None:
    one = invocation(tmp_path)
    listing = asyncio.create_task(log._list(one))
    await asyncio.to_thread(halfway.reached.wait, 30)
    listing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listing
    halfway.go_on.set()
    assert [f'"test-{number}"' in printed(one) for number in sorted(NEEDLES)] == [False, True, True]
    said = str(one.progress)
    assert "% of the history was searched, 2 found" in said
    assert "not done: what is older" in said


async def test_it_says_how_far_it_is(tmp_path: Path, halfway: Halfway) -> None:
    one, words = invocation(tmp_path, redraws=True), Words()
    one.output.stderr = words
    listing = asyncio.create_task(log._list(one))
    await asyncio.wait_for(words.two_found.wait(), 30)
    assert "searching the history: 45%, 2 found" in words.getvalue()
    halfway.go_on.set()
    assert await listing == 0
    assert printed(one).count("\n") == len(NEEDLES)
    assert words.getvalue().endswith("3 exchanges\n")
