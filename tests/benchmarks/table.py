"""The rows of the benchmark table, and how it is printed."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Row", "interleaved", "print_table", "quantile"]


@dataclass(frozen=True, slots=True)
class Row:
    """`ours` and `reference` are in `unit`; the limit is on `ours / reference`, or on `ours` where there is none."""

    name: str
    ours: float
    reference: float | None
    limit: float
    unit: str
    reference_name: str = ""
    note: str = ""

    @property
    def figure(self) -> float:
        return self.ours / self.reference if self.reference else self.ours

    @property
    def held(self) -> bool:
        return self.figure <= self.limit


def interleaved(rounds: int, *measures: Callable[[], float]) -> list[float]:
    """The median of each measure; they take turns, so that a slow moment of the machine hits all of them."""
    samples: list[list[float]] = [[] for _ in measures]
    for number in range(rounds):
        order = range(len(measures)) if number % 2 == 0 else reversed(range(len(measures)))
        for index in order:
            samples[index].append(measures[index]())
    return [statistics.median(sample) for sample in samples]


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie, the nearest one at hand."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def print_table(rows: Sequence[Row]) -> None:
    head = ("measure", "ours", "reference", "figure", "limit", "", "note")
    lines = [head]
    for row in rows:
        reference = f"{row.reference:.1f} {row.unit}  {row.reference_name}" if row.reference is not None else "–"
        mark = "×" if row.reference is not None else row.unit
        lines.append(
            (
                row.name,
                f"{row.ours:.1f} {row.unit}",
                reference,
                f"{row.figure:.2f} {mark}",
                f"≤ {row.limit:g} {mark}",
                "held" if row.held else "MISSED",
                row.note,
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())  # noqa: T201
