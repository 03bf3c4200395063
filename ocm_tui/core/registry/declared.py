"""What somebody declares of a client against the row that is there: whose row it is, and what differs."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from ocm_tui.core.errors import UsageError
from ocm_tui.core.registry.addresses import GIVEN_KEY, given_if_different, normalise
from ocm_tui.core.registry.model import DEFAULT_RATE_LIMIT, RegistryClient, RegistryEntry, RegistryQuery, derived_id
from ocm_tui.core.text import clean

if TYPE_CHECKING:
    from ocm_tui.core.registry.service import ClientRegistry

__all__ = ["PROFILE", "current_rows", "differences", "entry_over", "profile", "rows_by_code", "spelled"]

PROFILE: Final = ("client_code", "bap_id", "bap_uri", "allowed_ips", "rate_limit", "metadata")
_FEW: Final = 50  # rows that are cheaper to ask for one by one than in the whole table
_CHUNK: Final = 1000

Row = RegistryClient | None


def entry_over(code: str, declared: Mapping[str, Any], client_id: UUID, row: Row) -> RegistryEntry:
    """`declared` over the row, or over the defaults where there is none. The secret and the status stay as they are."""
    kept = profile(row) if row is not None else {"rate_limit": DEFAULT_RATE_LIMIT}
    said = {name: declared[name] for name in PROFILE if declared.get(name) is not None}
    told = {**kept, **said, "client_code": code}
    given = tuple(said.get("allowed_ips", ()))
    if not given and row is not None and GIVEN_KEY in row.metadata:
        given = tuple(row.metadata[GIVEN_KEY])
    return RegistryEntry(
        client_id=client_id,
        client_code=code,
        bap_id=told.get("bap_id"),
        bap_uri=told.get("bap_uri"),
        allowed_ips=normalise(told.get("allowed_ips") or ()),
        given_ips=given_if_different(given),
        rate_limit=told["rate_limit"],
        metadata=dict(told.get("metadata") or {}),
        last_synced_at=datetime.now(UTC),
    )


def spelled(code: str, row: Row) -> str:
    """An inventory may write a clientId in another case than the server, and the row has the server's."""
    return row.client_code if row is not None and row.client_code.casefold() == code.casefold() else code


def profile(row: RegistryClient | RegistryEntry) -> dict[str, Any]:
    """The fields that a declaration can name, as plain JSON values."""
    values: dict[str, Any] = {name: getattr(row, name) for name in PROFILE}
    values["allowed_ips"] = list(row.allowed_ips)
    values["metadata"] = {name: value for name, value in row.metadata.items() if name != GIVEN_KEY}
    return values


def differences(entry: RegistryEntry, row: Row) -> list[tuple[str, Any, Any]]:
    """(field, row's value, entry's value); of a new row everything that it says."""
    after = profile(entry)
    if row is None:
        return [
            ("client_id", None, str(entry.client_id)),
            *((name, None, after[name]) for name in PROFILE[1:] if after[name]),
        ]
    before = profile(row)
    return [(name, before[name], after[name]) for name in PROFILE if before[name] != after[name]]


async def current_rows(
    registry: "ClientRegistry", wanted: Mapping[str, UUID | None], base_url: str
) -> dict[str, tuple[UUID, Row]]:
    """Each clientId's row, and the id that it has or would get.

    `wanted` gives the ids that somebody declared. Without one, a row whose `client_code` it is keeps its own id, and a
    new row has the derived one. UsageError when a code belongs to several rows, or when there is no server's URL to
    derive an id from.
    """
    ids = {code: given or derived_id(base_url, code) for code, given in wanted.items()}
    found: dict[UUID, RegistryClient] = {}
    order = list(ids.values())
    for start in range(0, len(order), _CHUNK):
        found.update(await registry.store.get_many(order[start : start + _CHUNK]))
    rows: dict[str, tuple[UUID, Row]] = {code: (client_id, found.get(client_id)) for code, client_id in ids.items()}
    missing = [code for code, (_, row) in rows.items() if row is None and wanted[code] is None]
    for code, same_code in (await rows_by_code(registry, missing)).items():
        if len(same_code) > 1:
            both = ", ".join(str(row.client_id) for row in same_code[:3])
            raise UsageError(
                f"several rows of the registry have the client_code {clean(code, 120)}: {both}",
                hint="name the one that is meant as `registry.client_id` of the inventory",
            )
        rows[code] = same_code[0].client_id, same_code[0]
    if not base_url:
        nameless = next((code for code in missing if rows[code][1] is None), None)
        if nameless is not None:
            raise UsageError(
                f"{clean(nameless, 120)} has no client_id",
                hint="it can be derived only where a `server` is configured",
            )
    return rows


async def rows_by_code(registry: "ClientRegistry", codes: Sequence[str]) -> dict[str, list[RegistryClient]]:
    """The rows of each `client_code`, spelled exactly so; a code without one is not in it."""
    found: dict[str, list[RegistryClient]] = {}
    if len(codes) <= _FEW:
        for code in codes:
            if rows := await registry.store.find(code):
                found[code] = list(rows)
        return found
    wanted, after = set(codes), None
    while True:
        page = await registry.store.page(RegistryQuery(), after=after, limit=_CHUNK)
        for row in page.items:
            if row.client_code in wanted:
                found.setdefault(row.client_code, []).append(row)
        after = page.next
        if after is None:
            return found
