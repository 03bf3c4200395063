"""The table as it is: ours, or one of the same name that somebody else made with fewer columns."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any, Final

from ocm_tui.core.registry.masking import masked_metadata
from ocm_tui.core.registry.model import RegistryClient
from ocm_tui.core.registry.ports import StoreCapability

__all__ = ["Shape", "client_of", "read_shape"]

# A status may arrive before its client: such a row waits unseen for its profile.
_VISIBLE: Final = "NOT (profile_version = 0 AND client_code = '')"

# What stands in a foreign table's stead of a column; networks are parsed from text only where they are shown.
_EXPRESSIONS: Final[Mapping[str, tuple[str, str]]] = {
    "client_id": ("client_id", "NULL::uuid"),
    "client_code": ("coalesce(client_code, '')", "''"),
    "bap_id": ("bap_id", "NULL"),
    "bap_uri": ("bap_uri", "NULL"),
    "allowed_ips": ("coalesce(allowed_ips::text[], '{}')", "'{}'::text[]"),
    "rate_limit": ("coalesce(rate_limit, 0)", "0"),
    "status": ("status::text", "'ACTIVE'"),
    "metadata": ("coalesce(metadata::text, '{}')", "'{}'"),
    "profile_version": ("profile_version", "0::bigint"),
    "status_version": ("status_version", "0::bigint"),
    "row_version": ("row_version", "0::bigint"),
    "created_at": ("created_at", "NULL::timestamptz"),
    "updated_at": ("updated_at", "NULL::timestamptz"),
    "last_synced_at": ("last_synced_at", "NULL::timestamptz"),
}

_PROBE: Final = """
SELECT
    ARRAY(SELECT attname::text FROM pg_attribute
          WHERE attrelid = t.clients AND attnum > 0 AND NOT attisdropped
            AND has_column_privilege(attrelid, attnum, 'SELECT')) AS readable,
    ARRAY(SELECT attname::text FROM pg_attribute
          WHERE attrelid = t.clients AND attnum > 0 AND NOT attisdropped) AS columns,
    coalesce(has_table_privilege(t.clients, 'SELECT') OR has_any_column_privilege(t.clients, 'SELECT'), false)
        AS may_read,
    coalesce(has_table_privilege(t.clients, 'INSERT') AND has_table_privilege(t.clients, 'UPDATE')
        AND has_table_privilege(t.clients, 'DELETE'), false) AS may_write,
    t.outbox IS NOT NULL AS has_outbox,
    coalesce(has_table_privilege(t.outbox, 'SELECT'), false) AS may_read_outbox,
    coalesce(has_table_privilege(t.outbox, 'DELETE'), false) AS may_confirm,
    t.history IS NOT NULL AS is_ours,
    pg_is_in_recovery() AS standby,
    current_setting('transaction_read_only') = 'on' AS read_only,
    pg_has_role('pg_read_all_stats', 'USAGE') AS statistics
FROM (SELECT to_regclass($1 || '.clients') AS clients, to_regclass($1 || '.cache_outbox') AS outbox,
             to_regclass($1 || '.schema_migrations') AS history) t
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """What this account finds. `columns` is the list for SELECT, `visible` the condition that hides stubs."""

    exists: bool
    ours: bool
    columns: str
    visible: str
    has: frozenset[str]
    capabilities: frozenset[StoreCapability]


async def read_shape(connection: Any, schema: str) -> Shape:
    told = await connection.fetchrow(_PROBE, schema)
    has, readable = frozenset(told["columns"]), frozenset(told["readable"])
    can = set[StoreCapability]()
    if "row_version" in readable:
        can.add("versions")
    if told["may_read_outbox"]:
        can |= {"outbox", "notify"}
    writable = told["may_write"] and told["may_confirm"] and not told["standby"] and not told["read_only"]
    if writable and {"versions", "outbox"} <= can:
        can.add("write")
    if told["statistics"]:
        can.add("statistics")
    return Shape(
        exists=bool(has),
        ours=told["is_ours"],
        columns=", ".join([*(_expression(name, has) for name in _EXPRESSIONS), _has_secret(readable)]),
        visible=_VISIBLE if {"profile_version", "client_code"} <= has else "true",
        has=has,
        capabilities=frozenset(can),
    )


def _expression(name: str, has: frozenset[str]) -> str:
    there, otherwise = _EXPRESSIONS[name]
    return f"{there if name in has else otherwise} AS {name}"


def _has_secret(readable: frozenset[str]) -> str:
    """The hash itself never leaves the database, and the right to see it is not asked for."""
    if "has_secret" in readable:
        return "has_secret"
    for name in ("client_secret_hash", "api_key_hash"):
        if name in readable:
            return f"coalesce({name} <> '', false) AS has_secret"
    return "false AS has_secret"


def client_of(row: Any) -> RegistryClient:
    """A row of `Shape.columns`."""
    metadata = row["metadata"]
    return RegistryClient(
        client_id=row["client_id"],
        client_code=row["client_code"],
        bap_id=row["bap_id"],
        bap_uri=row["bap_uri"],
        allowed_ips=tuple([_network(text) for text in row["allowed_ips"] or () if text]),
        rate_limit=row["rate_limit"],
        status=row["status"],
        metadata=masked_metadata(_object(metadata)) if metadata != "{}" else {},
        has_secret=row["has_secret"],
        profile_version=row["profile_version"],
        status_version=row["status_version"],
        row_version=row["row_version"],
        created_at=_utc(row["created_at"]),
        updated_at=_utc(row["updated_at"]),
        last_synced_at=_utc(row["last_synced_at"]),
    )


def _network(text: str) -> str:
    """Postgres writes some IPv6 networks with an IPv4 address at their end; elsewhere they are not written so."""
    return str(ip_network(text, strict=False)) if "." in text and ":" in text else text


def _object(text: str) -> Mapping[str, Any]:
    value = json.loads(text)
    return value if isinstance(value, dict) else {"": value}  # a foreign table may hold anything


def _utc(moment: datetime | None) -> datetime | None:
    """Older registries have times without a zone, and mean UTC."""
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
