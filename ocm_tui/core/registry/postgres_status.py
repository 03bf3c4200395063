"""How a Postgres is: each part is a statement of its own, so that one that is denied takes no other with it."""

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

from ocm_tui.core.errors import OcmError
from ocm_tui.core.registry.errors import DatabaseUnreachable, RegistryDenied
from ocm_tui.core.registry.ports import ClientStore
from ocm_tui.core.registry.rates import Counters
from ocm_tui.core.registry.status import DatabaseStatus, PoolUse, Replica, Sessions

if TYPE_CHECKING:
    from ocm_tui.core.registry.postgres import PostgresStore

__all__ = ["postgres_status"]

_SERVER: Final = """
SELECT current_setting('server_version') AS version,
       pg_is_in_recovery() AS replica,
       CASE WHEN pg_is_in_recovery() AND pg_last_wal_receive_lsn() IS DISTINCT FROM pg_last_wal_replay_lsn()
            THEN extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000
            WHEN pg_is_in_recovery() THEN 0 END AS replay_lag_ms
"""
# Of sessions that are hidden from this account only their database and user can be seen; one that begins just now has
# no state either.
_SESSIONS: Final = """
SELECT count(*)::int AS total,
       count(*) FILTER (WHERE state IN ('active', 'fastpath function call'))::int AS active,
       count(*) FILTER (WHERE state LIKE 'idle in transaction%')::int AS idle_in_transaction,
       count(*) FILTER (WHERE wait_event_type = 'Lock')::int AS waiting,
       count(*) FILTER (WHERE query = '<insufficient privilege>')::int AS hidden,
       count(*) FILTER (WHERE wait_event_type = 'Lock' AND cardinality(pg_blocking_pids(pid)) > 0)::int AS blocked,
       (extract(epoch FROM max(clock_timestamp() - xact_start)
                           FILTER (WHERE pid <> pg_backend_pid())) * 1000)::float8 AS longest_ms,
       current_setting('max_connections')::int AS most
FROM pg_stat_activity
WHERE backend_type = 'client backend' OR (query = '<insufficient privilege>' AND datid IS NOT NULL)
"""
_LOCKS: Final = "SELECT count(*)::int FROM pg_locks WHERE NOT granted"
_COUNTERS: Final = """
SELECT xact_commit + xact_rollback AS transactions, blks_hit, blks_read, deadlocks, temp_files
FROM pg_stat_database WHERE datname = current_database()
"""
_SIZE: Final = "SELECT pg_database_size(current_database())"
_REPLICAS: Final = """
SELECT coalesce(nullif(application_name, ''), client_addr::text, pid::text) AS name, coalesce(state, '') AS state,
       (extract(epoch FROM replay_lag) * 1000)::float8 AS lag_ms,
       pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END,
                       replay_lsn)::bigint AS lag_bytes
FROM pg_stat_replication ORDER BY 1
"""
_TABLE: Final = """
SELECT pg_total_relation_size(c.oid) AS bytes, s.n_dead_tup AS dead_rows,
       greatest(s.last_vacuum, s.last_autovacuum) AS vacuumed_at
FROM pg_class c LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
WHERE c.oid = to_regclass($1)
"""
_MOST_REPLICAS: Final = 20
_CHEAP: Final = 20_000  # in the server's own units: half a million rows, read one after the other
_TOOK_TOO_LONG: Final = "57014"  # query_canceled: the server keeps our own limit

_Members = dict[str, Any]


async def postgres_status(
    store: ClientStore, before: DatabaseStatus | None = None, seconds: float | None = None
) -> DatabaseStatus:
    """DatabaseUnreachable when the server does not even say its version; what else fails is named in `denied`."""
    from ocm_tui.core.registry.postgres import PostgresStore

    assert isinstance(store, PostgresStore)
    return await _Look(store).status(before, seconds)


