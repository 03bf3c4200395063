"""`secret:` of a client: where its secret comes from and where it goes, never the secret itself.

No message quotes what was written there: people paste the secret.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, get_args

from ocm_tui.core.clients.secrets import SHORTEST, parse_destination
from ocm_tui.core.errors import UsageError
from ocm_tui.core.positioned.problems import Place
from ocm_tui.core.provisioning.inventory_layers import Layer
from ocm_tui.core.provisioning.inventory_problems import Report
from ocm_tui.core.provisioning.model import SecretDeclaration, SecretSource

__all__ = ["SECRET_KEYS", "SecretReader", "secret_problems", "spelled_out"]

SOURCES: Final[tuple[SecretSource, ...]] = get_args(SecretSource)
# Where each source finds its secret: the member that says it, and an example.
_ARGUMENTS: Final = {
    "env": ("name", "{from: env, name: ORDERS_SECRET}"),
    "file": ("path", "{from: file, path: secrets/orders}"),
    "keyring": ("entry", "{from: keyring, entry: SERVICE/USER}"),
}
SECRET_KEYS: Final = ("from", "name", "path", "entry", "deliver", "length", "version")
_LONGEST: Final = 512
_TEXTS: Final = ("name", "path", "entry", "deliver")
_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")
_ID: Final = "{clientId}"
_HINT: Final = "{from: generate, deliver: file:secrets/{clientId}}, or from env, file, keyring, keep"
_SHORT_HINT: Final = "`keep`, `env:NAME`, `file:PATH`, `keyring:SERVICE/USER`, or a mapping with `from`"


def spelled_out(secret: Any) -> Any:
    """`env:NAME` and the like as the mapping that they stand for; anything else as it is."""
    if not isinstance(secret, str):
        return secret
    source, colon, argument = secret.partition(":")
    if source in _ARGUMENTS and argument:
        return {"from": source, _ARGUMENTS[source][0]: argument}
    return {"from": source} if source in SOURCES and source not in _ARGUMENTS and not colon else secret


def secret_problems(secret: Any) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """(path inside, end of a sentence, hint) for what is wrong in itself, whatever other layers add."""
    secret = spelled_out(secret)
    if not isinstance(secret, Mapping):
        yield (), "says where the secret comes from, never the secret itself", _SHORT_HINT
        return
    source = secret.get("from")
    if source is not None and source not in SOURCES:
        yield ("from",), f"is one of {', '.join(SOURCES)}", ""
    for name in _TEXTS:
        value = secret.get(name)
        if value is not None and (not isinstance(value, str) or not value.strip() or "\0" in value):
            yield (name,), "is a text", "put it in quotes if it looks like a number"
        elif value is not None and any(one != _ID for one in _PLACEHOLDER.findall(value)):
            yield (name,), f"has a placeholder other than {_ID}", "no other braces can stand there"
    length, version = secret.get("length"), secret.get("version")
    if length is not None and (type(length) is not int or not SHORTEST <= length <= _LONGEST):
        yield ("length",), f"is a whole number from {SHORTEST} to {_LONGEST}", "characters"
    if version is not None and (type(version) is not int or not 1 <= version < 1 << 31):
        yield ("version",), "is a whole number from 1", "a higher one than before rotates the secret"


class SecretReader:
    """The secrets of one inventory: no two clients deliver to one place."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._destinations: dict[str, tuple[str, str]] = {}

    def read(self, client_id: str, layers: Sequence[Layer]) -> SecretDeclaration | None:
        """`layers` from the first word to the last. A layer that names `from` replaces what came before it."""
        said: dict[str, tuple[Any, Layer]] = {}
        last: Layer | None = None
        for layer in layers:
            if "secret" not in layer.data:
                continue
            secret, last = spelled_out(layer.data["secret"]), layer
            if secret is None or secret.get("from") is not None:
                said = {}
            said |= {name: (value, layer) for name, value in (secret or {}).items()}
        said = {name: value for name, value in said.items() if value[0] is not None}
        return _Declaration(client_id, said, last, self._report, self._destinations).read() if said and last else None


