"""What the registry checks say of good, bad, dead and denied registries."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ocm_tui.core.checks.catalogue import CHECKS
from ocm_tui.core.checks.model import CheckContext, CheckReport
from ocm_tui.core.checks.probe import ServerProbe
from ocm_tui.core.checks.runner import run_checks, select
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.errors import ExitCode
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.registry.errors import DatabaseUnreachable
from ocm_tui.core.registry.events.model import StreamStatus
from ocm_tui.core.registry.memory_cache import MemoryCache
from ocm_tui.core.registry.service import ClientRegistry
from ocm_tui.core.registry.sqlite_store import SqliteStore
from ocm_tui.core.registry.status import CacheStatus, DatabaseStatus, RegistryStatus, StatusCounts
from ocm_tui.core.registry.thresholds import RegistryThresholds
from ocm_tui.core.session import Session
from ocm_tui.demo_registry import DEMO_THRESHOLDS, open_demo_registry

DATABASE = DatabaseStatus(kind="postgres", address="db.example.com", latency_ms=2.0, outbox=0)
CACHE = CacheStatus(kind="redis", address="cache.example.com", latency_ms=1.0, keys=3, used_memory=10, max_memory=100)
STREAM = StreamStatus(name="events", length=5, lag=0, pending=0, dead_letters=0)


def session(registry: ClientRegistry, **more: Any) -> Session:
    found = Session(environment="dev", policy=WritePolicy(), log=ExchangeLog(), **more)

    async def make() -> ClientRegistry:
        return registry

    found.make_registry = make
    return found


async def checked(subject: Session, *only: str) -> CheckReport:
    return await run_checks(select(CHECKS, only=only or ("registry.*",)), CheckContext(subject, ServerProbe(subject)))


async def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Any, only: str, **parts: Any) -> Any:
    """The one result of the check `only`, for a registry whose status has these parts."""
    status = RegistryStatus(
        parts.get("database", DATABASE), parts.get("cache", CACHE), parts.get("stream", STREAM), StatusCounts(3, 0, 0),
        datetime.now(UTC),
    )  # fmt: skip

    async def read_status(registry: object) -> RegistryStatus:
        return status

    monkeypatch.setattr("ocm_tui.core.registry.status.read_status", read_status)
    registry = ClientRegistry(SqliteStore(tmp_path / "r.sqlite3"), MemoryCache())
    try:
        subject = session(registry, registry_thresholds=parts.get("thresholds"))
        return (await checked(subject, only)).results[0]
    finally:
        await registry.close()


@pytest.mark.parametrize(
    ("only", "parts", "status", "words"),
    [
        ("registry.database", {}, "pass", "postgres at db.example.com with 3 clients answered in 2.0 ms"),
        ("registry.database", {"database": {"latency_ms": 900.0}}, "warn", "slower than 500 ms"),
        ("registry.database", {"database": {"outbox": 2}}, "warn", "2 rows are not yet propagated"),
        ("registry.database", {"database": {"replay_lag_ms": 31_000.0}}, "warn", "31 s behind"),
        ("registry.database", {"database": {"denied": ("pg_stat_activity",)}}, "warn", "may not see pg_stat_activity"),
        ("registry.database", {"database": {"reachable": False, "problem": "refused"}}, "fail", "refused"),
        ("registry.cache", {}, "pass", "redis at cache.example.com with 3 keys"),
        ("registry.cache", {"cache": {"used_memory": 95}}, "warn", "95% of its memory limit"),
        ("registry.cache", {"cache": {"used_memory": 95, "max_memory": 0}}, "pass", "3 keys"),
        ("registry.cache", {"cache": {"reachable": False}}, "fail", "cannot be reached"),
        ("registry.stream", {}, "pass", "events has 5 events and 0 consumers"),
        ("registry.stream", {"stream": {"lag": 1001}}, "warn", "1,001 events wait"),
        ("registry.stream", {"stream": {"lag": None}}, "pass", "5 events"),
        ("registry.stream", {"stream": {"oldest_pending_ms": 400_000}}, "warn", "pending for 400 s"),
        ("registry.stream", {"stream": {"dead_letters": 1}}, "warn", "1 dead letter"),
    ],
)
async def test_each_part_is_judged_by_its_thresholds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, *, only: str, parts: dict[str, Any], status: str, words: str
) -> None:
    good: dict[str, Any] = {"database": DATABASE, "cache": CACHE, "stream": STREAM}
    changed = {name: replace(good[name], **members) for name, members in parts.items()}
    result = await told(monkeypatch, tmp_path, only, **changed)
    assert (result.status, words in result.message) == (status, True), result


async def test_thresholds_are_the_environments(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    strict = RegistryThresholds(latency_ms=0.5)
    assert (await told(monkeypatch, tmp_path, "registry.cache", thresholds=strict)).status == "warn"


async def test_a_denied_database_is_a_refusal(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    denied = DatabaseStatus(kind="postgres", problem="permission denied for table clients")
    result = await told(monkeypatch, tmp_path, "registry.database", database=denied)
    assert (result.status, result.exit_code) == ("fail", ExitCode.REFUSED)


async def test_without_a_stream_its_check_is_skipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    assert (await told(monkeypatch, tmp_path, "registry.stream", stream=None)).status == "skip"


@pytest.mark.parametrize(
    ("thresholds", "status"),
    [
        (DEMO_THRESHOLDS, "warn"),
        (RegistryThresholds(), "fail"),
        (RegistryThresholds(sweep_limit=10), "skip"),
    ],
)
async def test_the_cache_is_compared_with_the_rows(tmp_path: Any, thresholds: RegistryThresholds, status: str) -> None:
    registry = await open_demo_registry(tmp_path, WritePolicy(), "https://pf.example.com")
    try:
        subject = session(registry, demo=True, registry_thresholds=thresholds)
        (result,) = (await checked(subject, "registry.consistency")).results
    finally:
        await registry.close()
    assert result.status == status
    if status != "skip":
        assert result.message.startswith("3 stale, 1 orphan, 1 corrupt of 37")
        assert len(result.findings) == 5


async def test_a_cache_of_this_process_alone_is_not_compared(tmp_path: Any) -> None:
    registry = ClientRegistry(SqliteStore(tmp_path / "r.sqlite3"), MemoryCache())
    try:
        (result,) = (await checked(session(registry), "registry.consistency")).results
    finally:
        await registry.close()
    assert (result.status, "in process" in result.message) == ("skip", True)


async def test_a_registry_that_cannot_be_opened_fails_every_check(tmp_path: Any) -> None:
    registry = ClientRegistry(SqliteStore(tmp_path / "r.sqlite3"), MemoryCache())
    subject = session(registry)

    async def make() -> ClientRegistry:
        raise DatabaseUnreachable("its password is in a keyring that is locked")

    subject.make_registry = make
    report = await checked(subject)
    assert [result.status for result in report.results] == ["fail", "fail", "fail", "skip"]
    assert report.exit_code == ExitCode.UNREACHABLE
    await registry.close()
