"""How long is waited before something is sent again, and what ends the waiting."""

import asyncio
from email.utils import formatdate

import pytest

from ocm_tui.core.clients.pingfederate.answers import Question, failure
from ocm_tui.core.errors import ApiError, TransportError
from ocm_tui.core.http.types import Reply
from ocm_tui.core.provisioning.repeat import StopSignal, pause_before, worth_reading_again

DATE = formatdate(4_000_000_000, usegmt=True)  # in the year 2096


def refused(status: int, retry_after: str | None = None) -> ApiError:
    headers = (("Retry-After", retry_after),) if retry_after is not None else ()
    return failure(Reply(status, headers, b"", "x-1", 1.0), Question("GET", "/oauth/clients", "the list"))


@pytest.mark.parametrize(
    ("retry_after", "number", "least", "most"),
    [
        (None, 1, 0.1, 0.2),
        (None, 2, 0.2, 0.4),
        (None, 30, 2.5, 5.0),
        ("3", 1, 3, 3),
        ("0", 1, 0.1, 0.2),
        ("86400", 1, 60, 60),
        (DATE, 1, 60, 60),
        (formatdate(0, usegmt=True), 1, 0.1, 0.2),
        ("soon", 1, 0.1, 0.2),
        ("-5", 1, 0.1, 0.2),
        ("٣", 1, 0.1, 0.2),  # a digit, and none of HTTP's
    ],
)
def test_pauses(retry_after: str | None, number: int, least: float, most: float) -> None:
    for _ in range(50):
        assert least <= pause_before(number, refused(503, retry_after)) <= most


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (TransportError("reset", layer="http"), True),
        (TransportError("refused", layer="tcp", maybe_applied=False), True),
        *((refused(status), True) for status in (200, 408, 425, 429, 500, 502, 503, 504)),
        *((refused(status), False) for status in (302, 400, 401, 403, 404, 405, 409, 422)),
    ],
)
def test_what_is_worth_another_reading(error: TransportError | ApiError, again: bool) -> None:
    assert worth_reading_again(error) is again


async def test_the_first_reason_counts_and_only_an_interruption_wakes() -> None:
    signal = StopSignal()
    pause = asyncio.create_task(signal.pause(600))
    signal.stop("one failed")
    await asyncio.sleep(0)
    assert not pause.done()
    signal.interrupt()
    await pause
    assert signal.reason == "one failed"
    assert signal.interrupted
    await signal.pause(600)  # at once
