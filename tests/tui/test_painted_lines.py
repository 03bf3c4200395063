"""A console that runs for weeks holds what it shows, not what it has shown."""

import gc
from pathlib import Path

import pytest
from textual._styles_cache import StylesCache

from ocm_tui.tui.painted_lines import let_go_of_painted_lines
from tests.tui.support import Console, console

_OPENED = 12


def _painted_widgets() -> int:
    gc.collect()
    return sum(isinstance(one, StylesCache) for one in gc.get_objects())


async def _open_and_close(running: Console, key: str) -> None:
    height = len(running.app.screen_stack)
    await running.press(key)
    await running.until(lambda: len(running.app.screen_stack) > height, f"{key} opens a screen")
    await running.press("escape")
    await running.until(lambda: len(running.app.screen_stack) == height, "the screen is closed")


@pytest.mark.parametrize("key", ["question_mark", "ctrl+p", "n"])
async def test_a_closed_screen_is_not_kept(tmp_path: Path, key: str) -> None:
    async with console(tmp_path) as running:
        await _open_and_close(running, key)
        before = _painted_widgets()
        for _ in range(_OPENED):
            await _open_and_close(running, key)
        assert _painted_widgets() - before < _OPENED  # less than one widget each time


def test_it_is_done_once_and_only_where_there_is_such_a_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go_of_painted_lines()
    method = vars(StylesCache)["get_inner_outer"]
    let_go_of_painted_lines()
    assert vars(StylesCache)["get_inner_outer"] is method

    def plain(self: StylesCache) -> None: ...

    monkeypatch.setattr(StylesCache, "get_inner_outer", plain)
    let_go_of_painted_lines()
    assert vars(StylesCache)["get_inner_outer"] is plain
