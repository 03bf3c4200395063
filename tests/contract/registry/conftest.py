"""`backend` is each of the two pairs in turn; `store`, `cache` and `registry` are connections to the one at hand."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ocm_tui.core.registry.ports import ClientCache, ClientStore
from ocm_tui.core.registry.service import ClientRegistry
from tests.contract.registry.backends import BACKENDS, Backend, Embedded, Servers


@pytest.fixture(params=BACKENDS, name="backend")
async def _backend(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Backend]:
    backend: Backend
    if request.param == "embedded":
        backend = Embedded(path=tmp_path / "registry.sqlite3")
    else:
        backend = Servers(dsn=request.getfixturevalue("postgres_dsn"), url=request.getfixturevalue("redis_url"))
    yield backend
    await backend.close()


@pytest.fixture(name="store")
def _store(backend: Backend) -> ClientStore:
    return backend.store()


@pytest.fixture(name="cache")
def _cache(backend: Backend) -> ClientCache:
    return backend.cache()


@pytest.fixture(name="registry")
def _registry(backend: Backend) -> ClientRegistry:
    return backend.registry()
