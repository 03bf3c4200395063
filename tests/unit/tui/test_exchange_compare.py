"""Two exchanges against each other: the same difference in one column and in two."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ocm_tui.core.exchanges.model import Exchange, Message
from ocm_tui.tui.exchange_compare import compared, is_difference
from ocm_tui.tui.models.text_lines import Line
from ocm_tui.tui.side_by_side import RULE
from tests.hostile.strings import NASTY, unsafe_in
from tests.unit.core.exchanges.examples import exchange

WIDTH = 120


def with_body(body: Any, number: int = 1, headers: tuple[tuple[str, str], ...] = ()) -> Exchange:
    text = body if isinstance(body, str) else json.dumps(body)
    return replace(exchange(number), response=Message(headers, text, len(text)))


def halves(lines: list[Line]) -> list[tuple[str, str]]:
    return [(left.rstrip(), right.rstrip()) for one in lines if RULE in one.text for left, right in [split(one.text)]]


def split(text: str) -> tuple[str, str]:
    left, _, right = text.partition(RULE)
    return left, right


BEFORE = {"name": "orders", "description": "before it went wrong", "scopes": ["openid"]}
AFTER = {"name": "orders", "scopes": ["openid", "orders:raed"]}


def test_what_belongs_together_is_in_one_line() -> None:
    one = with_body({"a": 1, "c": 3}, headers=(("Date", "now"), ("X-Old", "1"), ("Zone", "a")))
    other = with_body({"a": 2, "b": 9, "c": 3}, 2, headers=(("Date", "later"), ("Zone", "b")))
    rows = halves(compared(one, other).columns(WIDTH))
    assert ("- date: now", "+ date: later") in rows
    assert ("- x-old: 1", "") in rows
    assert ("- zone: a", "+ zone: b") in rows
    assert ('-   "a": 1,', '+   "a": 2,') in rows
    assert ("", '+   "b": 9,') in rows
    assert ('    "c": 3', '    "c": 3') in rows, "what is the same stands on both sides"


def test_both_ways_say_the_same() -> None:
    comparison = compared(with_body(BEFORE), with_body(AFTER, 2))
    unified = [one.text for one in comparison.unified() if is_difference(one)]
    rows = halves([one for one in comparison.columns(WIDTH) if is_difference(one)])
    assert comparison.differing == len(unified)
    assert sorted(unified) == sorted(side for row in rows for side in row if side)
    assert '-   "description": "before it went wrong",' in unified
    assert '+     "orders:raed"' in unified


def test_nothing_differs() -> None:
    one = with_body(BEFORE)
    comparison = compared(one, one)
    assert comparison.differing == 0
    assert not any(map(is_difference, [*comparison.unified(), *comparison.columns(WIDTH)]))
    assert one.id in comparison.columns(WIDTH)[1].text


def test_a_long_line_goes_on_in_its_colour() -> None:
    comparison = compared(with_body("a" * 200), with_body("b", 2))
    lines = [one for one in comparison.columns(WIDTH) if is_difference(one)]
    assert "".join(split(one.text)[0][2:].rstrip() for one in lines) == "a" * 200
    assert [one.parts[0] for one in lines] == [("- ", "bad"), *[("  ", "bad")] * (len(lines) - 1)]


@given(st.sampled_from(sorted(NASTY)), st.sampled_from(sorted(NASTY)), st.integers(20, 200))
def test_columns_fit_and_are_safe(one: str, other: str, width: int) -> None:
    comparison = compared(with_body(f"{NASTY[one]}\n日本語" * 3), with_body(NASTY[other], 2))
    for found in comparison.columns(width):
        if RULE in found.text:
            assert cell_len(found.text) <= max(width, 26)
        assert set(unsafe_in(found.text)) <= {"U+FFFD"}


@pytest.mark.parametrize("lines", [6_000])
def test_what_was_not_compared_is_said(lines: int) -> None:
    one, other = ("\n".join(f"{word} {number}" for number in range(lines)) for word in ("left", "right"))
    comparison = compared(with_body(one), with_body(other, 2))
    for shown in (comparison.unified(), comparison.columns(WIDTH)):
        assert "was not compared" in "\n".join(found.text for found in shown)