class _Declaration:
    """One client's secret. Each problem is told at the layer that wrote the member."""

    def __init__(
        self,
        client_id: str,
        said: Mapping[str, tuple[Any, Layer]],
        last: Layer,
        report: Report,
        destinations: dict[str, tuple[str, str]],
    ) -> None:
        self._id = client_id
        self._said = said
        self._last = last
        self._report = report
        self._destinations = destinations
        self._good = True

    def read(self) -> SecretDeclaration | None:
        source = self._value("from")
        if source is None:
            self._error(None, "secret.from is missing", _HINT)
            return None
        self._refuse_strangers(source)
        argument, deliver = self._argument(source), self._deliver(source)
        if not self._good:
            return None
        length, version = self._value("length") or 48, self._value("version") or 1
        return SecretDeclaration(source, argument, deliver, length, version)

    def _refuse_strangers(self, source: str) -> None:
        """Members that mean nothing with this source: whoever wrote them expects something that will not happen."""
        wanted = _ARGUMENTS[source][0] if source in _ARGUMENTS else ""
        for name in ("name", "path", "entry"):
            if name in self._said and name != wanted:
                owner = next(other for other, (key, _) in _ARGUMENTS.items() if key == name)
                self._error(name, f"secret.{name} belongs to `from: {owner}`", f"remove it, or say from: {owner}")
        if "length" in self._said and source != "generate":
            self._error("length", "secret.length belongs to `from: generate`", "remove it")
        if source == "keep":
            for name in ("deliver", "version"):
                if name in self._said:
                    self._error(
                        name, f"secret.{name} means nothing with `from: keep`, which sets no secret", "remove it"
                    )

    def _argument(self, source: str) -> str:
        if source not in _ARGUMENTS:
            return ""
        name, example = _ARGUMENTS[source]
        if name not in self._said:
            self._error("from", f"secret.{name} is missing", f"for example {example}")
            return ""
        argument = self._filled(name)
        if name == "path":
            return self._absolute(name, argument)
        if name == "entry" and not all(argument.rpartition("/")):
            self._error(name, "secret.entry is SERVICE/USER", f"for example {example}")
        if name == "name" and "=" in argument:
            self._error(name, "secret.name is the name of an environment variable", f"for example {example}")
        return argument

    def _deliver(self, source: str) -> str | None:
        if "deliver" not in self._said:
            if source == "generate":
                self._error("from", "secret.deliver is missing: a generated secret must go somewhere", _HINT)
            return None
        destination = self._filled("deliver")
        kind, _, rest = destination.partition(":")
        if kind == "file" and rest:
            destination = f"file:{self._absolute('deliver', rest)}"
        if kind != "aws-secretsmanager" or not rest:  # known, and the plan says that it is not supported yet
            try:
                parse_destination(destination)
            except UsageError as error:
                self._error("deliver", "secret.deliver is no destination for a secret", error.hint)
                return None
        self._claim(destination)
        return destination

    def _claim(self, destination: str) -> None:
        if destination == "stdout" or not self._good:
            return
        place = self._place("deliver")
        first = self._destinations.setdefault(destination, (self._id, f"{place.path}:{place.line}"))
        if first[0] != self._id:
            text = f"secret.deliver is the same for {first[0]} ({first[1]}): one would overwrite the other"
            self._error("deliver", text, f"put {_ID} into it")

    def _filled(self, name: str) -> str:
        """With the client id in its place; one that would lead to another place is refused."""
        text = str(self._value(name))
        if _ID not in text:
            return text
        if any(part in self._id for part in ("/", "\\", "..", "\0")) or self._id == ".":
            self._error(
                name, f"secret.{name} holds {_ID}, and this client id would make it another path", "write it out"
            )
        return text.replace(_ID, self._id)

    def _absolute(self, name: str, path: str) -> str:
        """Relative paths begin at the directory of the file that says them."""
        directory = self._said[name][1].document.path.parent
        try:
            return os.path.abspath(directory / Path(path).expanduser())  # noqa: PTH100 - links stay as they are named
        except (RuntimeError, ValueError):
            self._error(name, f"secret.{name} names a home directory that does not exist")
            return path

    def _value(self, name: str) -> Any:
        return self._said[name][0] if name in self._said else None

    def _place(self, name: str | None) -> Place:
        if name is None or name not in self._said:
            return self._last.place("secret")
        return self._said[name][1].place("secret", name)

    def _error(self, name: str | None, message: str, hint: str = "") -> None:
        self._good = False
        self._report.error(self._place(name), f"{self._id}: {message}", hint)
