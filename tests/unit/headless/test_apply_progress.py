"""The bar and the lines above it, on a terminal of any width and on none."""

import asyncio
import re
from typing import Any

import pytest

from ocm_tui.core.provisioning.runs import RunEnded, RunStarted, StepEnded, StepStarted
from ocm_tui.headless import status_line
from ocm_tui.headless.apply_progress import ApplyProgress
from ocm_tui.headless.output import Output
from ocm_tui.headless.status_line import StatusLine, bar
from tests.unit.headless.plans import result_of, step
from tests.unit.headless.support import Streams, invocation

ERASE = "\r\x1b[K"


async def drawn(output: Output) -> None:
    """Until the line that was asked for is there."""
    while not output._line:  # noqa: ASYNC110  # there is nothing else to wait for
        await asyncio.sleep(0)


def tell(progress: ApplyProgress) -> None:
    progress.on_event(RunStarted("run-1", 3))
    progress.on_event(StepStarted("a", "create"))
    progress.on_event(StepStarted("b", "update"))
    progress.on_event(StepEnded(step("a", "succeeded", "create")))


def progress_of(streams: Streams) -> tuple[ApplyProgress, Any]:
    given = invocation(streams, Exception("no session here"))
    return ApplyProgress(given, 3), given.progress


async def test_without_a_terminal_there_are_only_lines() -> None:
    streams = Streams()
    progress, _ = progress_of(streams)
    tell(progress)
    assert streams.words == "● a  created\n"
    progress.on_event(StepEnded(step("b", "failed")))
    progress.on_event(RunEnded(result_of()))
    progress.close()
    assert streams.words == "● a  created\n■ b  update failed: it failed\n"
    assert streams.data == ""


async def test_quiet_is_silent() -> None:
    for redraws in (False, True):
        streams = Streams(quiet=True, redraws=redraws)
        progress, _ = progress_of(streams)
        tell(progress)
        progress.close()
        assert streams.words == ""


async def test_on_a_terminal_the_line_is_drawn_below_and_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_line, "_columns", lambda _: 60)
    streams = Streams(redraws=True)
    progress, _ = progress_of(streams)
    tell(progress)
    assert streams.words == ""  # four events, one drawing
    await drawn(streams.output)
    line = bar(1, 3, 40) + " 1/3"
    assert streams.words == f"● a  created\n{line}"
    streams.output.say("warning: x")
    assert streams.words.endswith(f"{ERASE}warning: x\n{line}")
    streams.output.data("data\n")
    assert streams.words.endswith(ERASE)  # both may be one screen
    progress.on_event(StepEnded(step("b", "failed")))
    progress.close()
    assert streams.words.endswith(f"{ERASE}■ b  update failed: it failed\n")
    assert streams.output._line == ""


@pytest.mark.parametrize("columns", [10, 12, 20, 45, 200])
async def test_the_line_is_narrower_than_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setattr(status_line, "_columns", lambda _: columns)
    streams = Streams(redraws=True)
    progress, _ = progress_of(streams)
    tell(progress)
    progress.on_event(StepEnded(step("b", "unknown")))
    await drawn(streams.output)
    line = streams.output._line
    progress.close()
    assert 0 < len(line) < columns
    assert " 2/3"[: columns - 1] in line


async def test_what_an_interruption_would_say() -> None:
    progress, kept = progress_of(Streams())
    tell(progress)
    assert str(kept) == (
        "interrupted: done: 1 change of 3 ended; not done: 1 change; "
        "unknown: 1 change under way; `ocm-tui apply --resume run-1` finds out"
    )
    progress.on_event(StepEnded(step("b", "succeeded")))
    assert (kept.done, kept.left, kept.unknown) == ("2 changes of 3 ended", "1 change", "")


async def test_what_was_never_begun_is_counted_and_not_listed() -> None:
    streams = Streams()
    progress, kept = progress_of(streams)
    tell(progress)
    progress.on_event(StepEnded(step("b", "succeeded")))
    progress.on_event(StepEnded(step("c", "skipped")))
    assert streams.words == "● a  created\n● b  updated\n"
    assert kept.left == "1 change"


@pytest.mark.parametrize(("done", "total", "shown"), [(0, 4, "────"), (1, 4, "━───"), (4, 4, "━━━━"), (0, 0, "━━━━")])
def test_the_bar(done: int, total: int, shown: str) -> None:
    assert bar(done, total, 4) == shown


def test_the_bar_is_full_only_at_the_end() -> None:
    assert all(bar(done, 9999, 40) != "━" * 40 for done in range(9999))


async def test_hostile_words_do_not_reach_the_terminal() -> None:
    streams = Streams(redraws=True)
    line = StatusLine(streams.output, lambda _: "a\x1b[2Jb\nc")
    line.changed()
    await drawn(streams.output)
    assert not re.search("[\x1b\n]", streams.words)
    line.close()
