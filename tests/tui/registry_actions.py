"""What a test of the Registry pane does at a screen: wait for it, read what was said, agree."""

from typing import Any, TypeVar

from ocm_tui.core.registry.addresses import GIVEN_KEY
from ocm_tui.core.registry.model import RegistryClient
from ocm_tui.tui.screens.dead_letters import DeadLettersScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from tests.tui.registry_support import RegistryConsole, client_id

__all__ = ["HASH", "ROW", "agree", "bury", "letters_of", "said", "shown"]

_S = TypeVar("_S")
HASH = "argon2-hash-4711"
ROW = RegistryClient(
    client_id=client_id("orders-api"),
    client_code="orders-api",
    allowed_ips=("10.0.0.0/8",),
    metadata={GIVEN_KEY: ["10.1.2.3/8"], "team": "shop"},
    has_secret=True,
    row_version=7,
)


async def shown(the: RegistryConsole, kind: type[_S]) -> _S:
    await the.until(lambda: isinstance(the.app.screen, kind), f"{kind.__name__}; there is {the.app.screen}")
    screen = the.app.screen
    assert isinstance(screen, kind)
    await the.pilot.pause()
    return screen


async def said(the: RegistryConsole, words: str) -> None:
    await the.until(
        lambda: any(words in notice.text for notice in the.app.notices),
        f"{words!r} is said; was: {[notice.text for notice in the.app.notices]}",
    )


async def agree(the: RegistryConsole) -> str:
    """To the question that is there; what it said."""
    await shown(the, ConfirmScreen)
    text = the.screen_text()
    await the.press("y")
    return text


async def bury(the: RegistryConsole, *events: tuple[str, dict[str, Any]], error: str = "rate_limit is wrong") -> None:
    """One `client.updated` each, taken from the stream and buried."""
    await the.seeded.publish(*(("client.updated", code, payload) for code, payload in events))
    await the.seeded.stream.join("test")
    for delivery in await the.seeded.stream.read(block_ms=1):
        await the.seeded.stream.bury(delivery, error)


async def letters_of(the: RegistryConsole) -> DeadLettersScreen:
    await the.press("l")
    screen = await shown(the, DeadLettersScreen)
    await the.until(lambda: len(screen.rows), "the letters were read")
    return screen
