"""What is asked before a plan is carried out, and before the configuration is replicated."""

from collections.abc import Iterator, Sequence
from typing import get_args

from textual.content import Content

from ocm_tui.core.clients.model import ClusterStatus
from ocm_tui.core.provisioning.model import Change, Plan, SecretUse
from ocm_tui.tui.plan_text import cluster_lines, name_lines, pair_lines, retention_minutes
from ocm_tui.tui.tones import TONES

__all__ = ["apply_question", "replicate_question"]

_SET, _KEEP, _ROTATE = get_args(SecretUse)


def apply_question(plan: Plan, chosen: Sequence[Change], retention: int | None) -> Content:
    """What exactly happens, to whom: environment, server, counts, each deletion by name, and the secrets."""
    marked = len(chosen) < len(plan.steps)
    lines = [
        *pair_lines("environment", plan.environment),
        *pair_lines("server", plan.base_url),
        *pair_lines("changes", _chosen_counts(chosen) + (f", marked of {len(plan.steps):,}" if marked else "")),
    ]
    blocked = plan.count("blocked")
    if blocked:
        lines += pair_lines("left out", f"{blocked:,} blocked")
    deleted = [change.client_id for change in chosen if change.action == "delete"]
    if deleted:
        lines += [
            Content(""),
            Content.styled(f"Deleted for good: {len(deleted):,}", TONES["bad"]),
            *name_lines(deleted),
        ]
    lines += _secrets_question(chosen, retention)
    return Content("\n").join(lines)


def _chosen_counts(chosen: Sequence[Change]) -> str:
    counts = {action: sum(change.action == action for change in chosen) for action in ("create", "update", "delete")}
    return " · ".join(f"{count:,} {action}" for action, count in counts.items() if count)


def _secrets_question(chosen: Sequence[Change], retention: int | None) -> Iterator[Content]:
    new = sum(change.secret == _SET for change in chosen)
    rotated = [change for change in chosen if change.secret == _ROTATE]
    if not new and not rotated:
        return
    yield Content("")
    words = [f"{new:,} set"] if new else []
    words += [f"{len(rotated):,} rotated"] if rotated else []
    yield from pair_lines("secrets", ", ".join(words))
    dying = [change.client_id for change in rotated if retention_minutes(change, retention) == 0]
    if dying:
        yield Content.styled("The former secret stops working at once:", TONES["warn"])
        yield from name_lines(dying)


def replicate_question(cluster: ClusterStatus) -> Content:
    lines = [
        Content("The WHOLE configuration of the server goes to every engine, colleagues' unfinished work included."),
        Content(""),
        *pair_lines("last change", cluster.last_config_update or "unknown"),
        *pair_lines("replicated", cluster.last_replication or "unknown"),
    ]
    if cluster.replication_required is False:
        lines.append(Content.styled("The server says that replication is not required.", TONES["warn"]))
    return Content("\n").join([*lines, Content(""), *cluster_lines(cluster)])
