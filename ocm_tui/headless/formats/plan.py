"""A plan for people: each client with its fields, who moved, and what stands in the way; the counts last."""

from collections.abc import Iterator, Mapping
from typing import Final

from ocm_tui.core.clients.difference import FieldChange, difference_lines
from ocm_tui.core.provisioning.model import Action, Change, FieldDrift, Moved, Plan
from ocm_tui.core.provisioning.plan_json import plan_json
from ocm_tui.core.secret import LONG, known_secrets
from ocm_tui.core.text import clean
from ocm_tui.headless.formats.documents import document
from ocm_tui.headless.formats.text import GREEN, GREY, RED, YELLOW, painted

__all__ = ["counted", "plan_document", "plan_summary", "plan_text"]

_SIGNS: Final[Mapping[Action, tuple[str, str]]] = {
    "create": ("+", GREEN),
    "update": ("~", YELLOW),
    "delete": ("-", RED),
    "blocked": ("■", RED),
}
_MOVED: Final[Mapping[Moved, str]] = {
    "inventory": "changed in the inventory",
    "server": "changed on the server",
    "both": "changed on both sides",
}
_SOURCES: Final = {
    "generate": "generated",
    "env": "from the variable {}",
    "file": "from the file {}",
    "keyring": "from the keyring, {}",
}
_LONGEST_NAME: Final = 200


def plan_document(plan: Plan) -> str:
    """`ocm-tui/plan/v1`."""
    return document("plan", plan_json(plan))


def plan_text(plan: Plan, *, color: bool = False) -> str:
    """Safe to print, colour included. Unchanged and unmanaged clients are counted, not listed."""
    blocks = [_block(change, color=color) for change in plan.changes if change.action != "unchanged"]
    if not blocks:
        blocks.append(f"No changes: {clean(plan.environment)} is as the inventory declares it.")
    about = [f"warning: {clean(warning)}" for warning in plan.warnings]
    if plan.unmanaged:
        about.append(f"not declared, and left alone: {counted(len(plan.unmanaged), 'client')} of the server")
    about.append(plan_summary(plan))
    return known_secrets.scrub("\n\n".join([*blocks, "\n".join(about)]) + "\n", shortest=LONG)


def plan_summary(plan: Plan) -> str:
    counts = plan.summary
    return (
        f"{clean(plan.environment)}: {counts['create']} to create, {counts['update']} to update, "
        f"{counts['delete']} to delete, {counts['unchanged']} unchanged, {counts['blocked']} blocked"
    )


def counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _block(change: Change, *, color: bool) -> str:
    sign, paint = _SIGNS[change.action]
    place = f"  {painted(clean(change.place), GREY, color=color)}" if change.place else ""
    title = f"{painted(sign, paint, color=color)} {clean(change.client_id, _LONGEST_NAME)}  {change.action}{place}"
    lines = [title, *(f"    {clean(reason)}" for reason in _about(change))]
    for drift in change.fields:
        lines += _field(drift, change, color=color)
    return "\n".join(lines)


def _about(change: Change) -> Iterator[str]:
    if change.action == "create" and any(drift.moved in {"server", "both"} for drift in change.fields):
        yield "it was deleted on the server"
    if change.action == "delete":
        yield "ocm-tui created it, and the inventory no longer declares it"
    yield from change.reasons
    yield from _secret(change)


def _secret(change: Change) -> Iterator[str]:
    use, declaration = change.secret, change.declaration
    if use is None or change.action not in {"create", "update"}:
        return
    words = [f"secret: {use}"]
    if declaration is not None and use in {"set", "rotate"}:
        if use == "rotate":
            words.append(f"version {declaration.version}")
        if declaration.source in _SOURCES:
            words.append(_SOURCES[declaration.source].format(declaration.argument))
        if declaration.deliver:
            words.append(f"delivered to {declaration.deliver}")
    yield clean(", ".join(words))


def _field(drift: FieldDrift, change: Change, *, color: bool) -> Iterator[str]:
    """A set shows only what comes and goes. That a new client's fields come from the inventory goes without saying."""
    moved = _MOVED[drift.moved] if drift.moved and change.action != "create" else ""
    for line in difference_lines([FieldChange(drift.path, drift.before, drift.after)]):
        if line.kind == "@":
            yield f"    {line.text}" + (f"  {painted(f'({moved})', GREY, color=color)}" if moved else "")
        else:
            paint = GREEN if line.kind == "+" else RED
            yield f"      {painted(f'{line.kind} {line.text}', paint, color=color)}"
