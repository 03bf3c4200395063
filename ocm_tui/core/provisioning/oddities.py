"""What was strange in a long list, as a few sentences: one for each kind, however often it was met."""

from typing import Final

from ocm_tui.core.text import clean

__all__ = ["Oddities"]

_MOST_NAMED: Final = 5
_LONGEST_ID: Final = 120


class Oddities:
    """`add` counts; `sentences` name the first few clients of each kind, and how many more there are."""

    def __init__(self) -> None:
        self._met: dict[str, list[str]] = {}
        self._counts: dict[str, int] = {}

    def add(self, kind: str, client_id: str = "") -> None:
        named = self._met.setdefault(kind, [])
        if client_id and len(named) < _MOST_NAMED:
            named.append(clean(client_id, _LONGEST_ID))
        self._counts[kind] = self._counts.get(kind, 0) + 1

    def sentences(self) -> list[str]:
        return [self._sentence(kind, named, self._counts[kind]) for kind, named in self._met.items()]

    def _sentence(self, kind: str, named: list[str], count: int) -> str:
        if not named:
            return kind if count == 1 else f"{kind} ({count} times)"
        more = f" and {count - len(named)} more" if count > len(named) else ""
        return f"{kind}: {', '.join(named)}{more}"
