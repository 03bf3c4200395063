"""Edits of a configuration file that touch the lines they must, and no others: comments, order and endings stay.

What comes out is read again before it is trusted: if any value is not what the edits say, nothing is planned.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from ocm_tui.core.errors import UsageError
from ocm_tui.core.oci.model import AddProfile, ConfigFile, Edit, RemoveProfile, RenameSection, SetField, StripBom
from ocm_tui.core.oci.scanner import BOM, Entry, Scan, Section, readable, scan, to_bytes, to_text
from ocm_tui.core.oci.schemas import SENSITIVE
from ocm_tui.core.secret import Secret

__all__ = ["PlannedEdit", "plan_edit"]

_PROFILE: Final = re.compile(r"[A-Za-z0-9._@-]{1,255}")  # as `oci setup config` allows
_FIELD: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_START: Final = re.compile(r"\s*[^=:]*[=:][ \t]*")
_COMMENT: Final = re.compile(r"\s+(?P<comment>[#;].*)\Z")
_SPACED: Final = re.compile(r"\s*[^=:]*?(?P<delimiter>[ \t]*[=:][ \t]*)")


@dataclass(frozen=True, slots=True)
class PlannedEdit:
    """The whole file before and after, as bytes that hold secrets: show `diff.masked_diff` of it. `touched` are the
    profiles whose own lines change.
    """

    old: bytes = field(repr=False)
    new: bytes = field(repr=False)
    touched: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        return self.old != self.new


def plan_edit(file: ConfigFile, edits: Sequence[Edit]) -> PlannedEdit:
    """Nothing is written. UsageError says which edit is impossible: no such profile, a name that exists, a value of
    several lines, a key in the file.
    """
    text = to_text(file.content)
    touched: dict[str, None] = {}
    for edit in edits:
        before = scan(text)
        text = _apply(text, before, edit)
        _verify(before, scan(text), edit)
        if not isinstance(edit, StripBom):
            touched[edit.name if isinstance(edit, RenameSection) else edit.profile] = None
    return PlannedEdit(file.content, to_bytes(text), tuple(touched))


def _apply(text: str, scanned: Scan, edit: Edit) -> str:
    lines = list(scanned.lines)
    match edit:
        case StripBom():
            return text.removeprefix(BOM)
        case AddProfile():
            _add(scanned, lines, edit)
        case SetField(value=None):
            _remove_field(_sections(scanned, edit.profile), lines, edit)
        case SetField():
            _set_field(_sections(scanned, edit.profile), lines, edit)
        case RemoveProfile():
            for section in _sections(scanned, edit.profile):
                _remove_section(section, lines)
        case RenameSection():
            _rename(scanned, lines, edit)
    return (BOM if scanned.bom else "") + "".join(lines)


def _sections(scanned: Scan, profile: str) -> list[Section]:
    found = [section for section in scanned.sections if readable(section.name) == profile]
    if not found:
        raise UsageError(f"the file has no profile [{profile}]", hint="it may have changed: read it again")
    return found


def _one_line(name: str, value: str | Secret) -> str:
    """The text behind `name =`, if configparser would read the very same back."""
    text = value.reveal() if isinstance(value, Secret) else value
    if name.lower() == "key_content":
        raise UsageError("key_content is never written to a file", hint="put the key into a file of its own: key_file")
    if not _FIELD.fullmatch(name):
        raise UsageError(f"`{name}` is no name for a field")
    if len(text.splitlines()) > 1 or text != text.strip() or not _is_text(text):
        raise UsageError(f"the value of `{name}` cannot stand in the file", hint="one line, no blanks around it")
    return text


def _is_text(text: str) -> bool:
    """Without what no file in UTF-8 can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _set_field(sections: list[Section], lines: list[str], edit: SetField) -> None:
    assert edit.value is not None
    value = _one_line(edit.name, edit.value)
    written = [entry for section in sections for entry in section.entries if entry.name == edit.name.lower()]
    if not written:
        _insert(sections[-1], lines, edit.name, value)
        return
    entry = written[-1]  # of several, the last one counts
    first = lines[entry.lines[0]]
    start = _START.match(first)
    assert start is not None
    kept = _comment_above(first, entry, value) if entry.name not in SENSITIVE else ""
    lines[entry.lines[0]] = f"{kept}{start[0]}{value}{_ending(first)}"
    for index in entry.lines[1:]:
        lines[index] = ""


