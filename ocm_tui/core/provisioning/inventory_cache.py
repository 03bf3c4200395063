"""A long inventory that was read before: what came of it, kept in the cache directory.

Reading 10,000 clients takes most of a second, and they seldom change between two plans. The key is everything that the
outcome depends on: the program, the environment, each file's name and its whole text. Where a field stands is worked
out anew when somebody asks, from what YAML said. A file that is damaged, foreign or old is no file.
"""

import contextlib
import marshal
import os
import stat
import sys
import tempfile
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from ocm_tui import __version__
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.positioned.marked import Marked, PositionedDocument
from ocm_tui.core.positioned.problems import Place, Problem
from ocm_tui.core.provisioning.inventory_places import InventoryPlaces
from ocm_tui.core.provisioning.model import DeclaredClient, Inventory, SecretDeclaration

__all__ = ["InventoryCache"]

_WORTHWHILE: Final = 1 << 18  # bytes: a smaller inventory is read in the time that this takes
_DIGEST: Final = 32  # bytes
_FORM: Final = f"1 {__version__} {sys.version}"  # marshalled data is for the Python that wrote it


class InventoryCache:
    """For one set of files and one environment; each file it writes replaces the one before. Blocks."""

    def __init__(self, directory: Path, texts: Mapping[Path, str], environment: str) -> None:
        self._texts, self._environment = texts, environment
        name = _digest(environment, *map(str, texts))[:12].hex()
        self._path = directory / "inventories" / f"{name}.inventory"

    @property
    def worthwhile(self) -> bool:
        return sum(map(len, self._texts.values())) >= _WORTHWHILE

    def load(self) -> Inventory | None:
        content = _owned_content(self._path)
        if content is None:
            return None
        view = memoryview(content)
        key, digest, kept = view[:_DIGEST], view[_DIGEST : 2 * _DIGEST], view[2 * _DIGEST :]
        if key != self._key() or digest != blake2b(kept, digest_size=_DIGEST).digest():
            return None
        clients, warnings, said = marshal.loads(kept)  # noqa: S302  # this program's own, by its owner, and undamaged
        paths = tuple(self._texts)
        places = InventoryPlaces(paths, self._environment, partial(_documents, paths, said))
        return Inventory(
            paths,
            tuple(_client(one, paths, places) for one in clients),
            tuple(Problem(severity, message, paths[path], *rest) for severity, message, path, *rest in warnings),
        )

    def store(self, inventory: Inventory, documents: Sequence[PositionedDocument]) -> None:
        """Nothing, where a file has to be read the exact way, or nothing can be written: then it is read again."""
        said = [_said(one) for one in documents if isinstance(one, Marked)]
        numbers: dict[Any, int] = {path: number for number, path in enumerate(inventory.paths)}
        if len(said) != len(numbers) or any(one.path not in numbers for one in inventory.warnings):
            return
        clients = [_facts(one, numbers) for one in inventory.clients]
        warnings = [_warning(one, numbers) for one in inventory.warnings]
        kept = marshal.dumps((clients, warnings, said))
        content = self._key() + blake2b(kept, digest_size=_DIGEST).digest() + kept
        with contextlib.suppress(OSError):
            _write(self._path, content)

    def _key(self) -> bytes:
        home = os.path.expanduser("~")  # noqa: PTH111  # paths of secrets may begin with it, or with the directory
        texts = (part for path, text in self._texts.items() for part in (str(path), text))
        return _digest(_FORM, self._environment, home, os.getcwd(), *texts)  # noqa: PTH109


def _facts(client: DeclaredClient, numbers: Mapping[Any, int]) -> tuple[Any, ...]:
    place, secret = client.place, client.secret
    return (
        client.client_id,
        client.document,
        (numbers[place.path], place.line, place.column, place.key),
        astuple(secret) if secret is not None else None,
        client.registry or None,
        client.keep_name,
    )


def _client(facts: tuple[Any, ...], paths: Sequence[Path], places: InventoryPlaces) -> DeclaredClient:
    client_id, document, (path, *rest), secret, registry, keep_name = facts
    return DeclaredClient(
        client_id,
        ClientDocument(document),
        Place(paths[path], *rest),
        partial(places.where, client_id),
        SecretDeclaration(*secret) if secret is not None else None,
        registry or {},
        keep_name,
    )


def _warning(problem: Problem, numbers: Mapping[Any, int]) -> tuple[Any, ...]:
    at = numbers[problem.path]
    return problem.severity, problem.message, at, problem.line, problem.column, problem.hint, problem.key


def _said(document: Marked) -> tuple[Any, ...]:
    parts = {number: part.tobytes() for number, part in document.parts.items()}
    return marshal.dumps(document.data), document.marks.tobytes(), parts


def _documents(paths: Sequence[Path], said: Sequence[tuple[Any, ...]]) -> list[PositionedDocument]:
    return [
        Marked(path, marshal.loads(data), _numbers(marks), {number: _numbers(part) for number, part in parts.items()})  # noqa: S302  # as `load`
        for path, (data, marks, parts) in zip(paths, said, strict=True)
    ]


def _numbers(content: bytes) -> "array[int]":
    numbers = array("Q")
    numbers.frombytes(content)
    return numbers


def _digest(*texts: str) -> bytes:
    """The same only for the same texts, wherever one ends and the next begins."""
    whole = blake2b(digest_size=_DIGEST)
    for text in texts:
        content = text.encode(errors="surrogatepass")
        whole.update(len(content).to_bytes(8, "big"))
        whole.update(content)
    return whole.digest()


def _owned_content(path: Path) -> bytes | None:
    """Only of a file that nobody else can have written: what is in it is taken as it is."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            ours = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077
            return file.read() if ours else None
    except OSError:
        return None


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all. It is not waited for the disk: after a power failure the digest does not fit."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".")  # 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)
