"""One client on the four planes: what the inventory declares, and what server, registry and cache hold of it."""

from typing import TYPE_CHECKING
from uuid import UUID

from ocm_tui.core.registry.plane_names import (
    PLANES,
    Cure,
    Disagreement,
    PlaneName,
    Planes,
    PlaneState,
    PlaneView,
)

if TYPE_CHECKING:
    from ocm_tui.core.session import Session

__all__ = ["PLANES", "Cure", "Disagreement", "PlaneName", "PlaneState", "PlaneView", "Planes", "four_planes"]


async def four_planes(session: "Session", client: str) -> Planes:
    """`client` is a clientId (client_code) or the registry's UUID. A plane that is dead, not configured or without the
    client says so in its state, and the others are told; nothing is raised for it.
    """
    from ocm_tui.core.registry.plane_cures import disagreements
    from ocm_tui.core.registry.plane_views import look_at

    sight = await look_at(session, client)
    return Planes(
        client_id=sight.client_id or UUID(int=0),
        client_code=sight.code,
        inventory=sight.views["inventory"],
        server=sight.views["server"],
        registry=sight.views["registry"],
        cache=sight.views["cache"],
        disagreements=disagreements(session, sight),
    )
