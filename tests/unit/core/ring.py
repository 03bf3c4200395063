"""The part of the keyring library that is used, over a dictionary: a real one would ask for a desktop session."""

import types

__all__ = ["Ring"]


class Ring(types.ModuleType):
    """`locked` is every call's failure; a `forgetful` one takes everything and keeps nothing."""

    def __init__(self, *, forgetful: bool = False) -> None:
        super().__init__("keyring")
        self.errors = types.SimpleNamespace(KeyringError=RuntimeError)
        self.entries: dict[tuple[str, str], str] = {}
        self.locked = False
        self._forgetful = forgetful

    def get_password(self, service: str, user: str) -> str | None:
        self._check()
        return self.entries.get((service, user))

    def set_password(self, service: str, user: str, value: str) -> None:
        self._check()
        if not self._forgetful:
            self.entries[service, user] = value

    def delete_password(self, service: str, user: str) -> None:
        self._check()
        if self.entries.pop((service, user), None) is None:
            raise RuntimeError("there is no such entry")

    def _check(self) -> None:
        if self.locked:
            raise RuntimeError("the collection is locked")
