from typing import Any, cast

import pytest

from ocm_tui.core.checks.catalogue import CHECKS
from ocm_tui.core.checks.runner import run_checks, select
from ocm_tui.core.clients.model import ServerInfo
from ocm_tui.core.errors import (
    ApiError,
    ConfigError,
    ExitCode,
    Forbidden,
    NotFound,
    OcmError,
    TransportError,
    Unauthorised,
)
from tests.unit.core.checks.support import context, statuses

SERVER = select(CHECKS, only=("server.*",))
GOOD = ServerInfo("12.1.0.4")


async def test_one_question_answers_three_checks() -> None:
    subject = context(GOOD)
    report = await run_checks(SERVER, subject)
    assert statuses(report.results) == {
        "server.reachable": "pass",
        "server.authenticated": "pass",
        "server.version": "pass",
        "server.tls": "skip",
    }
    server = cast("Any", subject.session.require_clients().server)
    assert server.asked == 1
    assert report.results[1].message == "signed in as ocm"
    assert report.results[2].details == {"version": "12.1.0.4"}


@pytest.mark.parametrize(
    ("error", "expected", "code"),
    [
        (TransportError("refused", layer="tcp"), ("fail", "skip", "skip", "skip"), 3),
        (TransportError("too slow", layer="deadline"), ("fail", "skip", "skip", "skip"), 3),
        (ApiError("proxy: 502", status=502), ("fail", "skip", "skip", "skip"), 1),
        (Unauthorised("401", status=401), ("pass", "fail", "skip", "skip"), 4),
        (Forbidden("403", status=403), ("pass", "fail", "skip", "skip"), 4),
        (NotFound("404", status=404), ("pass", "fail", "skip", "skip"), 1),
        (ApiError("a page, not JSON", status=200), ("pass", "fail", "skip", "skip"), 1),
    ],
)
async def test_what_fails_where(error: OcmError, expected: tuple[str, ...], code: int) -> None:
    report = await run_checks(SERVER, context(error))
    assert tuple(result.status for result in report.results) == expected
    assert report.exit_code == code


@pytest.mark.parametrize(
    ("version", "status", "word"),
    [
        ("11.3.0.0", "pass", "supported"),
        ("13.1.4", "pass", "supported"),
        ("11.2.9", "warn", "older"),
        ("13.2.0", "warn", "newer"),
        ("14", "warn", "not a version"),
        ("", "warn", "not a version"),
        ("\x1b[31mred", "warn", "not a version"),
    ],
)
async def test_versions(version: str, status: str, word: str) -> None:
    report = await run_checks(select(CHECKS, only=("server.version",)), context(ServerInfo(version)))
    assert report.results[0].status == status
    assert word in report.results[0].message
    assert "\x1b" not in report.results[0].message
    assert report.exit_code == ExitCode.OK


async def test_without_a_server_everything_about_it_is_skipped() -> None:
    report = await run_checks(CHECKS, context())
    assert statuses(report.results) == {
        "config": "pass",
        "server.reachable": "skip",
        "server.authenticated": "skip",
        "server.version": "skip",
        "server.tls": "skip",
        "inventory": "skip",
        "registry.database": "skip",
        "registry.cache": "skip",
        "registry.stream": "skip",
        "registry.consistency": "skip",
    }
    assert "not configured" in report.results[1].message
    assert "environments.dev.server" in report.results[1].hint
    assert report.exit_code == ExitCode.OK


async def test_a_server_that_cannot_be_used_fails_the_configuration() -> None:
    problem = ConfigError("${env:PF_PASSWORD} is not set", path="config.yaml", line=7)
    report = await run_checks(CHECKS, context(server_problem=problem))
    assert statuses(report.results)["config"] == "fail"
    assert statuses(report.results)["server.reachable"] == "skip"
    assert report.exit_code == ExitCode.USAGE


async def test_warnings_of_the_configuration_warn() -> None:
    report = await run_checks(select(CHECKS, only=("config",)), context(warnings=["one", "two"]))
    (result,) = report.results
    assert (result.status, len(result.findings)) == ("warn", 2)
    assert "2 warnings" in result.message
