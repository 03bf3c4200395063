"""Finding the secrets that this process holds, wherever they turn up, however many there are."""

import re
import struct
from collections.abc import Iterable, Iterator
from typing import Final, Literal

from ocm_tui.core.exchanges.spans import Span
from ocm_tui.core.secret import KnownSecrets

__all__ = ["KnownMatcher"]

# Up to here it is cheaper to search for each form than to keep an index.
_FEW: Final = 48
_SHORTEST: Final = 6
_LONG: Final = 15  # bytes: whatever the offset of such a form, eight of them are met whole at a multiple of eight
_ENTITIES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ALL_ENTITIES: Final = _ENTITIES | str.maketrans({'"': "&quot;", "'": "&#x27;"})
_TRIED: Final = 4  # windows at each end of a form: one beginning may be that of many


class KnownMatcher:
    """Spans of known secrets in a text.

    With many secrets an index decides first whether a text can hold one at all: of few windows when all that is looked
    for is long, as generated secrets are.
    """

    def __init__(self, secrets: KnownSecrets) -> None:
        self._secrets = secrets
        self._generation = -1
        self._taken = 0
        self._values: dict[str, str] = {}
        self._long, self._short = _Index("Q", width=8, step=8), _Index("I", width=4, step=2)
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
        data = memoryview(text.encode("utf-8", "surrogatepass"))
        return {*self._long.forms_in(text, data), *self._short.forms_in(text, data)}

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
        (self._long if len(data) >= _LONG else self._short).enter(form, data)


class _Index:
    """Forms by some of their windows of `width` bytes: one for each remainder that its offset can have by `step`.

    The windows of a text at multiples of `step` are looked up. Whatever the offset of a form in the text, one of its
    windows is met, if it has `width + step - 1` bytes.
    """

    def __init__(self, code: Literal["I", "Q"], *, width: int, step: int) -> None:
        self._code: Final = code
        self._width, self._step = width, step
        self._unpack = struct.Struct(f"={code}").unpack_from
        self._few: list[str] = []  # of them; each is looked for then
        self._windows: dict[int, tuple[str, ...]] = {}

    def enter(self, form: str, data: bytes) -> None:
        if len(self._few) <= _FEW:
            self._few.append(form)
        last = len(data) - self._width
        for offset in range(last - self._step + 1, last + 1):
            window: int = self._unpack(data, offset)[0]
            if window in self._windows:  # as when many have the same end
                offsets = range(offset, -1, -self._step)
                window = self._rarest(data, (*offsets[:_TRIED], *offsets[-_TRIED:]))
            self._windows[window] = (*self._windows.get(window, ()), form)

    def _rarest(self, data: bytes, offsets: Iterable[int]) -> int:
        windows: list[int] = [self._unpack(data, offset)[0] for offset in offsets]
        return min(windows, key=lambda window: len(self._windows.get(window, ())))

    def forms_in(self, text: str, data: memoryview) -> Iterator[str]:
        """`data` is the text in UTF-8."""
        if len(self._few) <= _FEW:
            yield from (form for form in self._few if form in text)
            return
        for offset in range(0, self._width, self._step):
            windows = data[offset : offset + (len(data) - offset) // self._width * self._width].cast(self._code)
            if not self._windows.keys().isdisjoint(windows):
                for window in self._windows.keys() & set(windows):
                    yield from (form for form in self._windows[window] if form in text)


def _variants(form: str) -> set[str]:
    """The spellings that other encoders choose: small hex digits, escaped slashes and signs, HTML entities."""
    if form.isalnum():
        return {form}
    variants = {form, form.replace("/", "\\/"), form.translate(_ENTITIES), form.translate(_ALL_ENTITIES)}
    if "%" in form:
        variants.add(re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), form))
    if "\\u" in form:
        variants.add(re.sub(r"\\u[0-9a-f]{4}", lambda match: "\\u" + match[0][2:].upper(), form))
    if any(sign in form for sign in "&<>='"):
        variants.add(re.sub("[&<>=']", lambda match: f"\\u{ord(match[0]):04x}", form))
    return variants
