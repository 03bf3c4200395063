"""What an edit changes, as a unified diff that may be shown: sensitive values are `***`, whether they change or not."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from ocm_tui.core.exchanges.names import is_secret_name
from ocm_tui.core.oci.edits import PlannedEdit
from ocm_tui.core.oci.scanner import Scan, readable, scan, to_text
from ocm_tui.core.oci.schemas import SENSITIVE
from ocm_tui.core.oci.secrecy import concealed, in_key_block, is_key_material
from ocm_tui.core.secret import MASK, known_secrets
from ocm_tui.core.text import clean

__all__ = ["masked_diff"]

_CONTEXT: Final = 3
_SWITCHED_OFF: Final = re.compile(r"(?P<start>\s*[#;][\s#;]*(?P<name>[\w-]+)\s*[=:]\s*)")
_START: Final = re.compile(r"\s*[^=:]*[=:][ \t]*")


def masked_diff(plan: PlannedEdit, name: str = "config") -> tuple[str, ...]:
    """Lines without endings, clean. A line whose hidden value changes is there with - and with +."""
    old, new = scan(to_text(plan.old)), scan(to_text(plan.new))
    if not plan.changes:
        return ()
    lines = [f"--- {clean(name)}", f"+++ {clean(name)}", *_hunks(old, new)]
    if old.bom and not new.bom:
        lines.insert(2, "-(a byte order mark before the first line)")
    return tuple(lines)


def _hunks(old: Scan, new: Scan) -> Iterator[str]:
    before, after = old.lines, new.lines
    same = _common(before, after)
    end = _common(before[same:][::-1], after[same:][::-1])
    head = max(same - _CONTEXT, 0)
    tail = max(end - _CONTEXT, 0)
    shown_old, shown_new = _masked(old), _masked(new)
    matcher = SequenceMatcher(None, before[head : len(before) - tail], after[head : len(after) - tail], autojunk=False)
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        (_, i1, _, j1, _), (_, _, i2, _, j2) = group[0], group[-1]
        yield f"@@ -{_range(head + i1, head + i2)} +{_range(head + j1, head + j2)} @@"
        for tag, a1, a2, b1, b2 in group:
            if tag == "equal":
                yield from (f" {line}" for line in shown_old[head + a1 : head + a2])
                continue
            yield from (f"-{line}" for line in shown_old[head + a1 : head + a2])
            yield from (f"+{line}" for line in shown_new[head + b1 : head + b2])


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines the two have in common from the start."""
    for count, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return count
    return min(len(one), len(other))


def _range(start: int, end: int) -> str:
    length = end - start
    return f"{start + 1 if length else start}" + ("" if length == 1 else f",{length}")


def _masked(scanned: Scan) -> list[str]:
    """As they may be shown. A comment may hold a field that was switched off, an odd line anything."""
    lines = list(scanned.lines)
    for section in scanned.sections:
        for entry in section.entries:
            value = readable(entry.value)
            if is_key_material(entry.name):
                lines[entry.lines[0]] = MASK
            elif entry.name in SENSITIVE or is_secret_name(entry.name) or concealed(value) == MASK:
                start = _START.match(lines[entry.lines[0]])
                lines[entry.lines[0]] = f"{start[0] if start is not None else ''}{MASK}"
                for index in entry.lines[1:]:
                    lines[index] = MASK
    for index in (*scanned.stray, *scanned.headless, *in_key_block(scanned.lines)):
        lines[index] = MASK
    return [_shown(line) for line in lines]


def _shown(line: str) -> str:
    text = readable(line.rstrip("\r\n"))
    field = _SWITCHED_OFF.match(text)
    if field is not None and (field["name"].lower() in SENSITIVE or is_secret_name(field["name"])):
        text = f"{field['start']}{MASK}"
    return known_secrets.scrub(clean(concealed(text)))
