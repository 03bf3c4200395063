"""Two values beside each other."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ocm_tui.tui.side_by_side import side_by_side
from tests.hostile.strings import NASTY, unsafe_in


def lines(before: Any, after: Any, width: int = 41) -> list[tuple[str, str]]:
    return [tuple(line.plain.split("│", 1)) for line in side_by_side(before, after, width)]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, "new", [("–", "+ new")]),
        ("old", None, [("- old", "–")]),
        (True, False, [("- yes", "+ no")]),
        (["a", "b"], ["b", "c"], [("b", "b"), ("- a", "+ c")]),
        (["a"], None, [("- a", "–")]),
        (None, ["a", "b"], [("–", "+ a"), ("–", "+ b")]),
        (["a", "b"], ["b", "a"], [("- a", "+ b"), ("- b", "+ a")]),
        ({"values": ["x"]}, {"values": ["x", "y"]}, [("x", "x"), ("–", "+ y")]),
        ({"id": "jwt"}, {"id": "opaque"}, [("- jwt", "+ opaque")]),
    ],
)
def test_what_stands_where(before: Any, after: Any, expected: list[tuple[str, str]]) -> None:
    assert [(left.strip(), right.strip()) for left, right in lines(before, after)] == expected


def test_what_is_too_long_goes_on_below() -> None:
    shown = lines("a" * 45, "b", 41)
    assert len(shown) == 3
    assert "".join(left.strip() for left, _ in shown) == "- " + "a" * 45


def test_a_very_long_list_is_cut_and_says_so() -> None:
    shown = side_by_side([], [f"https://{n}.example.com" for n in range(1000)], 60)
    assert len(shown) == 101
    assert "900 more" in shown[-1].plain


@given(st.sampled_from(sorted(NASTY)), st.sampled_from(sorted(NASTY)), st.integers(5, 90))
def test_every_line_fits_and_is_safe(one: str, other: str, width: int) -> None:
    for line in side_by_side([NASTY[one], "日本語" * 20], {"a": NASTY[other]}, width):
        assert set(unsafe_in(line.plain)) <= {"U+FFFD"}  # what stands for a lone surrogate
        assert cell_len(line.plain) <= max(width, 20) + 1
