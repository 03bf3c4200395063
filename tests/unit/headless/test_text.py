from ocm_tui.headless.formats.text import RED, table, width_of


def test_columns_are_aligned_by_what_a_terminal_shows() -> None:
    text = table(("A", "Count"), [("日本", "1"), ("e\u0301x", "22"), ("plain", "333")], right=(1,))
    assert [width_of(line) for line in text.splitlines()] == [12, 12, 12, 12]
    assert text.splitlines()[1] == "日本       1"


def test_paint_goes_around_the_first_cell_only() -> None:
    assert table(("A", "B"), [("x", "y")], paints=[RED], color=True).splitlines()[1] == "\x1b[31mx\x1b[0m  y"
    assert table(("A", "B"), [("x", "y")], paints=[RED]).splitlines()[1] == "x  y"


def test_no_blanks_at_line_ends() -> None:
    assert table(("A", "B"), [("x", "")]).splitlines()[1] == "x"
