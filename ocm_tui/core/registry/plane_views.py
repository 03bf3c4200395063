"""What each plane knows of one client: who is meant first, then all of them at once."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from ocm_tui.core.clients.fields import get_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import NotConfigured, NotFound, OcmError, UsageError
from ocm_tui.core.registry.entries import document_of
from ocm_tui.core.registry.inspection import ClientInspection, Inspection
from ocm_tui.core.registry.model import RegistryClient, derived_id
from ocm_tui.core.registry.plane_names import PlaneView
from ocm_tui.core.text import clean

if TYPE_CHECKING:
    from ocm_tui.core.provisioning.model import DeclaredClient, FieldDrift, Inventory
    from ocm_tui.core.registry.service import ClientRegistry
    from ocm_tui.core.session import Session

__all__ = ["Sight", "look_at"]

_LONGEST: Final = 200
_SHOWN: Final = ("name", "clientAuth.type", "grantTypes")  # of inventory and server, for recognising a client
_UNTOLD: Final = frozenset({"created_at", "profile_version", "status_version"})  # of a row, among four planes


@dataclass(slots=True)
class Sight:
    """What was found. An error stands in the place of what it kept from being seen."""

    client_id: UUID | None = None
    code: str = ""
    declared: "DeclaredClient | None" = None
    inventory: "Inventory | OcmError | None" = None
    document: ClientDocument | OcmError | None = None  # of the server
    drift: "tuple[FieldDrift, ...]" = ()
    registry: "ClientRegistry | OcmError | None" = None
    row_problem: OcmError | None = None
    looked: ClientInspection | None = None
    views: dict[str, PlaneView] = field(default_factory=dict)

    @property
    def row(self) -> RegistryClient | None:
        return self.looked.row if self.looked is not None else None


async def look_at(session: "Session", client: str) -> Sight:
    """Reads only."""
    sight = Sight()
    sight.inventory, sight.registry = await asyncio.gather(_inventory(session), _registry(session))
    await _identify(sight, client, _base_url(session, sight.registry))
    sight.document, sight.looked = await asyncio.gather(_document(session, sight.code), _looked(sight))
    sight.drift = await asyncio.to_thread(_drift, sight)
    sight.views = {
        "inventory": _inventory_view(sight),
        "server": _server_view(sight),
        "registry": _registry_view(sight),
        "cache": _cache_view(sight),
    }
    return sight


async def _inventory(session: "Session") -> "Inventory | OcmError | None":
    if session.inventory is None:
        return None
    from ocm_tui.core.provisioning.inventory_loading import load_inventory

    try:
        return await asyncio.to_thread(load_inventory, (session.inventory,), environment=session.environment)
    except OcmError as error:
        return error


async def _registry(session: "Session") -> "ClientRegistry | OcmError":
    try:
        return await session.require_registry()
    except OcmError as error:
        return error


def _base_url(session: "Session", registry: "ClientRegistry | OcmError | None") -> str:
    """The one that ids are derived from."""
    if registry is not None and not isinstance(registry, OcmError) and registry.server_base_url:
        return registry.server_base_url
    return session.server.base_url if session.server is not None else ""


async def _identify(sight: Sight, client: str, base_url: str) -> None:
    """The UUID and the clientId of whom is meant, as far as a plane that answers knows both."""
    try:
        sight.client_id = UUID(client)
    except ValueError:
        sight.code = client
    clients = () if sight.inventory is None or isinstance(sight.inventory, OcmError) else sight.inventory.clients
    if sight.client_id is None:
        folded = client.casefold()
        sight.declared = next((one for one in clients if one.client_id.casefold() == folded), None)
        await _find_id(sight, base_url)
        return
    wanted = sight.client_id
    sight.declared = next((one for one in clients if _declared_id(one, base_url) == wanted), None)
    if sight.declared is not None:
        sight.code = sight.declared.client_id
    elif sight.registry is not None and not isinstance(sight.registry, OcmError):
        try:
            row = await sight.registry.store.get(wanted)
        except OcmError as error:
            sight.row_problem = error
        else:
            sight.code = row.client_code if row is not None else ""


async def _find_id(sight: Sight, base_url: str) -> None:
    """Of a clientId: what the inventory says, else that of its row, else the one it would get."""
    derived = derived_id(base_url, sight.code)
    given = sight.declared.registry.get("client_id") if sight.declared is not None else None
    sight.client_id = UUID(given) if given else derived
    if given or sight.registry is None or isinstance(sight.registry, OcmError):
        return
    try:
        rows = await sight.registry.store.find(sight.code)
    except OcmError as error:
        sight.row_problem = error
        return
    ids = {row.client_id for row in rows}
    if len(ids) > 1 and derived not in ids:
        sight.row_problem = UsageError(
            f"{len(ids)} rows of the registry have the client_code {clean(sight.code, 120)}",
            hint="name one of them by its id: " + ", ".join(map(str, sorted(ids)[:3])),
        )
    elif ids and derived not in ids:
        sight.client_id = ids.pop()


def _declared_id(client: "DeclaredClient", base_url: str) -> UUID:
    given = client.registry.get("client_id")
    return UUID(given) if given else derived_id(base_url, client.client_id)


async def _document(session: "Session", code: str) -> ClientDocument | OcmError | None:
    try:
        clients = session.require_clients()
        return await clients.get(code) if code else None
    except NotFound:
        return None
    except OcmError as error:
        return error


async def _looked(sight: Sight) -> ClientInspection | None:
    if sight.client_id is None or sight.registry is None or isinstance(sight.registry, OcmError):
        return None
    return await Inspection(sight.registry).look(sight.client_id)


def _drift(sight: Sight) -> "tuple[FieldDrift, ...]":
    """What the server holds and the inventory says otherwise."""
    from ocm_tui.core.provisioning.comparison import Comparison
    from ocm_tui.core.provisioning.model import Inventory

    document, declared = sight.document, sight.declared
    if declared is None or document is None or isinstance(document, OcmError):
        return ()
    change = Comparison(Inventory((), (declared,)), {}).take(document)
    return change.fields if change is not None else ()


def _inventory_view(sight: Sight) -> PlaneView:
    if sight.inventory is None:
        return PlaneView("not configured", "no inventory in this environment")
    if isinstance(sight.inventory, OcmError):
        return PlaneView("unknown", clean(sight.inventory, _LONGEST))
    declared = sight.declared
    if declared is None:
        return PlaneView("absent", "not declared")
    fields = _recognisable(declared.document)
    fields |= {f"registry.{name}": as_text(value) for name, value in declared.registry.items()}
    return PlaneView("present", fields["enabled"], fields)


def _server_view(sight: Sight) -> PlaneView:
    document = sight.document
    if isinstance(document, NotConfigured):
        return PlaneView("not configured", "no authorization server in this environment")
    if isinstance(document, OcmError):
        return PlaneView("unknown", clean(document, _LONGEST))
    if not sight.code:
        return PlaneView("unknown", "its clientId is not known: neither inventory nor registry has this id")
    if document is None:
        return PlaneView("absent", "no such client")
    fields = _recognisable(document)
    return PlaneView("present", fields["enabled"], fields)


def _registry_view(sight: Sight) -> PlaneView:
    dead = _dead_registry(sight)
    if dead is not None:
        return dead
    looked = sight.looked
    problem = str(sight.row_problem or "") or (looked.database_problem if looked is not None else "")
    if problem:
        return PlaneView("unknown", clean(problem, _LONGEST))
    row = sight.row
    return PlaneView("present", row.status, _row_fields(row)) if row is not None else PlaneView("absent", "no row")


def _cache_view(sight: Sight) -> PlaneView:
    dead = _dead_registry(sight)
    if dead is not None:
        return dead
    looked = sight.looked
    if looked is None:
        return PlaneView("unknown", "nobody knows its id")
    if looked.cache_problem:
        return PlaneView("unknown", clean(looked.cache_problem, _LONGEST))
    if looked.raw is None:
        return PlaneView("absent", "not cached")
    left = "no expiry" if looked.ttl_ms < 0 else f"{looked.ttl_ms // 1000} s left"
    state = looked.state or "not compared"
    if looked.cached is None:
        said = "no such client" if not looked.problem else clean(looked.problem, _LONGEST)
        return PlaneView("present", f"{said}, {state}, {left}")
    return PlaneView("present", f"{looked.cached.status}, {state}, {left}", _row_fields(looked.cached))


def _dead_registry(sight: Sight) -> PlaneView | None:
    if isinstance(sight.registry, NotConfigured):
        return PlaneView("not configured", "no client registry in this environment")
    if isinstance(sight.registry, OcmError):
        return PlaneView("unknown", clean(sight.registry, _LONGEST))
    return None


def _recognisable(document: Mapping[str, Any]) -> dict[str, str]:
    shown = {"enabled": "disabled" if document.get("enabled") is False else "enabled"}
    return shown | {name: as_text(value) for name in _SHOWN if (value := get_value(document, name)) is not None}


def _row_fields(client: RegistryClient) -> dict[str, str]:
    fields = {name: as_text(value) for name, value in document_of(client).items() if name not in _UNTOLD}
    return {**fields, "row_version": str(client.row_version)} if client.row_version else fields


def as_text(value: Any) -> str:
    """One line, safe to show."""
    if isinstance(value, str):
        return clean(value, _LONGEST)
    if value is None or value in ([], {}):
        return "–"
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return clean(", ".join(value), _LONGEST)
    import json

    return clean(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str), _LONGEST)
