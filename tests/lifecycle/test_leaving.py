"""Leaving while parts of the console are still being made: without a terminal, so that the moment can be chosen."""

import asyncio
from pathlib import Path

import pytest

from tests.tui.support import console


@pytest.mark.parametrize("pane", ["clients", "log", "oci", "registry"])
async def test_leaving_the_moment_a_pane_appears(tmp_path: Path, pane: str) -> None:
    """Its inner parts come a moment later, and must not be asked for again and again when they come no more."""
    async with asyncio.timeout(15), console(tmp_path, wait_for_list=False) as the:
        await the.until(lambda: the.clients.rows.total, "the first rows")
        the.app.go_to(pane)
        the.app.exit()
    assert the.app._exception is None


async def test_closing_the_moment_the_list_is_there(tmp_path: Path) -> None:
    """The way that a crash goes: nobody has told the parts that they come no more."""
    async with asyncio.timeout(15), console(tmp_path, wait_for_list=False) as the:
        await the.until(lambda: the.app.connection.as_of is not None, "the list")


async def test_leaving_before_anything_has_appeared(tmp_path: Path) -> None:
    async with asyncio.timeout(15), console(tmp_path, wait_for_list=False) as the:
        the.app.exit()
    assert the.app._exception is None
