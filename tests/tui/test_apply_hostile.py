"""The Apply screen with texts that others wrote, and with more events than anybody can paint."""

from pathlib import Path

import pytest
from textual.message import Message

from ocm_tui.core.provisioning.model import Action, FieldDrift, SecretDeclaration
from tests.hostile.strings import NASTY, unsafe_in
from tests.tui.apply_support import (
    FakeProvisioner,
    change,
    confirmed,
    has_ended,
    planned,
    result,
    some_plan,
    summary,
)
from tests.tui.support import console

_ACTIONS: tuple[Action, ...] = ("create", "update", "delete", "blocked", "unchanged")


@pytest.mark.parametrize("size", [(60, 20), (160, 50)])
async def test_nothing_that_others_wrote_is_obeyed(tmp_path: Path, size: tuple[int, int]) -> None:
    """Ids, values, reasons, secrets, warnings, results and the journal, all of them nasty."""
    texts = [text for text in NASTY.values() if text]
    changes = [
        change(
            text,
            action,
            fields=(FieldDrift(text, [text, {text: text}], text, "both"),) if action == "update" else (),
            reasons=(text, text),
            place=f"{text}:1:2",
            secret="rotate",
            declaration=SecretDeclaration("file", argument=text, deliver=text),
        )
        for number, text in enumerate(texts)
        for action in (_ACTIONS[number % len(_ACTIONS)],)
    ]
    plan = some_plan(*changes, warnings=tuple(texts), unmanaged=tuple(texts), inventory=tuple(texts[:3]))
    provisioner = FakeProvisioner(plan)
    provisioner.endings = {text: result(text, "failed", error=text, hint=text, notes=(text,)) for text in texts}
    provisioner.journal = [(summary(run_id=texts[0], started_at=texts[1]), [], plan)]
    async with console(tmp_path, size=size) as the:
        screen, _ = await planned(the, provisioner)

        def check() -> None:
            for line in the.screen_text().split("\n"):
                assert set(unsafe_in(line)) <= {"U+FFFD"}  # what stands for a lone surrogate
            assert the.app._exception is None

        await the.press("A")
        check()
        await the.press("y")
        await the.until(lambda: has_ended(screen), "the run has ended")
        for one in plan.changes:
            screen.table.select(f":{one.client_id}")
            await the.pilot.pause()
            check()
        await the.press("enter", "right_square_bracket", "G")
        check()
        await the.press("escape", "H")
        check()
        await the.press("enter")
        await the.until(lambda: the.app.screen is screen, "the run is opened")
        check()


async def test_thousands_of_events_a_second_cost_no_messages(tmp_path: Path) -> None:
    """The model takes them; a timer paints. The queue of the screen stays as short as it was."""
    many = [change(f"client-{number:05}", "create", fields=()) for number in range(10_000)]
    async with console(tmp_path) as the:
        screen, _ = await planned(the, FakeProvisioner(some_plan(*many)))
        posted: list[object] = []
        post = screen.post_message

        def counted(message: Message) -> bool:
            posted.append(message)
            return post(message)

        screen.post_message = counted  # type: ignore[method-assign]
        await confirmed(the)
        await the.until_text("10,000 succeeded")
        assert len(posted) < 500
        assert screen.table.selected_key == ":client-00000"