class _Look:
    """One look at one server. `denied` collects what it would not tell."""

    def __init__(self, store: "PostgresStore") -> None:
        self._store = store
        self._denied: list[str] = []

    async def status(self, before: DatabaseStatus | None, seconds: float | None) -> DatabaseStatus:
        members = await self._server()
        members |= await self._part("pg_stat_activity", self._sessions)
        members |= await self._part("pg_locks", self._locks)
        members |= await self._part("pg_stat_database", lambda: self._database(before, seconds))
        members |= await self._part("database size", self._size)
        members |= await self._part("pg_stat_replication", self._replicas)
        members |= await self._part("table size", self._table)
        members |= await self._part("clients", self._newest)
        if "outbox" in self._store.capabilities:
            members |= await self._part("outbox", self._outbox)
        return DatabaseStatus(
            kind="postgres",
            address=self._store.address,
            writable="write" in self._store.capabilities,
            denied=tuple(self._denied),
            pool=self._pool(),
            **members,
        )

    async def _part(self, name: str, ask: Callable[[], Awaitable[_Members]]) -> _Members:
        try:
            return await ask()
        except DatabaseUnreachable as error:
            if getattr(error.__cause__, "sqlstate", "") != _TOOK_TOO_LONG:
                raise
            self._denied.append(f"{name} (took too long)")
        except RegistryDenied:
            self._denied.append(name)
        except OcmError as error:
            self._denied.append(f"{name} ({error})")
        return {}

    async def _rows(self, statement: str, *arguments: object) -> Sequence[Any]:
        async with self._store.reading() as connection:
            rows: Sequence[Any] = await connection.fetch(statement, *arguments)
            return rows

    async def _server(self) -> _Members:
        async with self._store.reading() as connection:
            row = await connection.fetchrow(_SERVER)
            start = perf_counter()
            await connection.fetchval("SELECT 1")
            latency = (perf_counter() - start) * 1000
        lag = row["replay_lag_ms"]
        return {
            "version": str(row["version"]).split()[0],
            "latency_ms": round(latency, 2),
            "replica": row["replica"],
            "replay_lag_ms": None if lag is None else float(lag),
        }

    async def _sessions(self) -> _Members:
        row = (await self._rows(_SESSIONS))[0]
        if row["hidden"]:
            self._denied.append("pg_stat_activity of other accounts (pg_read_all_stats)")
        return {
            "sessions": Sessions(row["total"], row["active"], row["idle_in_transaction"], row["waiting"], row["most"]),
            "blocked": row["blocked"],
            "longest_transaction_ms": row["longest_ms"],
        }

    async def _locks(self) -> _Members:
        return {"waiting_locks": (await self._rows(_LOCKS))[0][0]}

    async def _database(self, before: DatabaseStatus | None, seconds: float | None) -> _Members:
        row = (await self._rows(_COUNTERS))[0]
        counters = {name: int(row[name]) for name in ("transactions", "blks_hit", "blks_read")}
        rates = Counters(counters, before.counters if before else {}, seconds)
        return {
            "counters": counters,
            "transactions_per_s": rates.per_second("transactions"),
            "buffer_hit_ratio": rates.share("blks_hit", "blks_read"),
            "deadlocks": row["deadlocks"],
            "temporary_files": row["temp_files"],
        }

    async def _size(self) -> _Members:
        return {"database_bytes": (await self._rows(_SIZE))[0][0]}

    async def _replicas(self) -> _Members:
        rows = (await self._rows(_REPLICAS))[:_MOST_REPLICAS]
        return {"replicas": tuple(Replica(one["name"], one["state"], one["lag_ms"], one["lag_bytes"]) for one in rows)}

    async def _table(self) -> _Members:
        rows = await self._rows(_TABLE, f"{self._store.schema}.clients")
        if not rows:
            return {}
        return {
            "table_bytes": rows[0]["bytes"],
            "dead_rows": rows[0]["dead_rows"],
            "vacuumed_at": rows[0]["vacuumed_at"],
        }

    async def _newest(self) -> _Members:
        shape = await self._store.probe()
        if "last_synced_at" not in shape.has:
            return {}
        newest = f"SELECT max(last_synced_at) FROM {self._store.schema}.clients"
        plan = json.loads((await self._rows(f"EXPLAIN (FORMAT JSON) {newest}"))[0][0])
        if plan[0]["Plan"]["Total Cost"] > _CHEAP:
            return {}  # ours has an index for it; of others no whole table is read again and again
        found = (await self._rows(newest))[0][0]
        if found is not None and found.tzinfo is None:
            found = found.replace(tzinfo=UTC)  # older registries have times without a zone, and mean UTC
        return {"newest_synced_at": found}

    async def _outbox(self) -> _Members:
        return {"outbox": await self._store.outbox_size()}

    def _pool(self) -> PoolUse | None:
        pool = self._store.pool
        return None if pool is None else PoolUse(pool.get_size(), pool.get_idle_size(), pool.get_max_size())
