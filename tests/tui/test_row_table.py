"""The table that paints only what is on screen."""

from collections.abc import Sequence

from textual.app import App, ComposeResult

from ocm_tui.tui.theme import register_themes
from ocm_tui.tui.widgets.row_table import Cell, Column, RowTable


class Numbers:
    """Rows named by number; remembers which were painted."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        self.painted: set[int] = set()

    def __len__(self) -> int:
        return len(self.names)

    def key(self, position: int) -> str:
        return self.names[position]

    def position(self, key: str) -> int | None:
        return self.names.index(key) if key in self.names else None

    def cells(self, position: int) -> Sequence[Cell]:
        self.painted.add(position)
        return (Cell(self.names[position]), Cell("é" * 40, "warn"), Cell("7", "dim"))


class TableApp(App[None]):
    def __init__(self, rows: Numbers) -> None:
        super().__init__()
        self.rows = rows
        self.highlighted: list[str | None] = []
        self.chosen: list[str] = []
        self.theme = register_themes(self, None)

    def compose(self) -> ComposeResult:
        yield RowTable([Column("Name", 8, share=1), Column("Wide", 10), Column("N", 3, "right", needs=30)], self.rows)

    def on_row_table_highlighted(self, event: RowTable.Highlighted) -> None:
        self.highlighted.append(event.key)

    def on_row_table_chosen(self, event: RowTable.Chosen) -> None:
        self.chosen.append(event.key)


async def test_only_the_viewport_is_asked_for() -> None:
    rows = Numbers([f"row-{n}" for n in range(100_000)])
    app = TableApp(rows)
    async with app.run_test(size=(40, 12)) as pilot:
        table = app.query_one(RowTable)
        table.rows_changed()
        await pilot.pause()
        assert len(rows.painted) < 30
        await pilot.press("G")
        assert table.selected_key == "row-99999"
        assert max(rows.painted) == 99_999
        assert len(rows.painted) < 60
        await pilot.press("g", "j", "j", "k")
        assert table.selected_key == "row-1"


async def test_the_cursor_stays_on_its_row() -> None:
    rows = Numbers(["a", "b", "c", "d"])
    app = TableApp(rows)
    async with app.run_test(size=(40, 12)) as pilot:
        table = app.query_one(RowTable)
        table.rows_changed()
        assert table.select("c")
        rows.names = ["x", "a", "c", "d"]
        table.rows_changed()
        assert (table.selected_key, table.cursor) == ("c", 2)
        rows.names = ["x", "a", "d"]
        table.rows_changed()
        assert table.selected_key == "d"
        rows.names = []
        table.rows_changed()
        await pilot.pause()
        assert app.highlighted[-1] is None
        assert not table.select("c")


async def test_lines_are_exactly_as_wide_as_the_table() -> None:
    app = TableApp(Numbers(["плюс-漢字-name" * 4, "short", ""]))
    for width in (12, 29, 30, 60):
        async with app.run_test(size=(width, 8)) as pilot:
            table = app.query_one(RowTable)
            table.rows_changed()
            await pilot.pause()
            assert {table.render_line(y).cell_length for y in range(6)} == {table.size.width}
        app = TableApp(app.rows)


async def test_a_second_click_chooses() -> None:
    app = TableApp(Numbers(["a", "b", "c"]))
    async with app.run_test(size=(40, 12)) as pilot:
        table = app.query_one(RowTable)
        table.rows_changed()
        await pilot.click(RowTable, offset=(2, 2))
        assert table.selected_key == "b"
        await pilot.click(RowTable, offset=(2, 2))
        await pilot.pause()
        assert app.chosen == ["b"]
