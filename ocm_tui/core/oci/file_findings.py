"""What is wrong with a configuration file as a whole: each of these can make the SDK refuse every profile in it."""

import codecs
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ocm_tui.core.oci.model import DEFAULT, Finding, Fix, MakePrivate, StripBom
from ocm_tui.core.oci.scanner import Scan, Section, readable
from ocm_tui.core.oci.secrecy import in_key_block, real_entries
from ocm_tui.core.secret import Secret

__all__ = ["file_findings"]

_REFUSED: Final = "the SDK and the command line tool refuse the whole file"


def file_findings(path: Path, content: bytes, mode: int | None, scanned: Scan) -> tuple[Finding, ...]:
    """In the order of their lines; what no line says comes first."""
    found = [
        *_permissions(path, mode),
        *_bytes(content, scanned),
        *_strays(scanned),
        *_twice(scanned),
        *_same_but_case(scanned),
    ]
    return tuple(sorted(found, key=lambda finding: finding.line or 0))


def _permissions(path: Path, mode: int | None) -> Iterator[Finding]:
    if mode is not None and mode & 0o077 and os.name == "posix":
        yield Finding(
            "file-perm",
            "warning",
            f"others may read or change the configuration file: its mode is {mode:04o}",
            hint=f"chmod 600 {path}",
            fix=Fix("make it 0600", private=MakePrivate(Secret(str(path), search=False))),
        )


def _bytes(content: bytes, scanned: Scan) -> Iterator[Finding]:
    if scanned.bom:
        yield Finding(
            "bom",
            "error",
            f"the file starts with a byte order mark: {_REFUSED}",
            1,
            fix=Fix("remove it", (StripBom(),)),
        )
    for number, line in enumerate(scanned.lines, 1):
        if line.endswith("\r\n"):
            yield Finding("crlf", "info", "lines end as on Windows: harmless, and kept when the file is saved", number)
            break
    try:
        codecs.decode(content, "utf-8")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        yield Finding(
            "encoding", "error", f"the line holds a byte that is no UTF-8: {_REFUSED}", number, hint="save it as UTF-8"
        )


def _strays(scanned: Scan) -> Iterator[Finding]:
    if scanned.headless:
        message = f"there is text before the first [section]: {_REFUSED}"
        yield Finding(
            "syntax", "error", message, scanned.headless[0] + 1, hint="put a header such as [DEFAULT] above it"
        )
    for index in scanned.stray:
        message = f"the line is neither `[section]` nor `name = value`: {_REFUSED}"
        yield Finding("syntax", "error", message, index + 1, hint="complete it, or make it a comment with #")


def _twice(scanned: Scan) -> Iterator[Finding]:
    headers: dict[str, Section] = {}
    keys: dict[tuple[str, str], int] = {}
    in_key = in_key_block(scanned.lines)
    for section in scanned.sections:
        first = headers.setdefault(section.name, section)
        if first is not section and section.name != DEFAULT:
            yield Finding(
                "dup-section",
                "error",
                f"[{section.name}] stands in lines {first.line + 1} and {section.line + 1}: {_REFUSED}",
                section.line + 1,
                hint="rename or join them; here they count as one, and what comes later wins",
                profile=readable(section.name),
            )
        for entry in real_entries(section, in_key):
            before = keys.setdefault((section.name, entry.name), entry.lines[0])
            line = entry.lines[0]
            if before != line:
                yield Finding(
                    "dup-key",
                    "error",
                    f"`{entry.name}` of [{section.name}] stands in lines {before + 1} and {line + 1}: {_REFUSED}",
                    line + 1,
                    hint="remove one of them; here the later one counts",
                    profile=readable(section.name),
                    field=entry.name,
                )


def _same_but_case(scanned: Scan) -> Iterator[Finding]:
    first: dict[str, Section] = {}
    told: set[str] = set()
    for section in scanned.sections:
        before = first.setdefault(section.name.casefold(), section)
        if before.name != section.name and section.name not in told:
            told.add(section.name)
            yield Finding(
                "dup-case",
                "warning",
                f"[{section.name}] and [{before.name}] (line {before.line + 1}) differ in case only: "
                "who looks for one may get the other",
                section.line + 1,
                hint="rename one of them",
                profile=readable(section.name),
            )
