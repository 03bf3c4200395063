"""`clients rotate-secret`: what is asked, said and printed around a rotation.

A secret that may be in force is never thrown away: after an unclear end the staged copy stays and is named, and one for
stdout is printed although the command fails.
"""

import asyncio

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.clients.rotation import Rotation, retention_text, rotate
from ocm_tui.core.clients.secrets import Destination, Stdout, parse_destination
from ocm_tui.core.clients.service import ClientService
from ocm_tui.core.errors import ExitCode, OcmError, Unclear
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean
from ocm_tui.headless.boundary import run_async
from ocm_tui.headless.consent import confirm, require_answerable, unlock
from ocm_tui.headless.formats.clients import clients_json, yaml_text
from ocm_tui.headless.invocation import Invocation

__all__ = ["rotate_secret"]


def rotate_secret(invocation: Invocation) -> int:
    destination = parse_destination(invocation.options.deliver)
    require_answerable(invocation)
    return run_async(lambda: _rotated(invocation, destination))


async def _rotated(invocation: Invocation, destination: Destination) -> int:
    client_id, output = invocation.options.client, invocation.output
    async with invocation.session() as session:
        clients = session.require_clients()
        await unlock(invocation, session, client_id)
        session.policy.require(f"set the secret of {clean(client_id)}")
        retention = await clients.retention_minutes(await clients.get(client_id))
        output.say(f"~ {clean(client_id)}: new secret, delivered to {destination.name}. {retention_text(retention)}")
        await confirm(invocation, f"Set a new secret for {clean(client_id)} in {session.environment}?")
        rotation = await _sent(invocation, clients, destination)
        stored = await _read_back(clients, client_id)
    _print(invocation, destination, rotation, stored)
    if rotation.problem is not None:
        raise rotation.problem
    return ExitCode.OK


async def _sent(invocation: Invocation, clients: ClientService, destination: Destination) -> Rotation:
    client_id, progress = invocation.options.client, invocation.progress
    progress.unknown = f"whether the secret of {clean(client_id)} was set"
    try:
        rotation = await rotate(clients, client_id, destination)
    except (Unclear, asyncio.CancelledError):
        _keep(invocation, destination)
        raise
    progress.done, progress.left, progress.unknown = f"the secret of {clean(client_id)} was set", "", ""
    return rotation


def _keep(invocation: Invocation, destination: Destination) -> None:
    output = invocation.output
    if isinstance(destination, Stdout) and destination.secret is not None:
        output.complain("whether this secret is in force is not known: keep it until you know")
        _print_secret(invocation, destination.secret, "unknown")
    elif destination.staged_name:
        invocation.progress.unknown += f"; the new secret is in {destination.staged_name}"
        output.complain(f"whether the new secret is in force is not known: it is kept in {destination.staged_name}")


async def _read_back(clients: ClientService, client_id: str) -> ClientDocument | None:
    """The rotation has succeeded: that its document cannot be shown must not look like a failure."""
    try:
        return await clients.get(client_id)
    except OcmError:
        return None


def _print(invocation: Invocation, destination: Destination, rotation: Rotation, stored: ClientDocument | None) -> None:
    output, rotated = invocation.output, rotation.rotated
    output.say(f"delivered to {rotation.delivered_to}. {retention_text(rotated.retention_minutes)}")
    if isinstance(destination, Stdout):
        if destination.secret is not None:
            _print_secret(invocation, destination.secret, "rotated")
        return
    documents = [] if stored is None else [stored]
    if output.format == "json":
        text = clients_json(
            documents,
            client_id=rotated.client_id,
            delivered_to=rotation.delivered_to,
            retention_minutes=rotated.retention_minutes,
            changed_at=rotated.changed_at or None,
        )
        output.data(text)
    elif stored is not None:
        output.data(yaml_text(stored))
    else:
        output.say("warning: the stored document could not be read back")


def _print_secret(invocation: Invocation, secret: Secret, state: str) -> None:
    """The one place where a secret is printed, because it was asked for."""
    output, client_id = invocation.output, invocation.options.client
    if output.format == "json":
        output.data(clients_json([], reveal=True, client_id=client_id, secret=secret.reveal(), state=state))
    else:
        output.data(secret.reveal() + "\n")
