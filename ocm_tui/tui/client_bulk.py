"""One change for all marked clients: asked once, done with what is in flight bounded, and told client by client."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from textual.content import Content

from ocm_tui.core.clients.bulk import BulkAction, BulkResult, change_all
from ocm_tui.core.clients.model import ClientRow
from ocm_tui.core.text import clean
from ocm_tui.tui.models.bulk_rows import BulkRows
from ocm_tui.tui.screens.bulk import BulkScreen
from ocm_tui.tui.screens.choice import ChoiceScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen

if TYPE_CHECKING:
    from ocm_tui.tui.screens.clients import ClientsScreen

__all__ = ["delete_marked", "switch_marked"]

_LISTED: Final = 500  # clients that a confirmation names one by one
_NOTED: Final = 100  # failures that go to the notices one by one
_DONE: Final[dict[BulkAction, str]] = {"enable": "enabled", "disable": "disabled", "delete": "deleted"}


async def switch_marked(screen: "ClientsScreen", client_id: str | None) -> None:
    """Enable or disable: which of both is asked only when both would change something."""
    del client_id
    rows = _on_the_server(screen)
    to_enable, to_disable = [row for row in rows if not row.enabled], [row for row in rows if row.enabled]
    choice: BulkAction | None = "enable" if not to_disable else "disable" if not to_enable else None
    if choice is None:
        choices: dict[str, tuple[BulkAction, str]] = {
            "e": ("enable", f"enable {len(to_enable):,}, the others are enabled already"),
            "d": ("disable", f"disable {len(to_disable):,}, the others are disabled already"),
        }
        choice = await screen.app.push_screen_wait(ChoiceScreen(f"{len(rows):,} marked clients", choices))
    if choice is not None:
        await _change(screen, choice, to_enable if choice == "enable" else to_disable)


async def delete_marked(screen: "ClientsScreen", client_id: str | None) -> None:
    del client_id
    await _change(screen, "delete", _on_the_server(screen))


def _on_the_server(screen: "ClientsScreen") -> list[ClientRow]:
    """The marked ones, in the order of the list, hidden ones too; what is only declared has nothing to change."""
    marks = screen.table.marks
    return [row for row in screen.rows.rows if row.client_id in marks and screen.rows.is_stored(row.client_id)]


async def _change(screen: "ClientsScreen", action: BulkAction, rows: Sequence[ClientRow]) -> None:
    if not rows:
        screen.console.announce("None of the marked clients is on the server.", severity="warning")
        return
    session, connection = screen.console.session, screen.console.connection
    assert session is not None  # the actions are refused without one
    service = session.require_clients()
    what = f"{len(rows):,} client{'s' if len(rows) != 1 else ''}"
    sure = await screen.app.push_screen_wait(
        ConfirmScreen(
            f"{action.capitalize()} {what}?",
            _what_happens(screen, action, rows),
            verb=f"{action} {what}",
            typed=connection.environment if connection.protected else None,
            danger=action != "enable",
        )
    )
    if not sure:
        return

    async def change(on_result: Callable[[BulkResult], None], stop: asyncio.Event) -> list[BulkResult]:
        return await change_all(service, action, rows, on_result=on_result, stop=stop)

    title = f"{action.capitalize()} {what}"
    bulk = BulkScreen(title, BulkRows([row.client_id for row in rows]), change)
    results = await screen.app.push_screen_wait(bulk)
    _take(screen, action, results)
    wrong = bulk.rows.wrong
    for result in wrong[:_NOTED]:
        hint = f" – {result.error.hint}" if result.error is not None and result.error.hint else ""
        screen.console.note(f"{action} {clean(result.client_id, 80)}: {result.error}{hint}", severity="error")
    more = " – N shows why" if wrong else ""
    screen.console.announce(f"{title}: {bulk.summary}{more}.", severity="error" if wrong else "information")


def _take(screen: "ClientsScreen", action: BulkAction, results: Sequence[BulkResult]) -> None:
    """What went well is in the list and no longer marked; the rest stays marked for another try."""
    done = [result for result in results if result.status == "succeeded"]
    gone = [result.client_id for result in done if action == "delete"]
    screen.clients_changed([result.document for result in done if result.document is not None], gone)
    screen.table.marks -= {result.client_id for result in done}
    screen.show_state()


def _what_happens(screen: "ClientsScreen", action: BulkAction, rows: Sequence[ClientRow]) -> Content:
    lines = [Content(f"These are {_DONE[action]}, one by one:"), Content("")]
    lines += [_named(row) for row in rows[:_LISTED]]
    if len(rows) > _LISTED:
        lines.append(Content(f"  … and {len(rows) - _LISTED:,} more"))
    lines.append(Content(""))
    if hidden := sum(screen.rows.position(row.client_id) is None for row in rows):
        lines.append(Content.styled(f"▲ {hidden:,} of them are not in the list as it is filtered now.", "$warning"))
    if left := len(screen.table.marks) - len(rows):
        lines.append(Content(f"{left:,} of the marked ones are left alone: already so, or not on the server."))
    if action == "delete":
        lines.append(Content.styled("The server keeps no copy: their secrets and settings are lost.", "$warning"))
    return Content("\n").join(lines)


def _named(row: ClientRow) -> Content:
    name = clean(row.name, 60) if row.name != row.client_id else ""
    return Content.assemble(f"  {clean(row.client_id, 100)}", (f"  {name}" if name else "", "$foreground-dim"))
