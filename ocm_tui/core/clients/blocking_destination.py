"""A destination whose library blocks: its steps are done in a thread."""

import asyncio
from abc import abstractmethod

from ocm_tui.core.clients.secrets import Destination
from ocm_tui.core.errors import UsageError
from ocm_tui.core.secret import Secret

__all__ = ["BlockingDestination"]


class BlockingDestination(Destination):
    """The steps are those of `Destination`, each as a method that blocks."""

    @abstractmethod
    def require(self) -> None:
        """UsageError when the library that it needs is not installed; asks nobody."""

    @abstractmethod
    def stage_now(self, secret: Secret, tag: str | None) -> None: ...

    @abstractmethod
    def recover_now(self, tag: str) -> Secret | None: ...

    @abstractmethod
    def promote_now(self, *, keep: bool) -> None: ...

    @abstractmethod
    def discard_now(self) -> None: ...

    def problem(self) -> str | None:
        try:
            self.require()
        except UsageError as error:
            return error.title
        return None

    async def stage(self, secret: Secret, *, tag: str | None = None) -> None:
        await asyncio.to_thread(self.stage_now, secret, tag)

    async def recover(self, tag: str) -> Secret | None:
        return await asyncio.to_thread(self.recover_now, tag)

    async def promote(self, *, keep: bool = False) -> None:
        await asyncio.to_thread(self.promote_now, keep=keep)

    async def discard(self) -> None:
        await asyncio.to_thread(self.discard_now)
