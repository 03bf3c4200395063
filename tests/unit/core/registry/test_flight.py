import asyncio

import pytest

from ocm_tui.core.registry.flight import SingleFlight


class _Work:
    def __init__(self) -> None:
        self.began = self.cancelled = 0
        self.go = asyncio.Event()
        self.failure: Exception | None = None

    async def __call__(self) -> int:
        self.began += 1
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.failure:
            raise self.failure
        return self.began


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_all_get_what_one_got() -> None:
    flight, work = SingleFlight[str, int](), _Work()
    waiting = [asyncio.ensure_future(flight.do("a", work)) for _ in range(5)]
    await _settle()
    assert flight.is_flying("a")
    work.go.set()
    assert await asyncio.gather(*waiting) == [1] * 5
    assert not flight.is_flying("a")
    assert await flight.do("a", work) == 2


async def test_keys_do_not_wait_for_each_other() -> None:
    flight, slow, quick = SingleFlight[str, int](), _Work(), _Work()
    quick.go.set()
    waiting = asyncio.ensure_future(flight.do("a", slow))
    assert await flight.do("b", quick) == 1
    slow.go.set()
    await waiting


async def test_a_failure_is_everybodys_and_not_kept() -> None:
    flight, work = SingleFlight[str, int](), _Work()
    work.failure = ValueError("no")
    waiting = [asyncio.ensure_future(flight.do("a", work)) for _ in range(3)]
    await _settle()
    work.go.set()
    assert [type(one) for one in await asyncio.gather(*waiting, return_exceptions=True)] == [ValueError] * 3
    work.failure = None
    assert await flight.do("a", work) == 2


async def test_the_call_ends_with_the_last_who_waits() -> None:
    flight, work = SingleFlight[str, int](), _Work()
    first, second = (asyncio.ensure_future(flight.do("a", work)) for _ in range(2))
    await _settle()
    first.cancel()
    await _settle()
    assert work.cancelled == 0
    second.cancel()
    await _settle()
    assert work.cancelled == 1
    assert not flight.is_flying("a")
    with pytest.raises(asyncio.CancelledError):
        await second


async def test_after_forget_a_new_call_begins_and_the_old_one_ends_by_itself() -> None:
    flight, old, new = SingleFlight[str, int](), _Work(), _Work()
    early = asyncio.ensure_future(flight.do("a", old))
    await _settle()
    flight.forget("a")
    late = asyncio.ensure_future(flight.do("a", new))
    await _settle()
    old.go.set()
    await early
    assert flight.is_flying("a")
    new.go.set()
    assert (await late, new.began) == (1, 1)
