"""Lines to read: rows, folds and searches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ocm_tui.tui.models.text_lines import Line, LinesView, line, words

BLOCK = [
    Line((("{", ""),), hides=5, folded=((" … 2 }", "dim"),)),
    Line((('  "a": [', ""),), hides=2, folded=((" … 1 ]", "dim"),)),
    line("    1"),
    line("  ],"),
    line('  "b": 2'),
    line("}"),
]


def texts(view: LinesView) -> list[str]:
    return [view.shown(row.line).text[row.start : row.end] for row in view.rows]


def test_folding_hides_exactly_the_block_and_shows_how_much() -> None:
    view = LinesView(BLOCK)
    view.fold(1, True)
    assert texts(view) == ["{", '  "a": [ … 1 ]', '  "b": 2', "}"]
    view.fold(0, True)
    assert texts(view) == ["{ … 2 }"]
    view.fold(0, False)
    assert texts(view) == ["{", '  "a": [ … 1 ]', '  "b": 2', "}"]
    view.unfold_all()
    assert len(view.rows) == len(BLOCK)


def test_fold_all_keeps_the_outermost_block_open() -> None:
    view = LinesView(BLOCK)
    view.fold_all()
    assert texts(view) == ["{", '  "a": [ … 1 ]', '  "b": 2', "}"]


@pytest.mark.parametrize(("at", "block"), [(0, 0), (2, 1), (3, 1), (4, 0), (5, 0)])
def test_the_block_around_a_line(at: int, block: int) -> None:
    assert LinesView(BLOCK).around(at) == block


def test_a_search_finds_whatever_the_case_and_opens_what_hides_it() -> None:
    view = LinesView([*BLOCK, line("Orders"), line("orders-api")])
    view.fold_all()
    view.search("ORDERS")
    assert view.matches == [6, 7]
    view.search("1")
    assert view.matches == [2]
    row = view.reveal(2)
    assert texts(view)[row] == "    1"
    view.search("")
    assert view.matches == []


def test_prose_breaks_between_words_and_everything_else_where_the_row_ends() -> None:
    prose = LinesView([words("names a scope that is not there", hang=2)], 16)
    assert texts(prose) == ["names a scope ", "that is not ", "there"]
    assert texts(LinesView([line("abcdefghijklmnop")], 10)) == ["abcdefghij", "klmnop"]


@given(st.text(max_size=300), st.integers(8, 40), st.booleans(), st.integers(0, 30))
def test_rows_fit_and_lose_nothing_but_blanks(text: str, width: int, prose: bool, hang: int) -> None:
    view = LinesView([Line(((text, ""),), hang=hang, prose=prose)], width)
    pieces = texts(view)
    joined = "".join(pieces)
    assert joined.replace(" ", "") == text.replace(" ", "")
    assert prose or joined == text
    for number, piece in enumerate(pieces):
        assert cell_len(piece) <= (width if not number else max(width - hang, 8)) or len(piece) == 1
