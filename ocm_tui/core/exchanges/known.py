"""Finding the secrets that this process holds, wherever they turn up, however many there are."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from ocm_tui.core.exchanges.spans import Span
from ocm_tui.core.secret import KnownSecrets

__all__ = ["KnownMatcher"]

# Up to here it is cheaper to search for each form than to keep an index.
_FEW: Final = 48
_SHORTEST: Final = 6
_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ALL_ENTITIES: Final = _ENTITIES | str.maketrans({'"': "&quot;", "'": "&#x27;"})
_EDGE: Final = 24  # windows are taken from this many bytes at both ends of a form


class KnownMatcher:
    """Spans of known secrets in a text.

    With many secrets an index decides first whether a text can hold one at all: each form is entered under two of its
    4-byte windows, one at an even and one at an odd offset, and the windows of a text at even offsets are looked up
    in it. Whatever the offset of a form in the text, one of its two windows is met.
    """

    def __init__(self, secrets: KnownSecrets) -> None:
        self._secrets = secrets
        self._generation = -1
        self._taken = 0
        self._values: dict[str, str] = {}
        self._windows: dict[int, list[str]] = {}
        self._beginnings: dict[str, list[str]] = {}
        self._longest = 0

    @property
    def longest(self) -> int:
        """Characters of the longest form."""
        self.refresh()
        return self._longest

    def value(self, form: str) -> str:
        """The secret behind one of its forms; the text itself when it is none."""
        self.refresh()
        return self._values.get(form, form)

    def forms_in(self, text: str) -> list[str]:
        """The forms of known secrets that the text holds."""
        self.refresh()
        return list(self._candidates(text))

    def spans(self, text: str) -> Iterator[Span]:
        self.refresh()
        for form in self._candidates(text):
            position = text.find(form)
            while position >= 0:
                yield Span(position, position + len(form), self._values[form])
                position = text.find(form, position + 1)

    def cut_spans(self, text: str) -> Iterator[Span]:
        """The beginning of a known secret at the very end of a text that was cut."""
        self.refresh()
        for position in range(max(len(text) - self._longest, 0), len(text) - _SHORTEST + 1):
            for form in self._beginnings.get(text[position : position + _SHORTEST], ()):
                if form.startswith(text[position:]):
                    yield Span(position, len(text), self._values[form])
                    return

    def _candidates(self, text: str) -> Iterable[str]:
        if len(self._values) <= _FEW:
            return [form for form in self._values if form in text]
        data = text.encode("utf-8", "surrogatepass")
        found: set[str] = set()
        for offset in (0, 2):
            windows = memoryview(data)[offset : offset + (len(data) - offset) // 4 * 4].cast("I")
            if not self._windows.keys().isdisjoint(windows):
                hits = self._windows.keys() & set(windows)
                found.update(chain.from_iterable(self._windows[window] for window in hits))
        return [form for form in found if form in text]

    def refresh(self) -> int:
        """Take in what is new; returns the generation, which changes with every secret that comes."""
        if self._generation != self._secrets.generation:
            self._generation = self._secrets.generation
            added = self._secrets.added_after(self._taken)
            self._taken += len(added)
            for form, value in added:
                for variant in _variants(form):
                    if len(variant) >= _SHORTEST and variant not in self._values:
                        self._enter(variant, value)
        return self._generation

    def _enter(self, form: str, value: str) -> None:
        self._values[form] = value
        self._longest = max(self._longest, len(form))
        self._beginnings.setdefault(form[:_SHORTEST], []).append(form)
        data = form.encode("utf-8", "surrogatepass")
        for parity in (0, 1):
            last = len(data) - 4
            offsets = {*range(parity, min(last, _EDGE) + 1, 2), *range(_far(last, parity), last + 1, 2)}
            windows = (memoryview(data[offset : offset + 4]).cast("I")[0] for offset in offsets)
            rarest = min(windows, key=lambda window: len(self._windows.get(window, ())))
            self._windows.setdefault(rarest, []).append(form)


def _far(last: int, parity: int) -> int:
    """The first offset of the wanted parity near the end."""
    far = max(last - _EDGE, 0)
    return far + (far + parity) % 2


def _variants(form: str) -> set[str]:
    """The spellings that other encoders choose: small hex digits, escaped slashes and signs, HTML entities."""
    variants = {form, form.replace("/", "\\/"), form.translate(_ENTITIES), form.translate(_ALL_ENTITIES)}
    if "%" in form:
        variants.add(re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), form))
    if "\\u" in form:
        variants.add(re.sub(r"\\u[0-9a-f]{4}", lambda match: "\\u" + match[0][2:].upper(), form))
    if any(sign in form for sign in "&<>='"):
        variants.add(re.sub("[&<>=']", lambda match: f"\\u{ord(match[0]):04x}", form))
    return variants
