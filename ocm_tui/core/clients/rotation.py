"""Giving a client a new secret, so that neither side ever holds one that the other has lost.

The secret is staged at its destination, then the server learns it, then the staged copy is promoted. What the server
certainly refused is discarded; after an unclear end the staged copy stays, because it may be the one in force.
"""

from dataclasses import dataclass

from ocm_tui.core.clients.model import RotatedSecret
from ocm_tui.core.clients.secrets import Destination, generate_secret
from ocm_tui.core.clients.service import ClientService
from ocm_tui.core.errors import ApiError, OcmError, Refused, TransportError, Unclear, UsageError

__all__ = ["Rotation", "retention_text", "rotate"]


@dataclass(frozen=True, slots=True)
class Rotation:
    """`delivered_to` is safe to show. `problem` is set when the secret is in force but could not be put in place."""

    rotated: RotatedSecret
    delivered_to: str
    problem: OcmError | None = None


async def rotate(service: ClientService, client_id: str, destination: Destination) -> Rotation:
    """Raises what the server or the destination said; Unclear names the staged copy when nobody knows the end."""
    service.policy.require(f"set the secret of {client_id}")
    secret = generate_secret()
    await destination.stage(secret)
    try:
        rotated = await service.rotate_secret(client_id, secret)
    except OcmError as error:
        if _certainly_refused(error):
            await destination.discard()
            raise
        kept = destination.staged_name or destination.name
        raise Unclear(
            f"whether {client_id} has its new secret is unknown: {error.title}",
            hint=f"the new secret is kept at {kept}; try it, or rotate again",
        ) from error
    try:
        await destination.promote()
    except OcmError as error:
        return Rotation(rotated, destination.staged_name or destination.name, error)
    return Rotation(rotated, destination.name)


def retention_text(minutes: int | None) -> str:
    """What becomes of the former secret, in one sentence."""
    if minutes is None:
        return "How long the former secret keeps working is not known."
    if minutes == 0:
        return "The former secret stops working at once: whoever still uses it is locked out."
    if minutes % 60 == 0:
        return f"The former secret keeps working for {minutes // 60} h."
    return f"The former secret keeps working for {minutes} min."


def _certainly_refused(error: OcmError) -> bool:
    if isinstance(error, Refused | UsageError):
        return True
    if isinstance(error, TransportError):
        return not error.maybe_applied
    return isinstance(error, ApiError) and error.status < 500
