"""What must not be shown although no field of that name announces it: a key, a token or a fingerprint that stands in
the wrong place, and the sensitive field of an indented line that is glued to the value above it."""

import re
from collections.abc import Sequence
from typing import Final

from ocm_tui.core.exchanges.shapes import shape_spans
from ocm_tui.core.exchanges.spans import rewrite
from ocm_tui.core.oci.scanner import Entry, Section
from ocm_tui.core.oci.schemas import SENSITIVE, as_secret
from ocm_tui.core.secret import MASK

__all__ = ["concealed", "in_key_block", "is_key_material", "real_entries"]

_GLUED: Final = re.compile(rf"(?P<start>(?P<name>{'|'.join(SENSITIVE)})[ \t]*[=:][ \t]*)(?P<value>\S.*)", re.IGNORECASE)
_FINGERPRINT: Final = re.compile(r"(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{2}:){15,}[0-9A-Fa-f]{2}(?![0-9A-Fa-f])")
_ENCODED: Final = re.compile(r"[A-Za-z0-9+/_-]{48,}")  # a line of a key has 64
_DIGIT: Final = re.compile("[0-9]")
_LOWERED: Final = re.compile(r"[a-z0-9+/]{40,}")  # the same as the name of a field: configparser lowers those
_BEGIN: Final = "-----BEGIN"
_BODY: Final = re.compile(r"\s*(?:[A-Za-z0-9+/]{1,76}={0,2}|(?:Proc-Type|DEK-Info):.*|-----END.*)?\s*")


def concealed(text: str) -> str:
    """`text` with `***` for each of these. What is glued is known as a secret from then on.

    For values: the run of an encoded key hides all of the text, because shorter lines of it stand beside.
    """
    if len(text) < 10:
        return text
    if any(_is_encoded(run) for run in _ENCODED.findall(text)):
        return MASK
    if any(name in text.lower() for name in SENSITIVE):
        text = _GLUED.sub(_mask, text)
    if text.count(":") >= 15:
        text = _FINGERPRINT.sub(MASK, text)
    spans = shape_spans(text)
    return rewrite(text, spans, lambda _: MASK, len(text)) if spans else text


def is_key_material(name: str) -> bool:
    """Whether the name of a field is a line of a key: their padding is a delimiter."""
    return _LOWERED.search(name) is not None


def in_key_block(lines: Sequence[str]) -> frozenset[int]:
    """The indexes of lines from `-----BEGIN` on, for as long as they are what a key consists of."""
    found: set[int] = set()
    for index, line in enumerate(lines):
        if _BEGIN in line or (index - 1 in found and "-----END" not in lines[index - 1] and _BODY.fullmatch(line)):
            found.add(index)
    return frozenset(found)


def real_entries(section: Section, in_key: frozenset[int]) -> list[Entry]:
    """Without lines of a key that configparser takes for fields, because their padding looks like one."""
    return [
        entry
        for entry in section.entries
        if not (is_key_material(entry.name) or {entry.lines[0], entry.lines[0] - 1} <= in_key)
    ]


def _mask(match: re.Match[str]) -> str:
    as_secret(match["name"].lower(), match["value"])
    return f"{match['start']}{MASK}"


def _is_encoded(run: str) -> bool:
    """Letters of both cases and digits: an OCID or a word has no more than two of them."""
    return _DIGIT.search(run) is not None and not run.islower() and not run.isupper()
