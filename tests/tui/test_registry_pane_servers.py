"""The Registry pane over a real database and a real cache: what the embedded pair cannot prove."""

from pathlib import Path

from ocm_tui.core.registry.service import ClientRegistry
from tests.contract.registry.backends import Servers
from tests.tui.registry_support import client_id, entry
from tests.tui.support import console


async def test_rows_feed_comparison_and_repair(tmp_path: Path, postgres_dsn: str, redis_url: str) -> None:
    from ocm_tui.tui.screens.registry import RegistryScreen

    backend = Servers(dsn=postgres_dsn, url=redis_url)
    async with console(tmp_path, size=(160, 44)) as the:
        registry = backend.registry(policy=the.session.policy)

        async def made() -> ClientRegistry:
            return registry

        the.session.make_registry = made
        codes = ("billing-api", "orders-api", "orders-ui")
        await registry.upsert_many([entry(code) for code in codes])
        await registry.warm()
        try:
            await the.press("3")
            screen = the.app.screen
            assert isinstance(screen, RegistryScreen)
            await the.until(lambda: screen.feed == "live" and screen.rows.counts()["fresh"] == 3, "all are fresh")
            await the.until_text("Postgres")
            await the.until_text("feed live")
            await backend.plant(client_id("orders-ui"), b"nothing of ours", 100_000)
            seen = screen.rows.seen
            await the.until(lambda: (one := seen(client_id("orders-ui"))) and one.state == "corrupt", "the feed told")
            await backend.plant(
                client_id("gone-shop"), b'{"v":3,"client_id":"%s"}' % str(client_id("gone-shop")).encode()
            )
            await the.until(lambda: len(screen.rows) == 4, "an orphan is listed")
            await the.press("s")
            await the.until(lambda: screen.sweep.report is not None, "the comparison")
            report = screen.sweep.report
            assert report is not None
            assert (report.complete, report.summary["orphan"], report.summary["corrupt"]) == (True, 1, 1)
            await the.press("R", "y")
            await the.until(lambda: not screen.rows.wrong(), "repaired")
            await backend.flush()
            await the.until(lambda: screen.rows.counts()["missing"] == 3, "a flush is seen, and all is looked at again")
        finally:
            await backend.close()
