"""Plan and apply over the real simulator, with the demo's inventory: what the screen says is what the server holds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ocm_tui.simulator.inventory import demo_inventory
from ocm_tui.simulator.settings import SimulatorSettings
from ocm_tui.tui.screens.apply import ApplyScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.log import LogScreen
from tests.tui.apply_support import open_apply
from tests.tui.support import Console, console


@asynccontextmanager
async def demo(tmp_path: Path, inventory: str | None = None, **options: Any) -> AsyncIterator[Console]:
    file = tmp_path / "client-inventory.yaml"
    file.write_text(demo_inventory() if inventory is None else inventory, encoding="utf-8")
    async with console(tmp_path, **options) as the:
        assert the.session.provisioning is not None
        the.session.inventory = file
        the.session.provisioning.inventory = (file,)
        yield the


async def stored(the: Console) -> set[str]:
    """The ids of what the server holds."""
    return {
        str(document["clientId"]) async for page in the.session.require_clients().pages() for document in page.documents
    }


async def planned(the: Console) -> ApplyScreen:
    screen = await open_apply(the)
    await the.until(lambda: screen.state.plan is not None, "the plan")
    return screen


async def applied(the: Console, screen: ApplyScreen) -> None:
    await the.press("A")
    await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the question")
    await the.press("y")
    await the.until(lambda: screen.state.progress is not None and screen.state.progress.ended, "the run has ended")


async def test_plan_apply_and_nothing_is_left_to_do(tmp_path: Path) -> None:
    async with demo(tmp_path, size=(160, 50)) as the:
        screen = await planned(the)
        assert screen.state.plan is not None
        steps = len(screen.state.plan.steps)
        assert screen.state.plan.count("create") == 3
        assert screen.state.plan.count("update") >= 5
        screen.table.select(":orders-ui")
        await the.until_text("redirectUris")
        assert "declared at" in the.screen_text()
        await applied(the, screen)
        await the.until_text(f"{steps} succeeded")
        assert len(await stored(the)) == 43
        await the.press("r")
        await the.until_text("nothing to do")
        assert screen.state.plan.count("unchanged") == 26


async def test_the_exchanges_of_a_step_are_one_key_away(tmp_path: Path) -> None:
    async with demo(tmp_path) as the:
        screen = await planned(the)
        await applied(the, screen)
        screen.table.select(":pricing-engine")
        await the.press("x")
        await the.until(lambda: isinstance(the.app.screen, LogScreen), "the Log pane")
        log = the.app.screen
        assert isinstance(log, LogScreen)
        await the.until(lambda: log.rows.query.text and len(log.rows), "the exchanges")
        assert {log.rows.get(log.rows.key(n)).method for n in range(len(log.rows))} == {"GET", "PUT"}  # type: ignore[union-attr]


async def test_a_subset_then_the_rest(tmp_path: Path) -> None:
    async with demo(tmp_path) as the:
        screen = await planned(the)
        screen.table.select("=create")
        await the.press("space")
        await applied(the, screen)
        assert screen.state.progress is not None
        assert screen.state.progress.total == 3
        await the.press("r")
        await the.until(lambda: screen.state.plan is not None and screen.state.plan.count("create") == 0, "a new plan")
        assert screen.state.plan is not None
        assert screen.state.plan.count("update") >= 5


async def test_a_dead_server_is_said_and_the_plan_comes_when_it_is_back(tmp_path: Path) -> None:
    async with demo(tmp_path) as the:
        await the.simulator.stop()
        screen = await open_apply(the)
        await the.until_text("r tries again")
        assert screen.state.plan is None
        assert not screen.state.planning


async def test_a_server_that_dies_before_the_run(tmp_path: Path) -> None:
    """Every step is told, and none as a success."""
    async with demo(tmp_path) as the:
        screen = await planned(the)
        await the.simulator.stop()
        await applied(the, screen)
        progress = screen.state.progress
        assert progress is not None
        assert progress.count("succeeded") == 0
        assert progress.done == progress.total > 0
        await the.until_text("R resumes it")


async def test_a_broken_inventory_is_shown_with_its_places(tmp_path: Path) -> None:
    text = "version: 1\nclients:\n  - clientId: a\n    grantTipes: [CLIENT_CREDENTIALS]\n  - {name: b}\n"
    async with demo(tmp_path, text) as the:
        screen = await open_apply(the)
        await the.until(lambda: screen.state.invalid is not None, "the problems")
        await the.until_text("client-inventory.yaml:4")
        assert "grantTypes" in the.screen_text()
        (tmp_path / "client-inventory.yaml").write_text(demo_inventory(), encoding="utf-8")
        await the.press("r")
        await the.until(lambda: screen.state.plan is not None, "the plan, once it is mended")


async def test_stopping_in_the_middle_and_resuming(tmp_path: Path) -> None:
    clients = "".join(
        f"  - clientId: batch-{n:03}\n    clientAuth: {{type: NONE}}\n    grantTypes: [AUTHORIZATION_CODE]\n"
        f"    redirectUris: [https://batch.example.com/{n}]\n"
        for n in range(160)
    )
    async with demo(tmp_path, f"version: 1\nclients:\n{clients}", settings=SimulatorSettings(latency_ms=100)) as the:
        screen = await planned(the)
        await the.press("A", "y")
        await the.until(lambda: screen.state.progress and screen.state.progress.count("succeeded") > 5, "it runs")
        await the.press("escape")
        await the.until(lambda: not screen.state.running, "it has stopped")
        progress = screen.state.progress
        assert progress is not None
        done, skipped = progress.count("succeeded"), progress.count("skipped")
        assert done + skipped == 160
        assert skipped
        assert sum(name.startswith("batch-") for name in await stored(the)) == done
        await the.press("R", "y")
        await the.until(lambda: screen.state.progress and screen.state.progress.complete, "the rest is done")
        assert sum(name.startswith("batch-") for name in await stored(the)) == 160
        posts = [r for r in the.simulator.requests if r.method == "POST" and r.path.endswith("/oauth/clients")]
        assert len(posts) == 160, "nobody is created twice"
        await the.press("H")
        await the.until_text("160 of 160")


async def test_replication_after_full_success(tmp_path: Path) -> None:
    async with demo(tmp_path, size=(160, 50), settings=SimulatorSettings(cluster=True)) as the:
        screen = await planned(the)
        await the.press("C")
        assert "full success" in the.app.notices[-1].text
        await applied(the, screen)
        await the.press("C")
        await the.until_text("colleagues' unfinished work")
        assert "OUT_OF_DATE" in the.screen_text()
        await the.press("y")
        await the.until(lambda: screen.state.replicated is not None, "replicated")
        await the.until_text("replication: replicated")
        assert "SUCCEEDED" in the.screen_text()
