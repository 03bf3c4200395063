"""What the rows of every form have in common: which fields are shown, and where each of them stands."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Generic, TypeVar

__all__ = ["FieldView"]

F = TypeVar("F")


class FieldView(ABC, Generic[F]):
    """The fields of a form, narrowed by words and to what was changed or is not right."""

    def __init__(self, fields: Iterable[F]) -> None:
        self._fields = list(fields)
        self._view = self._fields
        self._words: tuple[str, ...] = ()
        self._changed_only = False

    @abstractmethod
    def name_of(self, field: F) -> str:
        """The key of its row."""

    @abstractmethod
    def words_of(self, field: F) -> str:
        """What words of the filter are looked for in."""

    @abstractmethod
    def is_changed(self, field: F) -> bool: ...

    @abstractmethod
    def has_problem(self, field: F) -> bool: ...

    def __len__(self) -> int:
        return len(self._view)

    def key(self, position: int) -> str:
        return self.name_of(self._view[position])

    def position(self, key: str) -> int | None:
        return next((place for place, field in enumerate(self._view) if self.name_of(field) == key), None)

    def at(self, key: str) -> F:
        return next(field for field in self._fields if self.name_of(field) == key)

    def first_problem(self) -> str | None:
        return next((self.name_of(field) for field in self._fields if self.has_problem(field)), None)

    def narrow(self, text: str) -> None:
        self._words = tuple(text.lower().split())
        self._refresh()

    def toggle_changed_only(self) -> None:
        self._changed_only = not self._changed_only
        self._refresh()

    def _refresh(self) -> None:
        self._view = [
            field
            for field in self._fields
            if all(word in self.words_of(field).lower() for word in self._words)
            and (not self._changed_only or self.is_changed(field) or self.has_problem(field))
        ]
