"""From patterns to the files of an inventory, each read once and in the same order everywhere."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from ocm_tui.core.errors import ConfigError
from ocm_tui.core.positioned.compose import Limits
from ocm_tui.core.positioned.marked import PositionedDocument, parse_long_yaml
from ocm_tui.core.positioned.positions import read_text
from ocm_tui.core.provisioning.inventory_problems import Report

__all__ = [
    "MAX_BYTES",
    "ReadText",
    "distinct_files",
    "found_files",
    "parsed_inventory",
    "read_inventories",
    "text_of_file",
]

MAX_BYTES: Final = 32 << 20  # about 90,000 clients
_MOST_VALUES: Final = 3_000_000
# A file may unfold, by its aliases, into little more than a file of its size could hold anyway.
_VALUES_OF_A_SMALL_FILE: Final = 200_000
_MOST_ALIASES: Final = 20_000
_MAGIC: Final = re.compile(r"[*?\[]")

ReadText = Callable[[Path], str]


def text_of_file(path: Path) -> str:
    return read_text(path, MAX_BYTES)[0]


def parsed_inventory(text: str, path: Path) -> PositionedDocument:
    """ConfigError with path, line and column for what is no YAML or more than an inventory may hold."""
    values = min(_VALUES_OF_A_SMALL_FILE + len(text), _MOST_VALUES)
    return parse_long_yaml(text, path, Limits(max_bytes=MAX_BYTES, nodes=values, aliases=_MOST_ALIASES))


def read_inventories(paths: Sequence[Path], report: Report, read: ReadText = text_of_file) -> list[PositionedDocument]:
    """What cannot be read is reported, and the others are read all the same."""
    documents: list[PositionedDocument] = []
    for path in paths:
        try:
            documents.append(parsed_inventory(read(path), path))
        except ConfigError as error:
            report.refused(error)
    return documents


def found_files(patterns: Sequence[str | Path], base: Path | None, report: Report) -> tuple[Path, ...]:
    """The files that the patterns name, each once, in the order of the patterns and sorted within each.

    A name that exists is that file, whatever characters it has. `**` crosses directories, but not symbolic links;
    hidden files are only found when the pattern says so, because editors keep drafts in them.
    """
    return distinct_files(path for pattern in patterns for path in _matches(_expanded(pattern), base, report))


def distinct_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Each file once, under the first of its names."""
    files: dict[object, Path] = {}
    for path in paths:
        files.setdefault(_identity(path), path)
    return tuple(files.values())


def _expanded(pattern: str | Path) -> Path:
    try:
        return Path(pattern).expanduser()
    except RuntimeError:  # `~nobody`: then it is a name like any other
        return Path(pattern)


def _matches(pattern: Path, base: Path | None, report: Report) -> Iterator[Path]:
    path = base / pattern if base is not None else pattern
    if not _MAGIC.search(str(pattern)) or _exists(path):
        yield path
        return
    anchor = Path(path.anchor) if path.is_absolute() else Path()
    hidden = path.name.startswith(".")
    try:
        found = sorted(anchor.glob(str(path.relative_to(anchor))))
        matches = [match for match in found if not match.is_dir() and (hidden or not match.name.startswith("."))]
    except (OSError, ValueError) as error:
        report.refused(ConfigError(f"this pattern cannot be used: {error}", path=path))
        return
    if not matches:
        report.refused(
            ConfigError("no file matches this pattern", path=path, hint="`*` is any name, `**` any directories")
        )
    yield from matches


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _identity(path: Path) -> object:
    """The same for two names of one file."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return str(path)
    return status.st_dev, status.st_ino
