"""Toasts never stand on the keys, nor twice; and a question that was answered wrongly keeps its keys."""

from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest
from textual.content import Content
from textual.screen import Screen
from textual.widgets._toast import Toast

from ocm_tui.tui.app import OcmApp
from ocm_tui.tui.screens.client_form import ClientForm
from ocm_tui.tui.screens.dialog import ConfirmScreen
from tests.tui.support import Console, console
from tests.tui.test_client_edits import in_conflict

SIZES = [(60, 20), (80, 24), (160, 50)]


@pytest.fixture(autouse=True)
def toasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal Textual leaves them out, unless it is asked for them."""
    monkeypatch.setattr(OcmApp, "run_test", partialmethod(OcmApp.run_test, notifications=True))


def shown_toasts(screen: Screen[Any]) -> list[Toast]:
    return [
        toast
        for toast in screen.query(Toast)
        if toast.region.area and all(one.display for one in toast.ancestors_with_self)
    ]


async def toast_on(the: Console, words: str) -> Toast:
    the.app.announce(words)
    await the.until(lambda: shown_toasts(the.app.screen), "the toast")
    return shown_toasts(the.app.screen)[-1]


@pytest.mark.parametrize("size", SIZES)
async def test_over_a_box_toasts_stand_at_the_top(tmp_path: Path, size: tuple[int, int]) -> None:
    async with console(tmp_path, size=size) as the:
        await toast_on(the, "Said before the question.")
        text = Content("\n".join(f"line {number}" for number in range(60)))
        the.app.push_screen(ConfirmScreen("Sure?", text, verb="do it"))
        await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the question")
        toast = await toast_on(the, "Something was said meanwhile, and it was said in more words than one line holds.")
        await the.until(lambda: toast.region.y < size[1] // 2, "at the top")
        keys = the.app.screen.query_one("#dialog-hint")
        assert not any(one.region.overlaps(keys.region) for one in shown_toasts(the.app.screen))
        assert "y  do it    esc  cancel" in the.screen_text()
        assert not shown_toasts(the.clients), "not a second time behind the box"
        await the.press("escape")
        await the.until(lambda: shown_toasts(the.clients), "it is back with its screen")


@pytest.mark.parametrize("size", SIZES)
async def test_over_a_form_toasts_stand_above_the_keys(tmp_path: Path, size: tuple[int, int]) -> None:
    async with console(tmp_path, size=size) as the:
        await the.press("n")
        await the.until(lambda: isinstance(the.app.screen, ClientForm), "the form")
        toast = await toast_on(the, "Nothing is changed.")
        await the.until(lambda: toast.region.bottom == size[1] - 1, "right above the footer")
        assert "esc Back" in the.screen_text().splitlines()[-1]


async def test_a_wrong_answer_keeps_the_keys_in_sight(tmp_path: Path) -> None:
    async with console(tmp_path, size=(80, 24), protected=True, wait_for_list=False) as the:
        await the.until(lambda: the.app.connection.as_of is not None, "the list has arrived")
        await the.press("U", *"tset", "enter")
        await the.until_text("That is not the same text; nothing was done.")
        assert "type test and ⏎ to unlock it · esc cancels" in the.screen_text()
        assert the.session.policy.why_not() is not None
        await the.press(*("backspace",) * 4, *"test", "enter")
        await the.until(lambda: the.session.policy.why_not() is None, "unlocked")


async def test_what_the_conflict_says_itself_is_no_toast(tmp_path: Path) -> None:
    async with console(tmp_path, size=(80, 24)) as the:
        await in_conflict(the)
        await the.press("ctrl+s")
        assert "1 field is undecided" in the.screen_text()
        assert "undecided" in the.app.notices[-1].text, "it can be read again"
        assert not shown_toasts(the.app.screen)
