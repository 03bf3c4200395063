"""The accounts of examples/registry, made on the real servers from the files that users copy."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import redis.asyncio as redis

from tests.databases import scripts, waited

__all__ = ["postgres_accounts", "redis_accounts", "without"]

EXAMPLES = Path(__file__).parents[3] / "examples" / "registry"
_PASSWORD = "planted-Registry-pass-51c"


@contextmanager
def postgres_accounts(dsn: str) -> Iterator[dict[str, str]]:
    """`reader` and `operator`: the DSN of each. Roles are the whole server's, so these have the database's name."""
    name = urlsplit(dsn).path.removeprefix("/")
    script = re.sub(r"\bocm_(reader|operator)\b", rf"{name}_\1", (EXAMPLES / "grants.sql").read_text(encoding="utf-8"))
    roles = {short: f"{name}_{short}" for short in ("reader", "operator")}
    scripts(dsn, script, *(f"ALTER ROLE {role} PASSWORD '{_PASSWORD}'" for role in roles.values()))
    try:
        yield {short: _signed_in(dsn, role) for short, role in roles.items()}
    finally:
        scripts(dsn, *(f"DROP OWNED BY {role}; DROP ROLE {role}" for role in roles.values()))


@contextmanager
def redis_accounts(url: str) -> Iterator[dict[str, str]]:
    lines = [line.split() for line in (EXAMPLES / "redis-acl.txt").read_text(encoding="utf-8").splitlines() if line]

    async def set_users(*, there: bool) -> None:
        client: Any = redis.Redis.from_url(url)
        try:
            for _user, name, *rules in lines:
                given = [f">{_PASSWORD}" if rule.startswith(">") else rule for rule in rules]
                await client.execute_command(*("ACL", "SETUSER", name, *given) if there else ("ACL", "DELUSER", name))
        finally:
            await client.aclose()

    waited(lambda: set_users(there=True))
    try:
        yield {line[1].removeprefix("ocm-"): _signed_in(url, line[1]) for line in lines}
    finally:
        waited(lambda: set_users(there=False))


def without(url: str, user: str, *rules: str) -> None:
    """Take rights away from an account on the server at `url`, that of its administrator."""

    async def work() -> None:
        client: Any = redis.Redis.from_url(url)
        try:
            await client.execute_command("ACL", "SETUSER", user, *rules)
        finally:
            await client.aclose()

    asyncio.get_running_loop()  # only from a test that runs in one: it must not be kept waiting by its own clients
    waited(work)


def _signed_in(url: str, user: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    query = urlencode(dict(parse_qsl(parts.query)), safe="/")
    return urlunsplit(parts._replace(netloc=f"{user}:{_PASSWORD}@{host}", query=query))
