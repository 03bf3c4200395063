"""Files of many items: JSON lines, or a YAML or JSON document that is one or a list; each with its line."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from ocm_tui.core.errors import ConfigError
from ocm_tui.core.text import clean

__all__ = ["Item", "read_items"]

_LARGEST: Final = 64 << 20  # bytes
_LARGEST_YAML: Final = 16 << 20  # its parser keeps the place of every node


@dataclass(frozen=True, slots=True)
class Item:
    """One mapping of a file."""

    values: Mapping[str, Any]
    path: Path
    line: int

    def error(self, message: str, hint: str = "") -> ConfigError:
        return ConfigError(message, path=self.path, line=self.line, hint=hint)


def read_items(path: Path, content: bytes | None = None) -> list[Item]:
    """Of the file, or of `content` that was read from elsewhere under the name `path`. Blocks.

    JSON lines are known by the name (`.jsonl`), or by looking like some. ConfigError with line for what cannot be read.
    """
    if content is None:
        content = _bytes(path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError("the file is not UTF-8 text", path=path, line=line, hint="save the file as UTF-8") from None
    suffix = path.suffix.lower()
    if suffix in {".jsonl", ".ndjson"} or _looks_like_lines(text):
        return list(_lines(text, path))
    return _document(text, path)


def _bytes(path: Path) -> bytes:
    from ocm_tui.core.positioned.files import UnusableFile, read_small_file

    try:
        return read_small_file(path, _LARGEST).content
    except UnusableFile as error:
        raise ConfigError(f"the file {error.reason}", path=path) from error


def _looks_like_lines(text: str) -> bool:
    """Two lines that each begin an object."""
    begins = [line for line in text[:65536].splitlines() if line.strip()][:2]
    return len(begins) == 2 and all(line.startswith("{") and line.rstrip().endswith("}") for line in begins)


def _lines(text: str, path: Path) -> Iterator[Item]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"this line is not JSON: {clean(error, 120)}", path=path, line=number) from None
        yield _item(values, path, number)


def _document(text: str, path: Path) -> list[Item]:
    from ocm_tui.core.positioned.positions import Limits, parse_yaml

    document = parse_yaml(text, path, limits=Limits(max_bytes=_LARGEST_YAML))
    data = document.data
    if isinstance(data, list):
        return [_item(values, path, document.where((place,))[0] or 1) for place, values in enumerate(data)]
    if data is None:
        raise ConfigError("there is nothing in it", path=path, line=1)
    return [_item(data, path, 1)]


def _item(values: Any, path: Path, line: int) -> Item:
    if not isinstance(values, dict):
        raise ConfigError("an item is a mapping, and this is something else", path=path, line=line)
    return Item(values, path, line)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
