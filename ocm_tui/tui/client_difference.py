"""One client against the inventory, in words: planned and stored side by side, and who moved."""

from textual.content import Content

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import OcmError
from ocm_tui.core.text import clean, clean_lines
from ocm_tui.tui.models.client_states import ClientStates
from ocm_tui.tui.tones import TONES

__all__ = ["difference_with_inventory"]


def difference_with_inventory(
    states: ClientStates, client_id: str, document: ClientDocument | None, width: int
) -> Content:
    """`document` is what the server stores, None when it stores nothing. `width` cells a line."""
    if not states.expected:
        return _notice("No inventory is configured here.", "Add `inventory: FILE` to the environment to compare with.")
    if states.problem is not None:
        return _broken(states.problem)
    if states.inventory is None:
        return _notice("Reading the inventory …")
    change = states.change(client_id, document)
    if change is None:
        return _notice("The inventory does not declare this client.", "It is listed, and an apply never touches it.")
    from ocm_tui.tui.plan_text import change_content

    content = change_content(change, None, None, width)
    ways = {
        "create": "a  plans and applies the inventory",
        "update": "a  plans and applies the inventory\nw  writes the server's values into the inventory",
    }
    way = ways.get(change.action)
    return Content("\n").join([Content.styled(way, TONES["dim"]), Content(""), content]) if way else content


def _notice(title: str, *lines: str) -> Content:
    return Content("\n").join([Content(title), *(Content.styled(line, TONES["dim"]) for line in lines)])


def _broken(problem: OcmError) -> Content:
    lines = [Content.styled("The inventory cannot be used, so nothing is compared.", TONES["bad"]), Content("")]
    lines += [Content(clean_lines(problem.detail, 4000)) if problem.detail else Content(clean(problem.title, 600))]
    if problem.hint:
        lines += [Content(""), Content(clean(problem.hint, 600))]
    return Content("\n").join([*lines, Content(""), Content.styled("r reads it again", TONES["dim"])])
