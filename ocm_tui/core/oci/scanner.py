"""The text of a configuration file as lines, and what configparser, which the SDK uses, makes of each of them.

Nothing is refused here: what configparser would refuse is kept apart as `stray`, the rest is read exactly as it would
be. Lines keep their endings, and bytes that are no UTF-8 survive as surrogates, so the text is the file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

__all__ = ["BOM", "Entry", "Scan", "Section", "readable", "scan", "to_bytes", "to_text"]

BOM: Final = "\ufeff"

_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")  # as a file opened for text: \r alone ends a line, too
_HEADER: Final = re.compile(r"\[(?P<name>.+)\]")
_DELIMITER: Final = re.compile("[=:]")


@dataclass(slots=True)
class Entry:
    """`name = value` in one section. `lines` are the indexes of its own line and of its continuations, without the
    comments and empty lines between them; `name` is as configparser knows it, in lower case.
    """

    name: str
    lines: list[int]
    parts: list[str]

    @property
    def value(self) -> str:
        return "\n".join(self.parts).rstrip()


@dataclass(slots=True)
class Section:
    """One header and what follows it. `line` is its index."""

    name: str
    line: int
    entries: list[Entry] = field(default_factory=list)


@dataclass(slots=True)
class Scan:
    """`stray` are the indexes of lines that configparser refuses; `headless` of those before the first header."""

    lines: list[str]
    sections: list[Section] = field(default_factory=list)
    stray: list[int] = field(default_factory=list)
    headless: list[int] = field(default_factory=list)
    bom: bool = False

    def named(self, name: str) -> list[Section]:
        return [section for section in self.sections if section.name == name]

    def values(self) -> dict[str, dict[str, str]]:
        """Own values of every section; of what stands there twice, the later one counts."""
        found: dict[str, dict[str, str]] = {}
        for section in self.sections:
            found.setdefault(section.name, {}).update({entry.name: entry.value for entry in section.entries})
        return found


def to_text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def readable(text: str) -> str:
    """With U+FFFD for the bytes that are no UTF-8: what may leave this package as a value or a name."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def scan(text: str) -> Scan:
    """`"".join(result.lines)` is `text`, but for a byte order mark, which `bom` says."""
    bom = text.startswith(BOM)
    result = Scan(_LINE.findall(text.removeprefix(BOM)), bom=bom)
    section: Section | None = None
    entry: Entry | None = None
    indent = 0
    for index, stripped, depth in _significant(result.lines):
        if not stripped:
            if entry is not None:
                entry.parts.append("")
            continue
        if entry is not None and depth > indent:
            entry.lines.append(index)
            entry.parts.append(stripped)
            continue
        indent = depth
        if header := _HEADER.match(stripped):
            section, entry = Section(header["name"], index), None
            result.sections.append(section)
        elif section is None:
            result.headless.append(index)
        elif (delimiter := _DELIMITER.search(stripped)) and (name := stripped[: delimiter.start()].rstrip()):
            entry = Entry(name.lower(), [index], [stripped[delimiter.end() :].strip()])
            section.entries.append(entry)
        else:
            result.stray.append(index)
    return result


def _significant(lines: list[str]) -> Iterator[tuple[int, str, int]]:
    """Index, text without space around it, and indent of every line that is no comment. Empty lines count."""
    for index, line in enumerate(lines):
        stripped = line.strip()
        if stripped.startswith(("#", ";")):
            continue
        yield index, stripped, len(line) - len(line.lstrip())
