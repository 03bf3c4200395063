from datetime import UTC, datetime, timedelta

import pytest

from ocm_tui.core.checks.catalogue import CHECKS
from ocm_tui.core.checks.runner import run_checks, select
from ocm_tui.core.checks.tls import certificate_verdict
from ocm_tui.core.clients.model import ServerInfo
from tests.unit.core.checks.support import context

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