def _comment_above(line: str, entry: Entry, value: str) -> str:
    """A comment that was part of the value moves to a line of its own."""
    comment = _COMMENT.search(line.rstrip())
    if comment is None or len(entry.lines) > 1 or comment["comment"] in value:
        return ""
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}{comment['comment']}{_ending(line) or _newline([line])}"


def _insert(section: Section, lines: list[str], name: str, value: str) -> None:
    """Behind the last field, in its style; or right behind the header."""
    if section.entries:
        last = section.entries[-1]
        place, model = last.lines[-1], lines[last.lines[0]]
        spaced = _SPACED.match(model)
        delimiter = spaced["delimiter"] if spaced is not None else "="
        indent = model[: len(model) - len(model.lstrip())]
    else:
        place, delimiter = section.line, "="
        indent = _deepest(lines, section.line)
    newline = _ending(lines[place]) or _newline(lines)  # the neighbour's: \r before a line of \n alone would be one end
    if not _ending(lines[place]):
        lines[place] += newline
    lines[place] += f"{indent}{name}{delimiter}{value}{newline}"


def _deepest(lines: list[str], header: int) -> str:
    """An indent that the next header or field is not deeper than: it would be glued to the new value."""
    following = next((line for line in lines[header + 1 :] if line.strip() and line.strip()[0] not in "#;"), "")
    indents = [line[: len(line) - len(line.lstrip())] for line in (lines[header], following)]
    return max(indents, key=len)


def _remove_field(sections: list[Section], lines: list[str], edit: SetField) -> None:
    written = [entry for section in sections for entry in section.entries if entry.name == edit.name.lower()]
    if not written:
        raise UsageError(
            f"`{edit.name}` does not stand in [{edit.profile}]", hint="what comes from DEFAULT is removed there"
        )
    for entry in written:
        for index in entry.lines:
            lines[index] = ""


def _remove_section(section: Section, lines: list[str]) -> None:
    """From the header to the last field. Comments behind it stay: they belong to what follows."""
    last = section.entries[-1].lines[-1] if section.entries else section.line
    for index in range(section.line, last + 1):
        lines[index] = ""
    blank_before = section.line == 0 or not lines[section.line - 1].strip()
    if blank_before and last + 1 < len(lines) and not lines[last + 1].strip():
        lines[last + 1] = ""


def _rename(scanned: Scan, lines: list[str], edit: RenameSection) -> None:
    _demand_new(scanned, edit.name)
    for section in _sections(scanned, edit.profile):
        line = lines[section.line]
        before, _, rest = line.partition("[")
        lines[section.line] = f"{before}[{edit.name}{rest[len(section.name) :]}"


def _add(scanned: Scan, lines: list[str], edit: AddProfile) -> None:
    _demand_new(scanned, edit.profile)
    newline = _ending(lines[-1] if lines else "") or _newline(lines)
    added = [f"[{edit.profile}]", *(f"{name}={_one_line(name, value)}" for name, value in edit.fields.items())]
    if lines and not _ending(lines[-1]):
        lines[-1] += newline
    if lines and lines[-1].strip():
        lines.append(newline)
    lines += [f"{line}{newline}" for line in added]


def _demand_new(scanned: Scan, name: str) -> None:
    if not _PROFILE.fullmatch(name) or name in {".", ".."}:
        raise UsageError(f"[{name}] is no name for a profile", hint="letters, digits and . _ - @")
    if any(readable(section.name).casefold() == name.casefold() for section in scanned.sections):
        raise UsageError(f"the file has a profile [{name}] already")


def _ending(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def _newline(lines: list[str]) -> str:
    """That of the file: of the first line that has one."""
    return next((_ending(line) for line in lines if _ending(line)), "\n")


def _verify(before: Scan, after: Scan, edit: Edit) -> None:
    expected = before.values()
    match edit:
        case AddProfile():
            expected[edit.profile] = {name.lower(): _one_line(name, value) for name, value in edit.fields.items()}
        case SetField():
            section = expected[_sections(before, edit.profile)[-1].name]
            section.pop(edit.name.lower(), None)
            if edit.value is not None:
                section[edit.name.lower()] = _one_line(edit.name, edit.value)
        case RemoveProfile():
            expected.pop(_sections(before, edit.profile)[0].name)
        case RenameSection():
            expected[edit.name] = expected.pop(_sections(before, edit.profile)[0].name)
        case StripBom():
            pass
    if after.values() != expected or len(after.stray) > len(before.stray) or len(after.headless) > len(before.headless):
        raise UsageError("the edit would change other lines as well", hint="lines are indented oddly: edit it by hand")
