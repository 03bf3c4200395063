"""Secrets in the system's keyring. The one module that writes to it."""

from collections.abc import Callable
from typing import Any

from ocm_tui.core.clients.blocking_destination import BlockingDestination
from ocm_tui.core.errors import OcmError, UsageError
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean

__all__ = ["KeyringEntry", "read_entry", "require_keyring"]


class KeyringEntry(BlockingDestination):
    """`keyring:SERVICE/USER`; the staged copy is the entry `USER/staged` of the same service, or `USER/staged-TAG`.

    A staged entry that is already there may be the only copy of a secret in force (an earlier end was unclear), so it
    is never overwritten.
    """

    def __init__(self, service: str, user: str) -> None:
        self._service, self._user = service, user
        self._staged_user = f"{user}/staged"
        self._secret: Secret | None = None

    @property
    def name(self) -> str:
        return clean(f"keyring:{self._service}/{self._user}")

    @property
    def staged_name(self) -> str | None:
        return self._copy if self._secret is not None else None

    def require(self) -> None:
        require_keyring()

    def stage_now(self, secret: Secret, tag: str | None) -> None:
        self._tagged(tag)
        if self._read(_keyring()) is not None:
            raise UsageError(
                f"{self._copy} holds the secret of an earlier rotation whose end was unclear",
                hint="find out which secret works, then remove that entry",
            )
        keyring, value = _keyring(), secret.reveal()
        _call(keyring, UsageError, f"{self.name} cannot be written", keyring.set_password, *self._staged, value)
        self._secret = secret
        # Some back ends take everything and keep nothing.
        if self._read(keyring) != value:
            raise UsageError(f"the keyring did not keep {self._copy}", hint="is a keyring set up and unlocked?")

    def recover_now(self, tag: str) -> Secret | None:
        self._tagged(tag)
        value = self._read(_keyring())
        self._secret = Secret(value) if value else None
        return self._secret

    def promote_now(self, *, keep: bool) -> None:
        if self._secret is None:
            return
        keyring = _keyring()
        failed = f"the secret is set, but could not be moved to {self.name}: it is in {self.staged_name}"
        _call(keyring, OcmError, failed, keyring.set_password, self._service, self._user, self._secret.reveal())
        if not keep:
            self.discard_now()

    def discard_now(self) -> None:
        if self._secret is None:
            return
        keyring = _keyring()
        failed = f"{self.staged_name} is not needed any more and could not be removed"
        _call(keyring, OcmError, failed, keyring.delete_password, *self._staged)
        self._secret = None

    def _tagged(self, tag: str | None) -> None:
        self._staged_user = f"{self._user}/staged-{tag}" if tag else f"{self._user}/staged"

    def _read(self, keyring: Any) -> str | None:
        """The staged entry."""
        value = _call(keyring, UsageError, f"{self.name} cannot be read", keyring.get_password, *self._staged)
        return value if isinstance(value, str) else None

    @property
    def _staged(self) -> tuple[str, str]:
        return self._service, self._staged_user

    @property
    def _copy(self) -> str:
        return clean(f"keyring:{self._service}/{self._staged_user}")


def read_entry(service: str, user: str) -> str | None:
    """Blocking. UsageError when the keyring cannot be asked."""
    keyring, name = _keyring(), clean(f"keyring:{service}/{user}")
    value = _call(keyring, UsageError, f"{name} cannot be read", keyring.get_password, service, user)
    return value if isinstance(value, str) else None


def require_keyring() -> None:
    """UsageError when the library is not installed; does not ask a keyring, which may ask its user."""
    _keyring()


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
