"""Who may be asked, and what for. Without a terminal nobody is: the flag that would have answered is named instead."""

import asyncio
import sys

from ocm_tui.core.errors import Refused, UsageError
from ocm_tui.core.session import Session
from ocm_tui.core.text import clean
from ocm_tui.headless.invocation import Invocation

__all__ = ["confirm", "needs_consent", "require_answerable", "unlock", "unlock_by_name"]


def require_answerable(invocation: Invocation) -> None:
    """UsageError when the command will need an answer that nobody can give. Call it before anything is sent."""
    if not invocation.options.yes and not _interactive():
        raise UsageError("this needs a confirmation, and stdin is no terminal to ask on", hint="add --yes")


async def confirm(invocation: Invocation, question: str, *, above: str = "") -> None:
    """Ask unless `--yes` was given; Refused for anything but yes. `above` is safe text that has to be read first."""
    if invocation.options.yes:
        return
    answer = await _ask(invocation, f"{question} [y/N] ", above)
    if answer.strip().lower() not in {"y", "yes"}:
        raise Refused("not confirmed; nothing was sent")


async def unlock(invocation: Invocation, session: Session, client_id: str) -> None:
    """Consent to a write in a protected environment: `--consent ENVIRONMENT`, or the typed client id on a terminal."""
    if needs_consent(invocation, session):
        question = f"{session.environment} is protected. Type the client id to change it ({clean(client_id)}): "
        await _typed(invocation, session, client_id, question)


async def unlock_by_name(invocation: Invocation, session: Session, *, above: str = "") -> None:
    """Consent to a change of many clients: the typed name of the environment, after `above` was shown."""
    name = session.environment
    await _typed(invocation, session, name, f"{name} is protected. Type its name to apply this ({name}): ", above)


def needs_consent(invocation: Invocation, session: Session) -> bool:
    """Whether somebody must type consent. `--consent ENVIRONMENT` gives it; Refused when nobody can.

    Consent does not overrule read-only. A name that is not this environment's is a mistake wherever it is given.
    """
    consent: str | None = invocation.options.consent
    if consent is not None and consent != session.environment:
        raise UsageError(
            f"--consent {consent} does not name this environment, which is {session.environment}",
            hint="nothing was sent; look at --env",
        )
    policy = session.policy
    if not policy.protected or policy.unlocked or policy.read_only:
        return False
    if consent is not None:
        policy.unlock()
    elif not _interactive():
        raise Refused(
            f"environment {session.environment} is protected, and nobody has consented to a change",
            hint=f"add --consent {session.environment}",
        )
    return consent is None


async def _typed(invocation: Invocation, session: Session, word: str, question: str, above: str = "") -> None:
    answer = await _ask(invocation, question, above)
    if answer.strip() != word:
        raise Refused("not confirmed; nothing was sent")
    session.policy.unlock()


def _interactive() -> bool:
    return sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()


async def _ask(invocation: Invocation, question: str, above: str = "") -> str:
    """One line from the terminal, waiting in the event loop so that Ctrl-C is heard; "" at the end of input."""
    invocation.output.ask(question, above)
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    return sys.stdin.readline()
