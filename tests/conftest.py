"""The real servers that tests ask for by name: started on first use, one of each for a process of tests.

postgres_dsn   a database of the module's own with the registry's tables, empty for every test
redis_url      empty for every test
postgres_server, valkey_server   the servers themselves, for tests that bring databases and accounts of their own

Besides, short ids for long parameters, and a process that knows no secrets.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ocm_tui.core.exchanges.known import KnownMatcher
from ocm_tui.core.exchanges.redaction import session_redactor
from ocm_tui.core.secret import known_secrets
from tests.databases import database, emptied, flushed, template
from tests.real_servers import NoServer, RealServer, postgres_server, valkey_server

# The number of this process of tests under xdist: `gw3` has the third database of a Redis that all share.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


# Longer ones are no names any more: each report of a test carries its id, and so does a variable of the environment.
_LONGEST_ID = 64

_from_imports: dict[str, str] = {}


def pytest_make_parametrize_id(val: object) -> str | None:
    """The beginning of a long text, and how long it is."""
    if not isinstance(val, str | bytes) or len(val) <= _LONGEST_ID:
        return None
    start = val[:24] if isinstance(val, str) else val[:24].decode("latin-1")
    shown = start.encode("unicode_escape").decode("ascii")
    return f"{shown[:40]}...{len(val)} {'characters' if isinstance(val, str) else 'bytes'}"


def pytest_collection_finish() -> None:
    """What test modules hold from their import on is the same however the tests are shared out."""
    _from_imports.update(known_secrets.added_after(0))


@contextmanager
def _knowing(forms: dict[str, str]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(known_secrets, "_forms", forms)
        patch.setattr(known_secrets, "_index", None)
        patch.setattr(session_redactor, "_known", KnownMatcher(known_secrets))
        yield


@pytest.fixture(scope="module", autouse=True)
def _only_own_secrets() -> Iterator[None]:
    """A module knows no secrets of those that happened to run before it in this process: one may be `xxxxxx`."""
    with _knowing(dict(_from_imports)):
        yield


@pytest.fixture(scope="module")
def nothing_known(_only_own_secrets: None) -> Iterator[None]:
    """No secrets at all are known at first."""
    with _knowing({}):
        yield


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
