"""`log replay`: the request of an exchange once more, and what came of it this time.

Before a write somebody sees what it would change of what the server stores now.
"""

from ocm_tui.core.errors import ExitCode, NotConfigured
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.exchanges.replay import is_write, refuse_replay, replay
from ocm_tui.core.exchanges.replay_look import Seen, look
from ocm_tui.core.http.types import HTTP
from ocm_tui.core.session import Session
from ocm_tui.core.text import clean
from ocm_tui.headless.client_writes import say_change
from ocm_tui.headless.consent import confirm, needs_consent, require_answerable, unlock_by_name
from ocm_tui.headless.formats.documents import document
from ocm_tui.headless.formats.exchanges import exchange_text
from ocm_tui.headless.invocation import Invocation
from ocm_tui.headless.log_sources import demo_visit, find_exchange, with_id

__all__ = ["run"]


async def run(invocation: Invocation) -> int:
    """The new exchange on stdout; the exit code is that of its status."""
    options, output = invocation.options, invocation.output
    former = None if options.demo else await find_exchange(invocation, options.id)
    async with invocation.session() as session:
        if former is None:
            former = with_id(await demo_visit(session), options.id)
        http = _http(session)
        refuse_replay(former, http.base_url)
        agreed = await _agreed(invocation, session, former, http) if is_write(former) else None
        with invocation.writing(session, f"whether {_named(former)} was carried out"):
            reply = await replay(http, former, policy=session.policy, agreed=agreed)
        again = session.log.get(reply.exchange_id)
        assert again is not None, "the log keeps at least the newest exchange"
    output.data(document("exchange", again.as_json()) if output.format == "json" else exchange_text(again))
    output.say(f"replayed {clean(former.id)} as {again.id}: {_outcome(former)} then, {_outcome(again)} now")
    if reply.status in (401, 403):
        return ExitCode.REFUSED
    return ExitCode.BAD if reply.status >= 400 else ExitCode.OK


def _http(session: Session) -> HTTP:
    session.require_clients()
    if session.http is None:
        raise NotConfigured(f"environment {session.environment} has no connection to replay over")
    return session.http


async def _agreed(invocation: Invocation, session: Session, former: Exchange, http: HTTP) -> Seen:
    """Consent in a protected environment, and a confirmation, with what the write would change before the eyes.

    Refused and UsageError before anything is sent; Conflict when it creates what is there.
    """
    require_answerable(invocation)
    action = f"replay {_named(former)}"
    locked = needs_consent(invocation, session)
    if not locked:
        session.policy.require(action)
    seen = await look(http, former)
    if seen.change is not None and seen.change.action != "unchanged":
        say_change(invocation, seen.change)
    elif seen.sentence:
        invocation.output.say(seen.sentence)
    if locked:
        await unlock_by_name(invocation, session)
        session.policy.require(action)
    body = f" with its {former.request.body_bytes:,} bytes" if former.request.body_bytes else ""
    await confirm(invocation, f"Send {_named(former)}{body} to {session.environment} once more?")
    return seen


def _named(exchange: Exchange) -> str:
    return clean(f"{exchange.method} {exchange.path}", 200)


def _outcome(exchange: Exchange) -> str:
    return str(exchange.status) if exchange.status is not None else "no answer"
