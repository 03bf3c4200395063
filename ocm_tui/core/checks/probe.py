"""One `GET /version` answers three questions: does the server answer, does it accept us, and which release is it."""

import asyncio
import time
from typing import TYPE_CHECKING

from ocm_tui.core.errors import OcmError

if TYPE_CHECKING:
    from ocm_tui.core.clients.model import ServerInfo
    from ocm_tui.core.session import Session

__all__ = ["ServerProbe"]


class ServerProbe:
    """Asks at most once; everybody gets the same answer, or the same error."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._lock = asyncio.Lock()
        self._answer: ServerInfo | OcmError | None = None
        self.duration_ms = 0.0

    async def info(self) -> "ServerInfo":
        async with self._lock:
            if self._answer is None:
                self._answer = await self._ask()
        if isinstance(self._answer, OcmError):
            raise self._answer
        return self._answer

    async def _ask(self) -> "ServerInfo | OcmError":
        start = time.perf_counter()
        try:
            return await self._session.require_clients().connect()
        except OcmError as error:
            return error
        finally:
            self.duration_ms = (time.perf_counter() - start) * 1000
