"""Rows of the embedded store: what is in a column, and the condition that a query becomes."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from ocm_tui.core.registry.entries import canonical_json, microseconds
from ocm_tui.core.registry.folding import folded
from ocm_tui.core.registry.masking import masked_metadata
from ocm_tui.core.registry.model import RegistryClient, RegistryEntry, RegistryQuery

__all__ = ["COLUMNS", "VISIBLE", "add_functions", "client_of", "columns_of", "condition", "now", "time_of"]

# A status may arrive before its client: such a row waits unseen for its profile.
VISIBLE: Final = "NOT (profile_version = 0 AND client_code = '')"

COLUMNS: Final = (
    "client_id, client_code, bap_id, bap_uri, allowed_ips, rate_limit, status, metadata, client_secret_hash <> '', "
    "profile_version, status_version, row_version, created_at, updated_at, last_synced_at"
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def client_of(row: Sequence[Any]) -> RegistryClient:
    """A row of `COLUMNS`."""
    return RegistryClient(
        client_id=UUID(bytes=row[0]),
        client_code=row[1],
        bap_id=row[2],
        bap_uri=row[3],
        allowed_ips=tuple(json.loads(row[4])) if row[4] != "[]" else (),
        rate_limit=row[5],
        status=row[6],
        metadata=masked_metadata(json.loads(row[7])) if row[7] != "{}" else {},
        has_secret=bool(row[8]),
        profile_version=row[9],
        status_version=row[10],
        row_version=row[11],
        created_at=time_of(row[12]),
        updated_at=time_of(row[13]),
        last_synced_at=time_of(row[14]),
    )


def columns_of(entry: RegistryEntry) -> dict[str, Any]:
    """What an entry says of its row: the profile's columns, and of the other ones those that it sets."""
    said: dict[str, Any] = {
        "client_code": entry.client_code,
        "bap_id": entry.bap_id,
        "bap_uri": entry.bap_uri,
        "allowed_ips": canonical_json(list(entry.allowed_ips)),
        "rate_limit": entry.rate_limit,
        "metadata": canonical_json(dict(entry.metadata)),
    }
    if entry.secret_hash is not None:
        said["client_secret_hash"] = entry.secret_hash.reveal()
    if entry.profile_version is not None:
        said["profile_version"] = entry.profile_version
    if entry.last_synced_at is not None:
        said["last_synced_at"] = microseconds(entry.last_synced_at)
    return said


def condition(query: RegistryQuery, after: UUID | None) -> tuple[str, list[Any]]:
    """Without `WHERE`, and its parameters."""
    parts, values = [VISIBLE], list[Any]()

    def any_of(part: str, wanted: Sequence[Any]) -> None:
        if wanted:
            parts.append(f"({' OR '.join([part] * len(wanted))})")
            values.extend(wanted)

    for word in query.words:
        parts.append(
            "instr(folded(client_code || char(10) || coalesce(bap_id, '') || char(10) || coalesce(bap_uri, '')), ?) > 0"
        )
        values.append(folded(word))
    any_of("status = ?", query.statuses)
    any_of("client_code GLOB ?", [_glob(one) for one in query.codes])
    any_of("bap_id GLOB ?", [_glob(one) for one in query.baps])
    any_of("client_id = ?", [one.bytes for one in query.ids])
    if query.synced_before is not None:
        parts.append("(last_synced_at IS NULL OR last_synced_at < ?)")
        values.append(microseconds(query.synced_before))
    if after is not None:
        parts.append("client_id > ?")
        values.append(after.bytes)
    return " AND ".join(parts), values


def now() -> int:
    return microseconds(datetime.now(UTC))


def time_of(value: int | None) -> datetime | None:
    return None if value is None else _EPOCH + timedelta(microseconds=value)


def _glob(text: str) -> str:
    """Only `*` and `?` mean something."""
    return text.replace("[", "[[]")


def add_functions(database: sqlite3.Connection) -> None:
    database.create_function("folded", 1, folded, deterministic=True)
