"""New, edited and deleted rows of the registry: nothing but what was seen is overwritten or deleted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from textual.content import Content

from ocm_tui.core.errors import OcmError
from ocm_tui.core.registry.errors import NotRegistered
from ocm_tui.core.registry.model import RegistryClient, RegistryEntry, Written
from ocm_tui.core.registry.row_edits import only_if_still
from ocm_tui.core.text import clean
from ocm_tui.tui.models.registry_form_rows import RegistryFormRows
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.registry_form import RegistryForm
from ocm_tui.tui.tones import TONES

if TYPE_CHECKING:
    from ocm_tui.core.registry.service import ClientRegistry
    from ocm_tui.tui.screens.registry import RegistryScreen

__all__ = ["delete", "edit", "new"]

_LISTED: Final = 500  # rows that a question names one by one


def _registry(screen: "RegistryScreen") -> "ClientRegistry":
    assert screen.registry is not None  # the actions are refused without one
    return screen.registry


def _typed(screen: "RegistryScreen", name: str) -> str | None:
    """What has to be typed before a write: the client's code where the environment is protected."""
    return name if screen.console.connection.protected else None


async def new(screen: "RegistryScreen") -> None:
    typed = _typed(screen, screen.console.connection.environment)
    await _in_form(screen, RegistryFormRows(None, server_base_url=_registry(screen).server_base_url), typed)


async def edit(screen: "RegistryScreen") -> None:
    """The row is read again: what stands in the list may be old."""
    listed = screen.selected_row
    if listed is None:
        return
    try:
        row = await _registry(screen).store.get(listed.client_id)
        if row is None:
            raise NotRegistered(f"the registry has no client {listed.client_id} any more")
    except OcmError as error:
        screen.console.announce_error(error)
        screen.look_again([listed.client_id])
        return
    await _in_form(screen, RegistryFormRows(row), _typed(screen, _name(row)))


async def _in_form(screen: "RegistryScreen", rows: RegistryFormRows, typed: str | None) -> None:
    registry = _registry(screen)

    async def save(entry: RegistryEntry, seen: RegistryClient | None) -> Written:
        return await registry.upsert(entry, guard=only_if_still(seen))

    async def twins(entry: RegistryEntry) -> Sequence[RegistryClient]:
        return [one for one in await registry.store.find(entry.client_code) if one.client_id != entry.client_id]

    written = await screen.app.push_screen_wait(RegistryForm(rows, save, twins, typed=typed))
    if written is None or written.client is None:
        return
    client = written.client
    screen.rows.put([client])
    screen.table.rows_changed()
    screen.table.select(str(client.client_id))
    done = f"{_name(client)} is registered, {client.status}" if written.before is None else f"{_name(client)} is stored"
    _say(screen, written, done)


def _say(screen: "RegistryScreen", written: Written, done: str) -> None:
    """Whether the cache knows as well; until it does, the list says so."""
    if written.propagated:
        screen.rows.unpropagated.discard(written.client_id)
        screen.console.announce(f"{done}, and the cache knows.")
    else:
        screen.rows.unpropagated.add(written.client_id)
        screen.console.announce(
            f"{done}, but not yet propagated: readers of the cache may see what was before.", severity="warning"
        )
    screen.look_again([written.client_id])
    screen.look_at_status()


async def delete(screen: "RegistryScreen") -> None:
    chosen = screen.chosen()
    try:
        found = await _registry(screen).store.get_many(chosen)
    except OcmError as error:
        screen.console.announce_error(error)
        return
    rows = [found[one] for one in chosen if one in found]
    if not rows:
        screen.console.announce("None of them has a row any more.", severity="warning")
        screen.look_again(chosen)
        return
    what = _name(rows[0]) if len(rows) == 1 else f"{len(rows):,} clients"
    typed = _typed(screen, what if len(rows) == 1 else screen.console.connection.environment)
    question = ConfirmScreen(f"Delete {what}?", _consequences(rows), verb="delete", typed=typed, danger=True)
    if not await screen.app.push_screen_wait(question):
        return
    deleted, errors = await _deleted(screen, rows)
    screen.table.marks -= {str(one.client_id) for one in deleted}
    screen.rows.put((), gone=[one.client_id for one in deleted])
    for one in deleted:
        screen.rows.unpropagated.discard(one.client_id)
    screen.look_again([row.client_id for row in rows])
    screen.look_at_status()
    screen.show_state()
    if len(rows) == 1 and errors:
        screen.console.announce_error(errors[0])
        return
    screen.console.announce(_outcome(what, len(rows), deleted, errors), severity="error" if errors else "information")


async def _deleted(screen: "RegistryScreen", rows: Sequence[RegistryClient]) -> tuple[list[Written], list[OcmError]]:
    """One after the other, each as it was seen; one that cannot be deleted does not keep the others."""
    deleted: list[Written] = []
    errors: list[OcmError] = []
    for row in rows:
        try:
            deleted.append(await _registry(screen).delete(row.client_id, guard=only_if_still(row)))
        except OcmError as error:
            errors.append(error)
    return deleted, errors


def _outcome(what: str, asked: int, deleted: Sequence[Written], errors: Sequence[OcmError]) -> str:
    late = sum(not one.propagated for one in deleted)
    cache = f", not yet propagated: readers of the cache may still find {'it' if late == 1 else late}" if late else ""
    if asked == 1:
        return f"{what} was deleted{cache}."
    failed = f", {len(errors):,} FAILED ({errors[0].title})" if errors else ""
    return f"Deleted: {asked:,} asked for, {len(deleted):,} done{failed}{cache}."


def _consequences(rows: Sequence[RegistryClient]) -> Content:
    lines = [Content("Its row and its cached copy go: readers find no such client, and it is refused.")]
    if any(row.has_secret for row in rows):
        lines.append(Content("The hash of its secret is lost: a client that is registered again needs a new one."))
    if any(row.status == "REVOKED" for row in rows):
        lines.append(
            Content.styled("REVOKED is forgotten with the row: the next event may register it again.", TONES["warn"])
        )
    lines.append(Content(""))
    lines += [
        Content.assemble(f"  {_name(row)}  ", (f"{clean(row.status, 10)}  {row.client_id}", TONES["dim"]))
        for row in rows[:_LISTED]
    ]
    if len(rows) > _LISTED:
        lines.append(Content(f"  … and {len(rows) - _LISTED:,} more"))
    return Content("\n").join(lines)


def _name(row: RegistryClient) -> str:
    return clean(row.client_code or row.client_id, 80)
