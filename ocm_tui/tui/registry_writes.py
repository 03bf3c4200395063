"""What changes something from the Registry pane: each flow asks where it has to, does it, and says what became of it.

Policy (read-only, protected) is enforced in the registry service; the flows only ask for more where the environment is
protected, where many clients are meant, and before REVOKED, which nobody can take back.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from textual.content import Content

from ocm_tui.core.errors import OcmError
from ocm_tui.core.registry.inspection import Inspection
from ocm_tui.core.registry.model import STATUSES, ClientStatus, RegistryClient, RegistryQuery, Written
from ocm_tui.core.text import clean
from ocm_tui.tui.models.registry_cells import CACHE_MARKS
from ocm_tui.tui.screens.choice import ChoiceScreen
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.tones import TONES

if TYPE_CHECKING:
    from ocm_tui.core.registry.inspection import CacheFinding
    from ocm_tui.core.registry.service import CacheWork, ClientRegistry
    from ocm_tui.tui.screens.registry import RegistryScreen

__all__ = ["fix", "invalidate", "repair", "set_status", "warm", "work_text"]

_LISTED: Final = 500  # clients that a question names one by one
_EFFECTS: Final[dict[ClientStatus, str]] = {
    "ACTIVE": "It may authenticate again.",
    "SUSPENDED": "It is refused until it is set ACTIVE again.",
    "REVOKED": "It is refused for good: no later status and no event can take this back.",
}


def _registry(screen: "RegistryScreen") -> "ClientRegistry":
    assert screen.registry is not None  # the actions are refused without one
    return screen.registry


def _typed(screen: "RegistryScreen") -> str | None:
    """What has to be typed before a write where the environment is protected: its name."""
    connection = screen.console.connection
    return connection.environment if connection.protected else None


# The cache


async def fix(screen: "RegistryScreen") -> None:
    """The rows as they are now into the cache; of a client without a row the entry goes."""
    chosen = screen.chosen()
    text = Content("Each row as it is now is put into the cache; an entry without a row goes.")
    if await _sure(screen, "Refresh", chosen, text):
        await _work(screen, "Refreshed", chosen, _registry(screen).refresh)


async def invalidate(screen: "RegistryScreen") -> None:
    chosen = screen.chosen()
    text = Content("The entries and the fills under way are dropped; the next read of each takes its row.")
    if await _sure(screen, "Invalidate", chosen, text):
        await _work(screen, "Invalidated", chosen, _registry(screen).invalidate)


async def repair(screen: "RegistryScreen") -> None:
    """What is known to be wrong, from the last comparison and what was looked at since; then what the outbox holds."""
    findings = screen.rows.wrong()
    waiting = screen.waiting_for_cache
    ids = [finding.client_id for finding in findings]
    lines = [Content("Each of these is made what its row says; an entry without a row goes."), Content("")]
    lines += [_found(screen, finding) for finding in findings[:_LISTED]]
    if len(findings) > _LISTED:
        lines.append(Content(f"  … and {len(findings) - _LISTED:,} more"))
    if screen.sweep.report is None or not screen.sweep.report.complete:
        lines += [Content(""), Content.styled("Not every entry was compared: s looks at all of them.", TONES["warn"])]
    if waiting:
        lines += [Content(""), Content(f"What {waiting:,} written rows say is brought to the cache as well.")]
    if not await _confirmed(screen, f"Repair {_count(ids)}?", Content("\n").join(lines), verb="repair them"):
        return

    async def repaired(_: Sequence[UUID]) -> "CacheWork":
        work = await Inspection(_registry(screen)).repair(findings)
        await _registry(screen).drain_outbox()
        screen.sweep.outdate()
        return work

    await _work(screen, "Repaired", ids, repaired)


async def warm(screen: "RegistryScreen") -> None:
    query = screen.rows.query or RegistryQuery()
    which = "every client of the registry" if query == RegistryQuery() else "every client that the filter finds"
    text = Content(f"What {which} says is put into the cache, where nothing as new is there.")
    if not await _confirmed(screen, "Warm the cache?", text, verb="warm it"):
        return
    ids = [UUID(screen.rows.key(place)) for place in range(min(len(screen.rows), _LISTED))]

    async def warmed(_: Sequence[UUID]) -> "CacheWork":
        return await _registry(screen).warm(query)

    await _work(screen, "Warmed", ids, warmed)


async def _work(
    screen: "RegistryScreen", done: str, ids: Sequence[UUID], work: "Callable[[Sequence[UUID]], Awaitable[CacheWork]]"
) -> None:
    try:
        result = await work(ids)
    except OcmError as error:
        screen.console.announce_error(error)
        return
    screen.look_again(ids)
    screen.look_at_status()
    screen.table.marks -= {str(one) for one in ids}
    screen.show_state()
    name = f" {_name(screen, ids[0])}" if len(ids) == 1 else ""
    screen.console.announce(f"{done}{name}: {work_text(result)}.", severity="error" if result.failed else "information")


def work_text(result: "CacheWork") -> str:
    """`12 asked for, 11 done, 1 was so already, 12 verified`."""
    parts = [f"{result.requested:,} asked for", f"{result.done:,} done"]
    if result.already_gone:
        parts.append(f"{result.already_gone:,} had nothing to do")
    if result.failed:
        parts.append(f"{result.failed:,} FAILED")
    return ", ".join([*parts, f"{result.verified:,} verified"])


# The status


async def set_status(screen: "RegistryScreen") -> None:
    row = screen.selected_row
    if row is None:
        return
    choices: dict[str, tuple[ClientStatus, str]] = {
        status[0].lower(): (status, f"{status:<10} {_EFFECTS[status]}") for status in STATUSES if status != row.status
    }
    title = f"{_shown(row)} is {clean(row.status, 20)}"
    status = await screen.app.push_screen_wait(ChoiceScreen(title, choices))
    if status is None:
        return
    if status != "ACTIVE" or screen.console.connection.protected:
        final = status == "REVOKED"
        text = Content("\n").join([Content(_EFFECTS[status]), Content(""), *_facts(row)])
        typed = clean(row.client_code or str(row.client_id)) if final else _typed(screen)
        sure = await screen.app.push_screen_wait(
            ConfirmScreen(f"{_shown(row)}: {status}?", text, verb=f"set it {status}", typed=typed, danger=final)
        )
        if not sure:
            return
    try:
        written = await _registry(screen).set_status(row.client_id, status)
    except OcmError as error:
        screen.console.announce_error(error)
        screen.look_again([row.client_id])
        return
    _take(screen, written)


def _take(screen: "RegistryScreen", written: Written) -> None:
    client = written.client
    if client is None:
        return
    screen.rows.put([client])
    if written.propagated:
        screen.rows.unpropagated.discard(client.client_id)
        screen.console.announce(f"{_shown(client)} is {client.status}, and the cache knows.")
    else:
        screen.rows.unpropagated.add(client.client_id)
        before = f" {written.before.status}" if written.before is not None else " the former status"
        screen.console.announce(
            f"{_shown(client)} is {client.status}, but not yet propagated: readers of the cache may see{before}.",
            severity="warning",
        )
    screen.look_again([client.client_id])


def _facts(row: RegistryClient) -> list[Content]:
    facts = (("code", row.client_code), ("client id", str(row.client_id)), ("bap", row.bap_id or "–"))
    return [Content.assemble((f"{label:<11}", TONES["dim"]), clean(value, 200)) for label, value in facts]


# Questions


async def _sure(screen: "RegistryScreen", verb: str, ids: Sequence[UUID], text: Content) -> bool:
    """One client is asked for nowhere but where the environment is protected."""
    if len(ids) == 1 and not screen.console.connection.protected:
        return True
    lines = [text, Content(""), *(Content(f"  {_name(screen, one)}") for one in ids[:_LISTED])]
    if len(ids) > _LISTED:
        lines.append(Content(f"  … and {len(ids) - _LISTED:,} more"))
    return await _confirmed(
        screen, f"{verb} {_count(ids)}?", Content("\n").join(lines), verb=f"{verb.lower()} {_count(ids)}"
    )


async def _confirmed(screen: "RegistryScreen", title: str, text: Content, *, verb: str) -> bool:
    question = ConfirmScreen(title, text, verb=verb, typed=_typed(screen))
    sure = await screen.app.push_screen_wait(question)
    return bool(sure)


def _found(screen: "RegistryScreen", finding: "CacheFinding") -> Content:
    mark, tone = CACHE_MARKS[finding.state] if finding.state is not None else ("?", "dim")
    return Content.assemble((f"  {mark} {finding.state or '?':<9}", TONES[tone]), _name(screen, finding.client_id))


def _count(ids: Sequence[UUID]) -> str:
    return f"{len(ids):,} cached client{'s' if len(ids) != 1 else ''}"


def _shown(row: RegistryClient) -> str:
    return clean(row.client_code or str(row.client_id), 80)


def _name(screen: "RegistryScreen", client_id: UUID) -> str:
    row = screen.rows.get(client_id)
    return _shown(row) if row is not None else str(client_id)
