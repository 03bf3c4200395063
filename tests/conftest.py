"""The real servers that tests ask for by name: started on first use, one of each for a process of tests.

postgres_dsn   a database of the module's own with the registry's tables, empty for every test
redis_url      empty for every test
postgres_server, valkey_server   the servers themselves, for tests that bring databases and accounts of their own
"""

import os
from collections.abc import Iterator

import pytest

from tests.databases import database, emptied, flushed, template
from tests.real_servers import NoServer, RealServer, postgres_server, valkey_server

# The number of this process of tests under xdist: `gw3` has the third database of a Redis that all share.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def _without(reason: NoServer) -> None:
    """On a developer's machine a missing server skips; where OCM_REQUIRE_SERVERS=1 is set, it fails."""
    if os.environ.get("OCM_REQUIRE_SERVERS", "") not in {"", "0"}:
        pytest.fail(str(reason), pytrace=False)
    pytest.skip(str(reason))


@pytest.fixture(scope="session", name="postgres_server")
def _postgres_server() -> Iterator[RealServer]:
    try:
        with postgres_server() as server:
            yield server
    except NoServer as reason:
        _without(reason)


@pytest.fixture(scope="session", name="valkey_server")
def _valkey_server() -> Iterator[RealServer]:
    try:
        with valkey_server() as server:
            yield server
    except NoServer as reason:
        _without(reason)


@pytest.fixture(scope="session")
def registry_template(postgres_server: RealServer) -> Iterator[str]:
    """The name of a database with the registry's tables, to be copied."""
    with template(postgres_server.url) as name:
        yield name


@pytest.fixture(scope="module")
def module_dsn(postgres_server: RealServer, registry_template: str) -> Iterator[str]:
    with database(postgres_server.url, copy_of=registry_template) as dsn:
        yield dsn


@pytest.fixture
def postgres_dsn(module_dsn: str) -> str:
    emptied(module_dsn)
    return module_dsn


@pytest.fixture
def redis_url(valkey_server: RealServer) -> str:
    return flushed(valkey_server.url, number=_WORKER if "OCM_TEST_REDIS_URL" in os.environ else 0)
