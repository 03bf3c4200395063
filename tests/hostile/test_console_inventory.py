"""Hostile data against a hostile inventory: states, differences, marks, many at once, and what is written back."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ocm_tui.core.errors import ConfigError
from ocm_tui.core.provisioning.inventory_loading import load_inventory
from ocm_tui.tui.models.bulk_rows import BulkRows
from ocm_tui.tui.screens.bulk import BulkScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from tests.hostile.documents import JSON_SAFE, hostile_inventory
from tests.hostile.server import Asked, Lie, LyingServer
from tests.hostile.strings import NASTY, NASTY_HEADERS
from tests.hostile.support import LiedTo, lied_to


@pytest.fixture
def server() -> Iterator[LyingServer]:
    with LyingServer(clients=hostile_inventory(), headers=NASTY_HEADERS) as running:
        yield running


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Strings that an inventory takes as a clientId, and the text of a client that is called so."""
    taken: dict[str, str] = {}
    for text in JSON_SAFE.values():
        client = {
            "clientId": text,
            "description": text,
            "grantTypes": ["AUTHORIZATION_CODE"],
            "redirectUris": ["https://orders.example.com/callback"],
            "clientAuth": {"type": "NONE"},
            "extendedParameters": {text: {"values": [text]}},
        }
        path = tmp_path_factory.mktemp("one") / "inventory.yaml"
        path.write_text(yaml.safe_dump({"version": 1, "clients": [client]}), encoding="utf-8")
        try:
            load_inventory([path], environment="test")
        except ConfigError:
            continue
        taken[text] = yaml.safe_dump([client])
    assert len(taken) > 20, "or this would try nothing"
    return taken


@pytest.fixture
def inventory(tmp_path: Path, declared: dict[str, str]) -> Path:
    path = tmp_path / "client-inventory.yaml"
    missing = yaml.safe_dump(
        [
            {
                "clientId": "only declared [/x]",
                "description": NASTY["closing tag"],
                "grantTypes": ["DEVICE_CODE"],
                "clientAuth": {"type": "NONE"},
            }
        ]
    )
    path.write_text("version: 1\nclients:\n" + "".join([*declared.values(), missing]), encoding="utf-8")
    return path


@pytest.mark.parametrize("size", [(140, 40), (60, 20)])
async def test_the_difference_of_every_client(
    tmp_path: Path, server: LyingServer, inventory: Path, declared: dict[str, str], size: tuple[int, int]
) -> None:
    async with lied_to(tmp_path, server, inventory=inventory, size=size) as the:
        assert the.clients.rows.counts["drifted"] >= len(declared)
        assert the.clients.rows.counts["missing"] == 1
        await the.press("enter", "right_square_bracket")
        for client_id in [*declared, "only declared [/x]"]:
            await the.select(client_id)
            the.check()
        await the.press("escape")
        for text in ("state:drifted", "state:[/x]", "state:"):
            await the.press("slash", *text)
            await the.press("escape")
        await the.still_answers()


async def _answer_marked(the: LiedTo, key: str) -> BulkScreen:
    await the.press(key)
    await the.until(lambda: isinstance(the.app.screen, ConfirmScreen), "the question")
    await the.press(*("down",) * 5, "y")
    await the.until(lambda: isinstance(the.app.screen, BulkScreen), "the results")
    screen = the.app.screen
    assert isinstance(screen, BulkScreen)
    await the.until(lambda: not screen.running, "all of them")
    return screen


async def test_all_of_them_at_once(tmp_path: Path, server: LyingServer) -> None:
    """Every id in the question and in the results, every string as the reason of a refusal."""
    texts = iter(JSON_SAFE.values())

    def refuse(_: Asked) -> Lie:
        text = next(texts, "x")
        return Lie.json({"resultId": text, "message": text, "validationErrors": []}, 422, headers=NASTY_HEADERS)

    async with lied_to(tmp_path, server) as the:
        server.lie("DELETE", "/oauth/clients/", refuse)
        await the.press("asterisk")
        assert len(the.clients.table.marks) == the.clients.rows.total
        screen = await _answer_marked(the, "D")
        assert isinstance(screen.rows, BulkRows)
        assert screen.rows.counts["succeeded"] == 0
        for _ in range(len(screen.rows) // 4):
            await the.press("j", "j", "j", "j")
        await the.press("escape")
        await the.until(lambda: the.app.screen is the.clients, "the list")
        await the.press("N", "end", "escape")
        await the.still_answers()


async def test_writing_back_shows_what_would_be_written(
    tmp_path: Path, server: LyingServer, inventory: Path, declared: dict[str, str]
) -> None:
    async with lied_to(tmp_path, server, inventory=inventory) as the:
        before = await asyncio.to_thread(inventory.read_text, encoding="utf-8")
        for client_id in list(declared)[::3]:
            await the.select(client_id)
            announced = len(the.app.notices)
            await the.press("w")
            await the.until(
                lambda announced=announced: (  # type: ignore[misc]
                    isinstance(the.app.screen, ConfirmScreen) or len(the.app.notices) > announced
                ),
                "the difference, or why not",
            )
            if the.app.screen is not the.clients:
                await the.press(*("down",) * 5, "escape")
        await the.still_answers()
        assert await asyncio.to_thread(inventory.read_text, encoding="utf-8") == before


@pytest.mark.parametrize("name", [name for name in NASTY if "surrogate" not in name])
async def test_an_inventory_that_is_nothing_but_that(tmp_path: Path, name: str) -> None:
    inventory = tmp_path / "client-inventory.yaml"
    await asyncio.to_thread(inventory.write_text, f"version: 1\nclients: {NASTY[name]}\n", encoding="utf-8")
    with LyingServer(clients=[{"clientId": "a client", "name": "x"}]) as server:
        async with lied_to(tmp_path, server, inventory=inventory, size=(80, 20)) as the:
            await the.press("right_square_bracket", "enter")
            await the.still_answers()
