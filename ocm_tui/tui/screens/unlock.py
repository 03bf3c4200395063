"""Protected environments are read-only until somebody types their name."""

from typing import TYPE_CHECKING

from textual.content import Content

from ocm_tui.tui.screens.dialog import ConfirmScreen

if TYPE_CHECKING:
    from ocm_tui.tui.app import OcmApp

__all__ = ["toggle_lock"]


def toggle_lock(app: "OcmApp") -> None:
    """Lock at once; unlock after the environment's name was typed. Says so where there is nothing to unlock."""
    session = app.session
    if session is None or app.screen.is_modal:
        return
    policy = session.policy
    if not policy.protected:
        app.announce(f"{session.environment} is not protected: there is nothing to unlock.")
        return
    if policy.unlocked:
        policy.lock()
        app.access_changed()
        app.announce(f"{session.environment} is locked again.")
        return

    def unlocked(sure: bool | None) -> None:
        if sure:
            policy.unlock()
            app.access_changed()
            app.announce(f"{session.environment} is unlocked for writes; U locks it again.", severity="warning")

    text = Content(f"{session.environment} is protected. Writes stay refused unless you unlock it for this session.")
    app.push_screen(ConfirmScreen("Unlock?", text, verb="unlock it", typed=session.environment, danger=True), unlocked)
