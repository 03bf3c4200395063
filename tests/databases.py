"""Databases for tests, on a server that is there. Plain functions: each makes its own connection and waits for it."""

import asyncio
import contextlib
import threading
import uuid
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

__all__ = ["database", "emptied", "flushed", "named", "scripts", "sql", "template", "waited"]

T = TypeVar("T")


def waited(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """In a loop and a thread of its own: the loop of the test, if one runs, is left alone."""
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(asyncio.run(work()))
        except BaseException as error:  # noqa: BLE001 - carried over to the caller, whatever it is
            failure.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]


def sql(dsn: str, question: str) -> list[Any]:
    """The rows that one statement gives."""
    return waited(lambda: _on(dsn, lambda connection: connection.fetch(question)))


def scripts(dsn: str, *texts: str) -> None:
    """Each is one transaction, however many statements it has; one that holds CREATE DATABASE has that alone."""

    async def work(connection: Any) -> None:
        for text in texts:
            await connection.execute(text)

    waited(lambda: _on(dsn, work))


async def _on(dsn: str, work: Callable[[Any], Coroutine[Any, Any, T]]) -> T:
    import asyncpg

    connection = await asyncpg.connect(dsn, server_settings={"lock_timeout": "10s"})
    try:
        return await work(connection)
    finally:
        await connection.close()


def named(dsn: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


@contextlib.contextmanager
def database(dsn: str, *, copy_of: str = "template0") -> Iterator[str]:
    """The DSN of a new database on the server of `dsn`; dropped afterwards, whoever is still connected."""
    name = f"ocm_test_{uuid.uuid4().hex[:12]}"
    scripts(dsn, f'CREATE DATABASE "{name}" TEMPLATE "{copy_of}"')
    try:
        yield named(dsn, name)
    finally:
        scripts(dsn, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextlib.contextmanager
def template(dsn: str) -> Iterator[str]:
    """The name of a database with the registry's tables in it."""
    from ocm_tui.core.registry.postgres import PostgresStore

    async def migrate(where: str) -> None:
        store = PostgresStore(where)
        try:
            await store.migrate()
        finally:
            await store.close()

    with database(dsn) as made:
        waited(lambda: migrate(made))
        yield urlsplit(made).path.removeprefix("/")


def emptied(dsn: str) -> None:
    """Every table of the registry, but the record of its migrations."""
    tables = sql(
        dsn,
        "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables"
        " WHERE schemaname = 'client_registry' AND tablename <> 'schema_migrations'",
    )[0][0]
    if tables:
        scripts(dsn, f"TRUNCATE {tables}")


def flushed(url: str, *, number: int = 0) -> str:
    """The URL of the server's database `number`, empty."""
    import redis.asyncio as redis

    parts = urlsplit(url)
    own = url if number == 0 else urlunsplit(parts._replace(query=f"db={number}"))

    async def work() -> None:
        client = redis.Redis.from_url(own)
        try:
            await client.flushdb()
        finally:
            await client.aclose()

    waited(work)
    return own
