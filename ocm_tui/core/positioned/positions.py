"""YAML as plain data, with the position of every key and every value.

What comes out is what JSON could hold: text keys, no tags, no dates, no cycles, no shared parts. What a document
should not hold is refused with its line and column, before it can cost time or memory. Messages never quote a value:
it may be a secret.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from ocm_tui.core.errors import ConfigError
from ocm_tui.core.positioned.compose import DEFAULT_LIMITS, Limits, Node, compose
from ocm_tui.core.positioned.files import UnusableFile, read_small_file
from ocm_tui.core.positioned.problems import Place
from ocm_tui.core.positioned.yaml_sentences import explain

__all__ = [
    "Limits",
    "Node",
    "NodePath",
    "Positioned",
    "checked_text",
    "dotted",
    "parse_yaml",
    "read_text",
    "read_yaml",
    "syntax_error",
]

NodePath = tuple[str | int, ...]

# YAML's own line separators are on the list: an editor does not count them as lines, so positions would be wrong.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_LINE_BREAK: Final = re.compile("\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Positioned:
    """One document. `data` is None for an empty one. Paths are tuples of keys and indexes; () is the document."""

    path: Path
    data: Any = field(repr=False)
    root: Node = field(repr=False)
    mode: int = 0o600

    def where(self, path: NodePath = ()) -> tuple[int, int]:
        """(line, column) of the value at `path`, from 1; of the nearest key above it, if there is no such value."""
        node, above = self.root, (self.root.line, self.root.column)
        for depth, part in enumerate(path):
            following = _child(node, part)
            if following is None:
                return above
            above = self.where_key(path[: depth + 1])
            node = following
        return node.line, node.column

    def where_key(self, path: NodePath) -> tuple[int, int]:
        """(line, column) of the key (or list item) that `path` ends in; the nearest above it, if there is none."""
        node, position = self.root, (self.root.line, self.root.column)
        for part in path:
            following = _child(node, part)
            if following is None:
                break
            position = node.keys[part] if isinstance(part, str) else (following.line, following.column)
            node = following
        return position

    def node(self, path: NodePath) -> Node | None:
        node: Node | None = self.root
        for part in path:
            node = _child(node, part) if node else None
        return node

    def place(self, path: NodePath = (), *, key: bool = False) -> Place:
        line, column = self.where_key(path) if key else self.where(path)
        return Place(self.path, line, column, dotted(path))


def dotted(path: NodePath) -> str:
    """`environments.dev.server`, `clients[3].redirectUris[0]`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def read_yaml(path: Path, *, max_bytes: int | None = None, limits: Limits = DEFAULT_LIMITS) -> Positioned:
    """The one document in the file. ConfigError with path, line and column for whatever is wrong with it."""
    text, mode = read_text(path, max_bytes or limits.max_bytes)
    return parse_yaml(text, path, limits=limits, mode=mode)


def parse_yaml(text: str, path: Path, *, limits: Limits = DEFAULT_LIMITS, mode: int = 0o600) -> Positioned:
    """As `read_yaml`, of text; `path` is only named in errors."""
    text = checked_text(text, path)
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = compose(yaml.parse(text, Loader=loader), path, limits)
    except yaml.YAMLError as error:
        raise syntax_error(error, text, path) from None
    return Positioned(path, root.plain(), root, mode)


def read_text(path: Path, max_bytes: int) -> tuple[str, int]:
    """The file's text and its permission bits, with every doubt about both."""
    try:
        file = read_small_file(path, max_bytes)
    except UnusableFile as error:
        raise ConfigError(f"the file {error.reason}", path=path) from error
    return _decoded(file.content, path), file.mode


def checked_text(text: str, path: Path) -> str:
    """Without a byte order mark; ConfigError for a character that cannot stand in a YAML file."""
    text = text.removeprefix("\ufeff")
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        line, column = _line_and_column(text, forbidden.start())
        raise ConfigError(
            f"the character U+{ord(forbidden[0]):04X} cannot stand in a YAML file", path=path, line=line, column=column
        )
    return text


def syntax_error(error: yaml.YAMLError, text: str, path: Path) -> ConfigError:
    if not isinstance(error, yaml.MarkedYAMLError):
        return ConfigError("the file is not valid YAML", path=path)
    problem = explain(error, text.split("\n"))
    return ConfigError(problem.message, path=path, line=problem.line, column=problem.column, hint=problem.hint)


def _child(node: Node, part: str | int) -> Node | None:
    match node.value:
        case dict() if isinstance(part, str):
            return node.value.get(part)
        case list() if isinstance(part, int) and 0 <= part < len(node.value):
            return node.value[part]
        case _:
            return None


def _decoded(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        line, column = _line_and_column(before, len(before))
        title = f"the file is not UTF-8 text: byte 0x{content[error.start]:02X} at offset {error.start}"
        raise ConfigError(title, path=path, line=line, column=column, hint="save the file as UTF-8") from None


def _line_and_column(text: str, index: int) -> tuple[int, int]:
    breaks = list(_LINE_BREAK.finditer(text, 0, index))
    return len(breaks) + 1, index - (breaks[-1].end() if breaks else 0) + 1
