"""The comparison with a Postgres: each range of keys is sent there, and one join finds what differs."""

from collections.abc import AsyncGenerator, Sequence
from typing import Final
from uuid import UUID

from ocm_tui.core.registry.comparing import Unlike
from ocm_tui.core.registry.findings import KeyRange, SeenKeys
from ocm_tui.core.registry.ports import ClientStore

__all__ = ["JoinedComparison"]

_ID: Final = 16  # bytes
_BATCH: Final = 5_000  # rows on their way at a time: a range may have a million without a key

# Ids travel as one text of hexadecimal digits, which is made and read much quicker than an array of values.
_JOIN: Final = """
WITH keys AS MATERIALIZED (SELECT * FROM unnest(string_to_array($1, ',')::uuid[], $2::bigint[]) AS k (id, version)),
     rows AS (SELECT client_id AS id, {version} AS version FROM {table}
              WHERE client_id >= $3 AND ($4::uuid IS NULL OR client_id < $4) AND {visible})
SELECT coalesce(keys.id, rows.id) AS id, rows.version
FROM keys {join} JOIN rows ON rows.id = keys.id
WHERE keys.version IS DISTINCT FROM rows.version
"""
_TIMES: Final = "coalesce((extract(epoch FROM updated_at) * 1000000)::bigint, 1)"


class JoinedComparison:
    """`approximate` is known once a range was asked for: without a `row_version` the time of the last change counts."""

    def __init__(self, store: ClientStore, seen: SeenKeys, *, missing: bool) -> None:
        from ocm_tui.core.registry.postgres import PostgresStore

        assert isinstance(store, PostgresStore)
        self.approximate = False
        self._store, self._seen = store, seen
        self._side = "FULL" if missing else "LEFT"

    async def unlike(self, keys: KeyRange) -> AsyncGenerator[Sequence[Unlike], None]:
        question = await self._question()
        ids = b"".join(keys.places).hex(",", _ID)
        versions = [self._seen.versions[place] for place in keys.places.values()]
        high = UUID(bytes=keys.high) if keys.high is not None else None
        async with self._store.reading() as connection, connection.transaction(readonly=True):
            cursor = await connection.cursor(question, ids, versions, UUID(bytes=keys.low), high)
            while rows := await cursor.fetch(_BATCH):
                yield [(row[0].bytes, row[1]) for row in rows]

    async def close(self) -> None:
        return

    async def _question(self) -> str:
        shape = await self._store.probe()
        self.approximate = "versions" not in shape.capabilities
        when = _TIMES if "updated_at" in shape.has else "1::bigint"
        version = when if self.approximate else "row_version"
        return _JOIN.format(
            version=version, table=f"{self._store.schema}.clients", visible=shape.visible, join=self._side
        )
