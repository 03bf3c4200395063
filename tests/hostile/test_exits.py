"""The secrets and containers of `test_exports`, through what is no export: screen, screenshot, reports of the checks,
crash report, and the words of --verbose."""

import itertools
from pathlib import Path

import pytest

from ocm_tui.core.checks.catalogue import CHECKS
from ocm_tui.core.checks.model import CheckContext
from ocm_tui.core.checks.probe import ServerProbe
from ocm_tui.core.checks.runner import run_checks, select
from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.crash import crash_text, write_crash_report
from ocm_tui.core.diagnosis.engine import diagnose
from ocm_tui.core.errors import UsageError
from ocm_tui.core.exchanges.log import ExchangeLog
from ocm_tui.core.http.types import BasicAuth, HTTPClientConfig
from ocm_tui.core.secret import Secret
from ocm_tui.core.session import Session
from ocm_tui.headless.formats.checks import CHECK_FORMATS, formatter
from ocm_tui.headless.invocation import exchange_line
from ocm_tui.tui.diagnoses import Diagnosed
from ocm_tui.tui.diagnosis_lines import diagnosed_lines
from ocm_tui.tui.exchange_detail import DETAIL_TABS, DIAGNOSIS, detail_lines
from ocm_tui.tui.screens.log import LogScreen
from ocm_tui.wiring import connect_server
from tests.hostile.containers import CARRIERS, Carrier, leaks, leaks_of_files, record
from tests.hostile.planted import KINDS, Kind
from tests.hostile.server import Lie, LyingServer
from tests.hostile.support import lied_to

# Each kind once, each container at least twice.
PAIRS: list[tuple[Kind, Carrier]] = list(zip(KINDS, itertools.cycle(CARRIERS), strict=False))


async def test_the_screen_and_its_screenshot(tmp_path: Path) -> None:
    """The log, the live strip, and a tab of the detail of each exchange; every tab comes several times."""
    with LyingServer() as server:
        async with lied_to(tmp_path, server, size=(160, 50)) as the:
            await record(the.session.log, 422, PAIRS)
            await the.press("4")
            screen = the.app.screen
            assert isinstance(screen, LogScreen)
            await the.until(lambda: screen.panel.children, "the inside of the detail")
            for exchange in the.session.log.snapshot()[-len(PAIRS) :]:
                assert screen.table.select(exchange.id)
                screen.panel.turn(1)
                await the.settle()
                assert not leaks(the.screen_text()), exchange.id
                assert not leaks(the.app.export_screenshot()), exchange.id


async def test_every_tab_of_every_exchange(tmp_path: Path) -> None:
    log = ExchangeLog()
    await record(log, 422, itertools.product(KINDS, CARRIERS))
    for exchange in log.snapshot():
        diagnosed = Diagnosed(tuple(diagnose(exchange)), complete=True)
        for tab in DETAIL_TABS:
            told = tab == DIAGNOSIS
            lines = diagnosed_lines(exchange, diagnosed, looking=False) if told else detail_lines(exchange, tab, 120)
            assert not leaks("\n".join(line.text for line in lines)), (tab, exchange.id)
        assert not leaks(exchange_line(exchange))


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda carrier: carrier.__name__.strip("_"))
async def test_the_reports_of_the_checks(carrier: Carrier) -> None:
    """A server whose refusals repeat what is secret."""
    with LyingServer() as server:
        session = Session(environment="dev", policy=WritePolicy(), log=ExchangeLog())
        auth = BasicAuth("operator", Secret("a-Passw0rd-of-the-test"))
        connect_server(session, HTTPClientConfig(base_url=server.base_url, auth=auth, trust_env=False), "operator")
        try:
            for kind in KINDS:
                carried = carrier(kind)
                lie = Lie(500, carried.body.encode(), content_type=carried.content_type, headers=carried.headers)
                server.lie("*", "/", lie)
                report = await run_checks(
                    select(CHECKS, only=("server.*",)), CheckContext(session, ServerProbe(session))
                )
                assert any(result.status == "fail" for result in report.results)
                for name in CHECK_FORMATS:
                    assert not leaks(formatter(name)(report)), (kind.name, name)
        finally:
            await session.close()


def failure(said: str) -> BaseException:
    """One that came of another; both quote what they choked on."""

    def choke() -> None:
        raise ValueError(said)

    def go_on() -> None:
        try:
            choke()
        except ValueError as error:
            raise RuntimeError(f"while reading {said!r}") from error

    with pytest.raises(RuntimeError) as caught:
        go_on()
    return caught.value


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda carrier: carrier.__name__.strip("_"))
def test_the_crash_report(tmp_path: Path, carrier: Carrier) -> None:
    """An unforeseen failure that quotes what it choked on."""
    for kind in KINDS:
        carried = carrier(kind)
        error = failure(carried.body or f"{carried.url} {dict(carried.headers)}")
        assert not leaks(crash_text(error)), kind.name
        assert write_crash_report(error, tmp_path) is not None
    assert not leaks_of_files(tmp_path)


def test_a_crash_report_says_what_can_be_said() -> None:
    error = failure("clientId")
    error.add_note("nor this")
    told = crash_text(error)
    assert told.index("builtins.ValueError: clientId") < told.index("builtins.RuntimeError: while reading 'clientId'")
    assert "in choke" in told
    assert "left out: 44 characters" in crash_text(ValueError("the token is 7f3aZq9x2976963579693e0c1d2e3f4"))
    group = ExceptionGroup("several", [KeyError("orders-api"), UsageError("--name 7f3aZq9x2976963579693e is taken")])
    assert "builtins.KeyError: 'orders-api'" in crash_text(group)
    assert "UsageError: --name 7f3aZq9x2976963579693e is taken" in crash_text(group)
