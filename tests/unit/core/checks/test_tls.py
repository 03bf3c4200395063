import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ocm_tui.core.checks.catalogue import CHECKS
from ocm_tui.core.checks.runner import run_checks, select
from ocm_tui.core.checks.tls import certificate_verdict
from ocm_tui.core.clients.model import ServerInfo
from ocm_tui.core.errors import ExitCode, TransportError
from ocm_tui.core.http.types import TLSSettings
from tests.unit.core.checks.support import context
from tests.unit.core.http.authority import Authority, Pair, server_context

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TLS = select(CHECKS, only=("server.tls",))


@pytest.mark.parametrize(
    ("ends", "verified", "status", "words"),
    [
        (31, True, "pass", "31 days from now"),
        (30, True, "pass", "30 days from now"),
        (29, True, "warn", "expires in 29 days, on 2026-06-30"),
        (0.5, True, "warn", "expires in 0 days"),
        (0, True, "fail", "expired"),
        (-3, True, "fail", "expired 3 days ago, on 2026-05-29"),
        (-1.5, True, "fail", "expired 1 day ago"),
        (1.5, True, "warn", "expires in 1 day, on"),
        (300, False, "warn", "not verified"),
        (5, False, "warn", "expires in 5 days"),
    ],
)
def test_days_left(ends: float, verified: bool, status: str, words: str) -> None:
    verdict = certificate_verdict(NOW + timedelta(days=ends), NOW, subject="CN=x", verified=verified)
    assert verdict.status == status
    assert words in verdict.message
    assert verdict.details["subject"] == "CN=x"
    assert verdict.details["verified"] is verified


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "http://localhost:1", "http://[::1]:1", "http://127.9.9.9"])
async def test_plain_http_on_loopback_is_skipped(url: str) -> None:
    (result,) = (await run_checks(TLS, context(ServerInfo("12.1"), base_url=url))).results
    assert (result.status, "loopback" in result.message) == ("skip", True)


async def test_plain_http_to_elsewhere_is_a_warning() -> None:
    report = await run_checks(TLS, context(ServerInfo("12.1"), base_url="http://pf.example.com:9999/x"))
    assert report.results[0].status == "warn"
    assert "in clear" in report.results[0].message


@asynccontextmanager
async def https_server(pair: Pair) -> AsyncIterator[str]:
    """Answers no request: none may come."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked.append(await reader.read(100))
        except OSError:
            asked.append(b"")
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_context(pair))
    try:
        yield f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}/pf-admin-api/v1"
    finally:
        listener.close()
        await listener.wait_closed()
    assert not any(asked)


@pytest.mark.parametrize(
    ("days", "verify", "status", "words"),
    [
        (90, True, "pass", "days from now"),
        (12, True, "warn", "expires in 11 days"),
        (90, False, "warn", "not verified"),
        (-2, True, "fail", "expired"),
        (-2, False, "fail", "expired"),
    ],
)
async def test_a_real_handshake(tmp_path: Path, days: int, verify: bool, status: str, words: str) -> None:
    authority = Authority(tmp_path)
    pair = authority.issue(begins=timedelta(days=-100), ends=timedelta(days=days))
    async with https_server(pair) as url:
        subject = context(ServerInfo("12.1"), base_url=url)
        assert subject.session.server is not None
        settings = TLSSettings(ca_file=authority.file, verify=verify)
        subject.session.server = replace(subject.session.server, tls=settings)
        report = await run_checks(TLS, subject)
    (result,) = report.results
    assert (result.status, words in result.message) == (status, True), result.message
    assert result.details["subject"] == "CN=server"
    assert report.exit_code == (ExitCode.BAD if status == "fail" else ExitCode.OK)


async def test_an_authority_that_is_not_trusted(tmp_path: Path) -> None:
    pair = Authority(tmp_path, "Unknown Authority").issue()
    async with https_server(pair) as url:
        subject = context(ServerInfo("12.1"), base_url=url)
        assert subject.session.server is not None
        trusted = Authority(tmp_path, "Other Authority")
        subject.session.server = replace(subject.session.server, tls=TLSSettings(ca_file=trusted.file))
        report = await run_checks(TLS, subject)
    assert report.results[0].status == "fail"
    assert report.results[0].details["layer"] == "tls"


async def test_an_expired_certificate_is_named_although_the_server_counts_as_unreachable(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with https_server(authority.issue(begins=timedelta(days=-9), ends=timedelta(days=-3))) as url:
        subject = context(TransportError("certificate has expired", layer="tls"), base_url=url)
        assert subject.session.server is not None
        subject.session.server = replace(subject.session.server, tls=TLSSettings(ca_file=authority.file))
        report = await run_checks(select(CHECKS, only=("server.*",)), subject)
    assert [result.status for result in report.results] == ["fail", "skip", "skip", "fail"]
    assert "expired 3 days ago" in report.results[3].message
    assert report.exit_code == ExitCode.BAD


async def test_a_dead_https_server_is_unreachable() -> None:
    listener = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    listener.close()
    await listener.wait_closed()
    report = await run_checks(TLS, context(ServerInfo("12.1"), base_url=f"https://127.0.0.1:{port}"))
    assert report.results[0].status == "fail"
    assert report.exit_code == ExitCode.UNREACHABLE
