"""Leaving the console: at once, unless something would be lost or cut short by it."""

from typing import TYPE_CHECKING

from textual.content import Content

from ocm_tui.core.errors import ExitCode
from ocm_tui.tui.screens.dialog import ConfirmScreen

if TYPE_CHECKING:
    from ocm_tui.tui.app import OcmApp

__all__ = ["leave"]


def leave(app: "OcmApp") -> None:
    """Asks when a form holds changes that were not sent, or memory what no file has, and when a run is under way."""
    unsent = sum(getattr(screen, "unsent_changes", 0) for screen in app.screen_stack)
    run = app.apply_run if app.apply_run is not None and app.apply_run.active else None
    if run is not None and run.stopping:
        app.exit(return_code=ExitCode.INTERRUPTED)  # what is in flight is waited for behind the closed screen
        return
    words: list[str] = []
    if unsent:
        words.append(f"{unsent} changed fields would be lost. Nothing of them has been sent.")
    if run is not None:
        words += [
            f"A run is under way: {run.progress.done:,} of {run.progress.total:,} changes are done.",
            "What is in flight ends first; the rest is not started, and can be resumed later.",
        ]
    oci = app.session.opened_oci if app.session is not None else None
    if oci is not None and oci.unsaved:
        words.append(f"{oci.unsaved:,} OCI profiles are changed in memory only: w in their pane saves them.")
    words += [words_of for screen in app.screen_stack if (words_of := getattr(screen, "under_way", ""))]
    if not words:
        app.exit(return_code=ExitCode.OK)
        return

    def decided(sure: bool | None) -> None:
        if not sure:
            return
        if run is not None and run.active:
            app.run_worker(
                _after_the_run(app), group="app.leave", exit_on_error=False, description="end a run and leave"
            )
        else:
            app.exit(return_code=ExitCode.OK)

    title, verb = ("Stop the run and leave?", "stop and leave") if run is not None else ("Leave ocm-tui?", "leave")
    app.push_screen(ConfirmScreen(title, Content("\n").join(map(Content, words)), verb=verb, danger=True), decided)


async def _after_the_run(app: "OcmApp") -> None:
    """The screen stays, so that the end can be watched; leaving a second time does not wait for it."""
    run = app.apply_run
    assert run is not None  # there was one when it was asked
    app.announce(
        "The run is being stopped: what is in flight ends first, then the console is left.", severity="warning"
    )
    await run.close()
    app.exit(return_code=ExitCode.INTERRUPTED if run.farewell else ExitCode.OK)
