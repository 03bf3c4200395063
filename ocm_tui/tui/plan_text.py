"""A plan in words: one change in full, the plan as a whole, and an inventory that is no good."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, get_args

from textual.content import Content

from ocm_tui.core.clients.model import ClusterStatus
from ocm_tui.core.clients.rotation import retention_text
from ocm_tui.core.positioned.problems import Problem
from ocm_tui.core.provisioning.model import Action, Change, FieldDrift, Plan, SecretDeclaration, SecretUse, StepResult
from ocm_tui.core.text import clean, clean_lines
from ocm_tui.tui.client_text import value_text
from ocm_tui.tui.models.plan_rows import ACTION_CELLS, STATE_CELLS
from ocm_tui.tui.models.run_progress import StepState
from ocm_tui.tui.side_by_side import columns_line, side_by_side
from ocm_tui.tui.tones import TONES

__all__ = [
    "change_content",
    "cluster_lines",
    "counts_text",
    "group_content",
    "name_lines",
    "pair_lines",
    "plan_content",
    "problems_content",
    "retention_minutes",
    "signs_text",
]

_MOST_FIELDS: Final = 60
_MOST_NAMES: Final = 500
_SET, _KEEP, _ROTATE = get_args(SecretUse)
_GROUP_WORDS: Final[dict[Action, str]] = {
    "create": "Declared in the inventory, and not on the server.",
    "update": "On the server, and not as it is declared.",
    "delete": "Created by this tool, and no longer declared.",
    "blocked": "Left out of an apply as long as the reason holds.",
    "unchanged": "On the server as declared: nothing is sent.",
}
_NODE_TONES: Final = {"SUCCEEDED": "good", "FAILED": "bad", "RETRIEVING": "strong", "APPLYING": "strong"}
_MOVED: Final = {
    "inventory": "the inventory moved",
    "server": "the server moved",
    "both": "both moved",
}


def counts_text(counts: Mapping[Action, int]) -> str:
    """`3 create · 5 update · 1 blocked`: what there is, and nothing else."""
    return " · ".join(f"{count:,} {action}" for action, count in counts.items() if count and action != "unchanged")


def signs_text(counts: Mapping[Action, int]) -> str:
    """`+3 ~5 ■1`, with the signs that stand before the rows."""
    shown = {ACTION_CELLS[action].text[0]: count for action, count in counts.items() if action != "unchanged"}
    return " ".join(f"{sign}{count:,}" for sign, count in shown.items() if count)


# One change


def change_content(
    change: Change, state: StepState | None, result: StepResult | None, width: int, *, retention: int | None = None
) -> Content:
    """`width` cells a line. How its step ended comes first, then why, then what differs.

    `retention` is the server's own, in minutes, for clients that have none; None when it is not known.
    """
    blocks = [_result_lines(state, result), _head_lines(change), _reason_lines(change)]
    blocks.append(_secret_lines(change, retention))
    blocks.append(_new_lines(change) if change.action == "create" else _field_lines(change, width))
    lines: list[Content] = []
    for block in blocks:
        lines += [Content(""), *block] if lines and block else block
    return Content("\n").join(lines)


def _result_lines(state: StepState | None, result: StepResult | None) -> list[Content]:
    if state is None:
        return []
    cell = STATE_CELLS[state]
    if result is None:
        return [Content.styled(cell.text, TONES[cell.tone])]
    tries = f"  {result.attempts} write{'s' if result.attempts != 1 else ''} sent" if result.attempts else ""
    lines = [Content.assemble((cell.text, TONES[cell.tone]), (tries, TONES["dim"]))]
    if result.error:
        lines.append(Content.styled(clean_lines(result.error, 4000), TONES[cell.tone]))
    if result.hint:
        lines.append(Content(f"→ {clean(result.hint, 600)}"))
    if result.conflict:
        lines.append(Content("→ r plans again from what the server holds now"))
    lines += [Content(f"· {clean(note, 600)}") for note in result.notes]
    if result.exchange_ids:
        count = len(result.exchange_ids)
        lines.append(Content.styled(f"x shows its {count} request{'s' if count != 1 else ''}", TONES["dim"]))
    return lines


def _head_lines(change: Change) -> list[Content]:
    cell = ACTION_CELLS[change.action]
    lines = [Content.assemble((cell.text, TONES[cell.tone]), "  ", (clean(change.client_id, 400), "bold"))]
    if change.place:
        lines.append(Content.styled(f"declared at {clean(change.place, 600)}", TONES["dim"]))
    if change.action == "delete":
        lines.append(Content("This tool created the client, and the inventory no longer declares it."))
        lines.append(Content("The server keeps no copy: its secret and settings are lost."))
    return lines


def _reason_lines(change: Change) -> list[Content]:
    tone = "bad" if change.action == "blocked" else "warn"
    return [
        Content.assemble(("▲ ", TONES[tone]), Content(clean_lines(reason, 1000))) for reason in change.reasons[:100]
    ]


def _secret_lines(change: Change, retention: int | None) -> list[Content]:
    declared = change.declaration
    if change.secret is None or (change.secret == _KEEP and change.action == "unchanged"):
        return []
    head = Content.assemble(("secret ", TONES["dim"]), (change.secret, "bold" if change.secret != _KEEP else ""))
    if change.secret == _KEEP:
        return [Content.assemble(head, Content.styled("  the server's secret stays as it is", TONES["dim"]))]
    lines = [head]
    if declared is not None:
        lines += [Content(f"  {line}") for line in _secret_way(declared)]
    if change.secret == _ROTATE:
        minutes = retention_minutes(change, retention)
        lines.append(Content.styled(f"  {retention_text(minutes)}", TONES["dim" if minutes else "warn"]))
    return lines


def _secret_way(declared: SecretDeclaration) -> Iterator[str]:
    argument = clean(declared.argument, 300)
    sources = {
        "generate": f"{declared.length} characters are generated",
        "env": f"taken from the environment variable {argument}",
        "file": f"read from the file {argument}",
        "keyring": f"taken from the keyring entry {argument}",
        "keep": "kept as it is",
    }
    yield sources[declared.source]
    if declared.deliver:
        yield f"delivered to {clean(declared.deliver, 400)}, before the server learns it"


def retention_minutes(change: Change, default: int | None) -> int | None:
    """How long a replaced secret of the client keeps working; `default` is the server's, None is unknown."""
    desired = change.desired
    if desired is None or desired.get("clientSecretRetentionPeriodType") != "OVERRIDE_SERVER_DEFAULT":
        return default
    minutes = desired.get("clientSecretRetentionPeriod")
    return minutes if isinstance(minutes, int) else default


