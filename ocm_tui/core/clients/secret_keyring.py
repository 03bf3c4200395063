"""A secret delivered into the system's keyring. The one module that writes to it."""

import asyncio
from collections.abc import Callable
from typing import Any

from ocm_tui.core.clients.secrets import Destination
from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean

__all__ = ["KeyringEntry"]


class KeyringEntry(Destination):
    """`keyring:SERVICE/USER`; the staged copy is the entry `USER/staged` of the same service.

    A staged entry that is already there may be the only copy of a secret in force (an earlier end was unclear), so it
    is never overwritten.
    """

    def __init__(self, service: str, user: str) -> None:
        self._service, self._user = service, user
        self._secret: Secret | None = None

    @property
    def name(self) -> str:
        return clean(f"keyring:{self._service}/{self._user}")

    @property
    def staged_name(self) -> str | None:
        return f"{self.name}/staged" if self._secret is not None else None

    async def stage(self, secret: Secret) -> None:
        await asyncio.to_thread(self._stage, secret)

    async def promote(self) -> None:
        await asyncio.to_thread(self._promote)

    async def discard(self) -> None:
        await asyncio.to_thread(self._discard)

    @property
    def _staged_user(self) -> str:
        return f"{self._user}/staged"

    def _stage(self, secret: Secret) -> None:
        keyring = _keyring()
        staged = _call(keyring, UsageError, f"{self.name} cannot be read", keyring.get_password, *self._staged)
        if staged is not None:
            raise UsageError(
                f"{self.name}/staged holds the secret of an earlier rotation whose end was unclear",
                hint="find out which secret works, then remove that entry",
            )
        value = secret.reveal()
        _call(keyring, UsageError, f"{self.name} cannot be written", keyring.set_password, *self._staged, value)
        self._secret = secret
        # Some back ends take everything and keep nothing.
        kept = _call(keyring, UsageError, f"{self.name} cannot be read", keyring.get_password, *self._staged)
        if kept != value:
            raise UsageError(f"the keyring did not keep {self.name}/staged", hint="is a keyring set up and unlocked?")

    def _promote(self) -> None:
        if self._secret is None:
            return
        keyring = _keyring()
        failed = f"the secret is set, but could not be moved to {self.name}: it is in {self.staged_name}"
        _call(keyring, OcmError, failed, keyring.set_password, self._service, self._user, self._secret.reveal())
        self._discard()

    def _discard(self) -> None:
        if self._secret is None:
            return
        keyring = _keyring()
        failed = f"{self.staged_name} is not needed any more and could not be removed"
        _call(keyring, OcmError, failed, keyring.delete_password, *self._staged)
        self._secret = None

    @property
    def _staged(self) -> tuple[str, str]:
        return self._service, self._staged_user


def _keyring() -> Any:
    try:
        import keyring
    except ImportError:
        raise UsageError("the keyring library is not installed", hint="pip install 'ocm-tui[keyring]'") from None
    return keyring


def _call(keyring: Any, kind: type[OcmError], failed: str, function: Callable[..., Any], *arguments: str) -> Any:
    try:
        return function(*arguments)
    except (keyring.errors.KeyringError, OSError) as error:
        words = clean(str(error), 200) or type(error).__name__
        raise kind(f"{failed}: {words}", hint="is a keyring set up and unlocked?") from error
