"""Blocking calls beside the event loop, in threads that may be left behind.

A thread cannot be ended from outside, and those of `asyncio.to_thread` are waited for when the program ends: a silent
name server would hold it for ten seconds. These are daemons: who gives up on one lets it run out by itself.
"""

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from typing import TypeVar

__all__ = ["in_daemon_thread"]

_T = TypeVar("_T")


async def in_daemon_thread(call: Callable[[], _T], *, name: str) -> _T:
    """The call's result or its exception. When this is cancelled the thread goes on, and nobody hears of its end."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_T] = loop.create_future()
    context = contextvars.copy_context()

    def deliver(result: _T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]  # one of the two is there

    def work() -> None:
        result, error = None, None
        try:
            result = context.run(call)
        except BaseException as raised:  # noqa: BLE001  # it is raised where it is waited for
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop is closed: the program is ending
            loop.call_soon_threadsafe(deliver, result, error)

    threading.Thread(target=work, name=name, daemon=True).start()
    return await done
