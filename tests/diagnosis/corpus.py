"""Failures of every kind, with the finding that is right. The exchanges are real: recorded from loopback.

The simulator's error ids and sentences are its own; nothing here depends on them, and `test_corpus` proves that by
garbling them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from ocm_tui.core.exchanges.model import Exchange
from tests.diagnosis.bench import Bench

__all__ = ["ANY_FIELD", "SAMPLES", "Sample", "sample"]

ANY_FIELD = "*"

Make = Callable[[Bench], Awaitable[Exchange]]


@dataclass(frozen=True)
class Sample:
    """`code` and `field_path` of the first finding; `says` are words of its title or suggestion.

    `alone` is the code when nothing but the exchange is known, where that is another one.
    """

    name: str
    code: str
    make: Make
    field_path: str | None = None
    says: tuple[str, ...] = ()
    alone: str = ""
    fix: Any = None
    faults: str = ""

    @property
    def expected_alone(self) -> str:
        return self.alone or self.code


SAMPLES: list[Sample] = []


def sample(
    code: str, field_path: str | None = None, *says: str, alone: str = "", fix: Any = None, faults: str = ""
) -> Callable[[Make], Make]:
    """Registers the decorated function under its name."""

    def register(make: Make) -> Make:
        name = make.__name__.removeprefix("_")
        SAMPLES.append(Sample(name, code, make, field_path, says, alone, fix, faults))
        return make

    return register
