"""What the Log pane may change something with: the fix of a finding, a replay, the search for the smallest payload.

Policy is enforced in the services below; here is asked for more where the environment is protected.
"""

from typing import TYPE_CHECKING

from textual.content import Content

from ocm_tui.core.errors import OcmError
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.text import clean
from ocm_tui.tui.screens.dialog import ConfirmScreen

if TYPE_CHECKING:
    from ocm_tui.core.exchanges.replay_look import Seen
    from ocm_tui.tui.screens.log import LogScreen

__all__ = ["fix", "minimise", "replay"]


async def fix(screen: "LogScreen") -> None:
    """The form at the field that the diagnosis names, with the finding beside it and its value filled in."""
    from ocm_tui.tui.client_fix import fix_in_form

    exchange = screen.selected
    if exchange is None:
        return
    diagnosed = screen.diagnoses.of(exchange)
    finding = next((one for one in diagnosed.findings if one.fix is not None), None)
    if finding is not None:
        await fix_in_form(screen.console, exchange, finding)


async def replay(screen: "LogScreen") -> None:
    from ocm_tui.core.exchanges.replay import is_write, refuse_replay
    from ocm_tui.core.exchanges.replay import replay as send_again
    from ocm_tui.core.exchanges.replay_look import look

    exchange, session = screen.selected, screen.console.session
    if exchange is None:
        return
    if session is None or session.http is None:
        screen.console.announce("There is no connection to an authorization server yet.", severity="warning")
        return
    name = f"{exchange.method} {clean(exchange.path, 120)}"
    try:
        refuse_replay(exchange, session.http.base_url)
        seen: Seen | None = None
        if is_write(exchange):
            session.policy.require(f"replay {name}")
            seen = await look(session.http, exchange)
            if not await _agreed(screen, name, seen):
                return
        reply = await send_again(session.http, exchange, policy=session.policy, agreed=seen)
    except OcmError as error:
        screen.console.announce_error(error)
        return
    before = exchange.status if exchange.status is not None else "no answer"
    screen.console.announce(f"{name}: {reply.status} now, {before} before.")
    if exchange.client_id is not None and is_write(exchange):
        screen.console.clients_changed()


async def _agreed(screen: "LogScreen", name: str, seen: "Seen") -> bool:
    """With what the request would change of what the server stores now."""
    typed = screen.console.connection.environment if screen.console.connection.protected else None
    lines = [Content(name), Content(""), Content("It is sent exactly as it was.")]
    if seen.sentence:
        lines.append(Content(seen.sentence))
    elif seen.change is not None:
        from ocm_tui.tui.difference_text import difference_content

        lines += [Content(""), Content(seen.change.title)]
        lines += [difference_content(seen.change.changes)] if seen.change.changes else []
    else:
        lines.append(Content("It may change something on the server."))
    text = Content("\n").join(lines)
    return await screen.app.push_screen_wait(
        ConfirmScreen("Send this request again?", text, verb="send it", typed=typed)
    )


async def minimise(screen: "LogScreen") -> None:
    """In a screen of its own: it takes a while, and shows every trial. From its end the fix is one key away."""
    from ocm_tui.core.diagnosis.minimise.model import Budget
    from ocm_tui.core.diagnosis.minimise.service import checked_subject
    from ocm_tui.tui.client_fix import fix_in_form
    from ocm_tui.tui.minimise_run import MinimiseRun
    from ocm_tui.tui.screens.log_minimise import MinimiseScreen

    exchange, session = screen.selected, screen.console.session
    if exchange is None or session is None:
        return
    budget = Budget()
    try:
        checked_subject(session, exchange)
        session.policy.require("try payloads on the server")
    except OcmError as error:
        screen.console.announce_error(error)
        return
    if not await _may_try(screen, exchange, budget.requests):
        return
    finding = await screen.app.push_screen_wait(MinimiseScreen(MinimiseRun(session, exchange, budget)))
    if finding is not None:
        await fix_in_form(screen.console, exchange, finding)


async def _may_try(screen: "LogScreen", exchange: Exchange, requests: int) -> bool:
    typed = screen.console.connection.environment if screen.console.connection.protected else None
    text = Content("\n").join(
        [
            Content(f"{exchange.method} {clean(exchange.path, 120)}"),
            Content(""),
            Content(f"Parts of its payload are tried on the server, with {requests} requests at most."),
            Content("Each trial is a throwaway client, ocm-trial-…, which is deleted again when the server takes it."),
        ]
    )
    return await screen.app.push_screen_wait(
        ConfirmScreen("Find the smallest payload that fails?", text, verb="try payloads", typed=typed)
    )
