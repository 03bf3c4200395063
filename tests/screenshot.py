"""`python -m tests.screenshot`: the README's picture, made by the program itself on its own demo."""

import asyncio
from pathlib import Path

from ocm_tui.core.session import Session
from ocm_tui.demo import Demo
from ocm_tui.demo_session import demo_session
from ocm_tui.tui.app import OcmApp
from ocm_tui.tui.state import Connection
from tests.tui.support import wait_until

_PICTURE = Path(__file__).parents[1] / "examples" / "console.svg"


async def _take() -> None:
    demo = Demo()
    demo.start()

    async def opened() -> Session:
        return await demo_session(demo, busy=True)

    app = OcmApp(opened, shown=Connection(environment="demo"), report_directory=None)
    try:
        async with app.run_test(size=(150, 40)) as pilot:
            await wait_until(pilot, lambda: app.connection.as_of and app.connection.account, "the list and the account")
            await pilot.press("j", "j", "j")
            await wait_until(pilot, lambda: app.session and len(app.session.log) > 12, "some traffic")
            _PICTURE.write_text(app.export_screenshot(title="ocm-tui --demo"), encoding="utf-8")
    finally:
        await app.close_session()


if __name__ == "__main__":
    asyncio.run(_take())