def _new_lines(change: Change) -> list[Content]:
    """Of a new client there is one side only."""
    lines: list[Content] = []
    for field in change.fields[:_MOST_FIELDS]:
        values = field.after if isinstance(field.after, list | tuple) and field.after else [field.after]
        lines.append(Content.styled(clean(field.path, 200), TONES["key"]))
        lines += [Content(f"  {value_text(value)}") for value in values[:_MOST_FIELDS]]
    return lines


def _field_lines(change: Change, width: int) -> list[Content]:
    if not change.fields:
        return [Content.styled("Nothing differs.", TONES["dim"])] if change.action == "unchanged" else []
    lines = columns_line(("server", "head"), ("inventory", "head"), width)
    for field in change.fields[:_MOST_FIELDS]:
        lines += [Content(""), _field_head(field), *side_by_side(field.before, field.after, width)]
    if len(change.fields) > _MOST_FIELDS:
        lines.append(Content.styled(f"… {len(change.fields) - _MOST_FIELDS:,} more fields", TONES["dim"]))
    return lines


def _field_head(field: FieldDrift) -> Content:
    tone = "warn" if field.moved in {"server", "both"} else "dim"
    moved = f"  {_MOVED[field.moved]}" if field.moved is not None else ""
    return Content.assemble((clean(field.path, 200), TONES["key"]), (moved, TONES[tone]))


def group_content(group: Action | None) -> Content:
    """What a heading stands for."""
    words = [_GROUP_WORDS[group], "", "⏎ folds and unfolds it, space marks all of it."] if group is not None else []
    return Content("\n").join([Content(word) for word in words])


# The plan as a whole


def plan_content(plan: Plan, cluster: ClusterStatus | None = None) -> Content:
    """Where it comes from and goes to, its warnings, the clients that nobody declared, and the cluster's nodes."""
    lines = [
        *pair_lines("environment", plan.environment),
        *pair_lines("server", f"{plan.base_url}" + (f" · {plan.server_version}" if plan.server_version else "")),
        *pair_lines("inventory", *plan.inventory),
        *pair_lines("made at", f"{plan.created_at} with {plan.requests} requests"),
    ]
    if cluster is not None:
        lines += [Content(""), *cluster_lines(cluster)]
    if plan.warnings:
        lines += [Content(""), Content.styled(f"Warnings {len(plan.warnings):,}", "bold $accent")]
        lines += [
            Content.assemble(("▲ ", TONES["warn"]), Content(clean_lines(warning, 1000)))
            for warning in plan.warnings[:_MOST_NAMES]
        ]
    if plan.unmanaged:
        lines += [Content(""), Content.styled(f"Unmanaged {len(plan.unmanaged):,}", "bold $accent")]
        lines.append(Content.styled("On the server and not in the inventory: never touched.", TONES["dim"]))
        lines += name_lines(plan.unmanaged)
    return Content("\n").join(lines)


def pair_lines(label: str, *values: str) -> Iterator[Content]:
    for value in values:
        yield Content.assemble((f"{label:<12} ", TONES["dim"]), Content(clean(value, 600)))
        label = ""


def cluster_lines(cluster: ClusterStatus) -> list[Content]:
    """Each node and what it holds."""
    lines = [Content.styled(f"Cluster {len(cluster.nodes):,}", "bold $accent")]
    for node in cluster.nodes:
        tone = _NODE_TONES.get(node.state, "warn")
        what = "engine" if node.is_engine else "console"
        lines.append(
            Content.assemble(f"  {clean(node.address, 60):<24} {what:<8} ", (clean(node.state or "–", 40), TONES[tone]))
        )
    return lines


def name_lines(names: Sequence[str]) -> Iterator[Content]:
    yield from (Content(f"  {clean(name, 200)}") for name in names[:_MOST_NAMES])
    if len(names) > _MOST_NAMES:
        yield Content(f"  … {len(names) - _MOST_NAMES:,} more")


# An inventory that is no good


def problems_content(problems: Sequence[Problem]) -> Content:
    """Each with its place, which an editor or a terminal can jump to, and what would be right."""
    lines = [
        Content.styled("The inventory is not valid. Nothing was planned, and nothing was sent.", "bold"),
        Content(""),
    ]
    for problem in problems:
        lines += [Content.styled(problem.where, TONES["key"]), Content(f"  {problem.message}")]
        lines += [Content.styled(f"  → {problem.hint}", TONES["dim"])] if problem.hint else []
    return Content("\n").join([*lines, Content(""), Content.styled("r reads it again once it is mended", TONES["dim"])])
