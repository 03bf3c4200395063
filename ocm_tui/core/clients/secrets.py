"""New client secrets, and where they are delivered.

A secret is staged at its destination before the server learns it: a full disk or a locked keyring is then met while the
old secret still works. After the server's answer the staged copy is promoted; when the end is unclear it is kept, and
named, because it may be the only copy of a secret that is in force.
"""

import os
import string
from abc import ABC, abstractmethod
from typing import Final

from ocm_tui.core.errors import UsageError
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean

__all__ = ["DESTINATIONS", "SHORTEST", "Destination", "Stdout", "generate_secret", "parse_destination"]

DESTINATIONS: Final = "file:PATH, keyring:SERVICE/USER, stdout, aws-secretsmanager:NAME"

_CLASSES: Final = (frozenset(string.ascii_lowercase), frozenset(string.ascii_uppercase), frozenset(string.digits))
_ALPHABET: Final = (string.ascii_letters + string.digits).encode()
# What a random byte stands for; the last few bytes are left out, or some characters would come more often than others.
_EVENLY: Final = bytes(_ALPHABET[byte % len(_ALPHABET)] for byte in range(256))
_UNEVEN: Final = bytes(range(256 - 256 % len(_ALPHABET), 256))
SHORTEST: Final = 16


class Destination(ABC):
    """Where one secret goes; use it for one secret: `stage` or `recover`, then `promote` or `discard`, or neither.

    With a `tag`, such as the id of a run, the staged copy has a name that another process finds again.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """The destination as it was written, safe to show."""

    @property
    def staged_name(self) -> str | None:
        """Where the staged copy is; None when there is none."""
        return None

    def problem(self) -> str | None:
        """Why nothing could be staged there, as far as that can be told at once, without asking anyone."""
        return None

    @abstractmethod
    async def stage(self, secret: Secret, *, tag: str | None = None) -> None:
        """Durably, or UsageError: nothing has been sent, and nothing must be."""

    async def recover(self, tag: str) -> Secret | None:
        """What was staged under `tag` before this process was: complete, or None. It counts as staged from now on.

        UsageError when there is a staged copy that cannot be read: the only copy of a secret, perhaps.
        """
        del tag
        return None

    @abstractmethod
    async def promote(self, *, keep: bool = False) -> None:
        """The server has it: put it in its place. OcmError names the staged copy when that fails.

        `keep` leaves the staged copy until `discard`: who keeps a record of what was promoted lets go of the copy
        when the record is safe. Promoting twice is harmless.
        """

    @abstractmethod
    async def discard(self) -> None:
        """Remove the staged copy: the server certainly does not have it, or it is in its place as well."""


class Stdout(Destination):
    """Nothing to stage: whoever asked for it prints `secret` after `promote`, and nothing else to stdout."""

    def __init__(self) -> None:
        self.secret: Secret | None = None

    @property
    def name(self) -> str:
        return "stdout"

    async def stage(self, secret: Secret, *, tag: str | None = None) -> None:
        del tag
        self.secret = secret

    async def promote(self, *, keep: bool = False) -> None:
        del keep

    async def discard(self) -> None:
        self.secret = None


def generate_secret(length: int = 48) -> Secret:
    """Letters and digits from the system's generator, at least one of each class: safe in URLs, shells and YAML.

    48 characters are about 285 bits. Fewer than 16 is a UsageError.
    """
    if length < SHORTEST:
        raise UsageError(f"a secret has at least {SHORTEST} characters, not {length}")
    while True:
        value = os.urandom(2 * length).translate(_EVENLY, _UNEVEN)[:length].decode()
        if len(value) == length and all(not group.isdisjoint(value) for group in _CLASSES):
            return Secret(value)


def parse_destination(text: str) -> Destination:
    """`file:PATH`, `keyring:SERVICE/USER`, `aws-secretsmanager:NAME` or `stdout`; UsageError for anything else."""
    kind, _, rest = text.partition(":")
    if text == "stdout":
        return Stdout()
    if kind == "file" and rest:
        from ocm_tui.core.clients.secret_files import SecretFile

        return SecretFile(rest)
    if kind == "keyring" and all(rest.rpartition("/")):
        from ocm_tui.core.clients.secret_keyring import KeyringEntry

        service, _, user = rest.rpartition("/")
        return KeyringEntry(service, user)
    if kind == "aws-secretsmanager" and rest:
        from ocm_tui.core.clients.secret_aws import AWSSecret

        return AWSSecret(rest)
    raise UsageError(f"“{clean(text, 80)}” is no destination for a secret", hint=f"one of {DESTINATIONS}")
