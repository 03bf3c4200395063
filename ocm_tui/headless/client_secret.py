"""`clients rotate-secret`: generated here, staged durably, sent once, then put in its place.

A secret that may be in force is never thrown away: after an unclear end the staged copy stays and is named, and one for
stdout is printed although the command fails.
"""

import asyncio

from ocm_tui.core.clients.model import ClientDocument, RotatedSecret
from ocm_tui.core.clients.secrets import Destination, Stdout, generate_secret, parse_destination
from ocm_tui.core.clients.service import ClientService
from ocm_tui.core.errors import ApiError, ExitCode, OcmError, TransportError, Unclear
from ocm_tui.core.secret import Secret
from ocm_tui.core.session import Session
from ocm_tui.core.text import clean
from ocm_tui.headless.boundary import run_async
from ocm_tui.headless.consent import confirm, require_answerable, unlock
from ocm_tui.headless.formats.clients import clients_json, yaml_text
from ocm_tui.headless.invocation import Invocation, wrote_since

__all__ = ["rotate"]


def rotate(invocation: Invocation) -> int:
    destination = parse_destination(invocation.options.deliver)
    require_answerable(invocation)
    return run_async(lambda: _rotated(invocation, destination))


async def _rotated(invocation: Invocation, destination: Destination) -> int:
    client_id, output = invocation.options.client, invocation.output
    async with invocation.session() as session:
        clients = session.require_clients()
        await unlock(invocation, session, client_id)
        session.policy.require(f"set the secret of {clean(client_id)}")
        current = await clients.get(client_id)
        retention = await clients.retention_minutes(current)
        output.say(f"~ {clean(client_id)}: new secret, delivered to {destination.name}; {_retention(retention)}")
        await confirm(invocation, f"Set a new secret for {clean(client_id)} in {session.environment}?")
        secret = generate_secret()
        await destination.stage(secret)
        rotated = await _sent(invocation, session, secret, destination)
        invocation.progress.done, invocation.progress.left = f"the secret of {clean(client_id)} was set", "delivery"
        await destination.promote()
        stored = await _read_back(clients, client_id)
    _print(invocation, destination, rotated, stored)
    return ExitCode.OK


async def _sent(invocation: Invocation, session: Session, secret: Secret, destination: Destination) -> RotatedSecret:
    client_id = invocation.options.client
    staged = f"; the new secret is in {destination.staged_name}" if destination.staged_name else ""
    before = session.log.revision
    try:
        with invocation.writing(session, f"whether the secret of {clean(client_id)} was set{staged}"):
            return await session.require_clients().rotate_secret(client_id, secret)
    except OcmError as error:
        if _certainly_not_set(error):
            await destination.discard()
        else:
            _keep(invocation, destination, secret)
        raise
    except asyncio.CancelledError:
        if wrote_since(session, before):
            _keep(invocation, destination, secret)
        else:
            await destination.discard()
        raise


def _certainly_not_set(error: OcmError) -> bool:
    if isinstance(error, TransportError):
        return not error.maybe_applied
    if isinstance(error, ApiError):
        return error.status < 500
    return not isinstance(error, Unclear)


def _keep(invocation: Invocation, destination: Destination, secret: Secret) -> None:
    output = invocation.output
    if isinstance(destination, Stdout):
        output.complain("whether this secret is in force is not known: keep it until you know")
        _print_secret(invocation, secret, "unknown")
    elif destination.staged_name:
        output.complain(f"whether the new secret is in force is not known: it is kept in {destination.staged_name}")


async def _read_back(clients: ClientService, client_id: str) -> ClientDocument | None:
    """The rotation has succeeded: that its document cannot be shown must not look like a failure."""
    try:
        return await clients.get(client_id)
    except OcmError:
        return None


def _print(
    invocation: Invocation, destination: Destination, rotated: RotatedSecret, stored: ClientDocument | None
) -> None:
    output = invocation.output
    output.say(f"delivered to {destination.name}; {_retention(rotated.retention_minutes)}")
    if isinstance(destination, Stdout):
        if destination.secret is not None:
            _print_secret(invocation, destination.secret, "rotated")
        return
    documents = [] if stored is None else [stored]
    if output.format == "json":
        members = {
            "client_id": rotated.client_id,
            "delivered_to": destination.name,
            "retention_minutes": rotated.retention_minutes,
            "changed_at": rotated.changed_at or None,
        }
        output.data(clients_json(documents, **members))
    elif stored is not None:
        output.data(yaml_text(stored))
    else:
        output.say("warning: the stored document could not be read back")


def _print_secret(invocation: Invocation, secret: Secret, state: str) -> None:
    """The one place where a secret is printed, because it was asked for."""
    output, client_id = invocation.output, invocation.options.client
    if output.format == "json":
        output.data(clients_json([], client_id=client_id, secret=secret.reveal(), state=state))
    else:
        output.data(secret.reveal() + "\n")


def _retention(minutes: int | None) -> str:
    match minutes:
        case None:
            return "how long the former secret keeps working is not known"
        case 0:
            return "the former secret stops working at once"
        case 1:
            return "the former secret keeps working for 1 minute"
        case _:
            return f"the former secret keeps working for {minutes} minutes"
