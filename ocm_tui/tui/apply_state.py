"""What the Apply screen knows, and how it says so: title, the line at the bottom, and what stands in an empty list."""

from dataclasses import dataclass, field

from textual.content import Content

from ocm_tui.core.clients.model import ClusterStatus
from ocm_tui.core.errors import OcmError
from ocm_tui.core.positioned.problems import InvalidConfiguration
from ocm_tui.core.provisioning.model import Plan
from ocm_tui.core.provisioning.replication import ReplicationOutcome
from ocm_tui.core.session import Session
from ocm_tui.tui.apply_run import ApplyRun
from ocm_tui.tui.models.plan_rows import PlanRows
from ocm_tui.tui.models.run_progress import RunProgress
from ocm_tui.tui.plan_text import counts_text, signs_text
from ocm_tui.tui.tones import TONES
from ocm_tui.tui.widgets.run_bar import ended_content, running_content

__all__ = ["ApplyState", "bar_parts", "notice_lines", "title_parts", "why_refused"]

_NOT_WHILE_RUNNING = frozenset({"run", "retry", "refresh", "prune", "runs", "replicate"})


@dataclass(slots=True)
class ApplyState:
    """`trouble` is why there is no plan, or why a run was not begun; `looked_at` counts clients while planning."""

    rows: PlanRows = field(default_factory=PlanRows)
    planning: bool = False
    generation: int = 0  # of the plan that is being made: a late answer to an earlier question is dropped
    looked_at: int = 0
    prune: bool = False
    trouble: OcmError | None = None
    retention: int | None = None  # minutes that a replaced secret lives by the server's setting; None is unknown
    run: ApplyRun | None = None  # the one under way, or the last one
    cluster: ClusterStatus | None = None
    replicating: bool = False
    replicated: ReplicationOutcome | None = None  # of the run that is shown

    @property
    def plan(self) -> Plan | None:
        return self.rows.plan

    @property
    def progress(self) -> RunProgress | None:
        """Of the run that the list shows: under way, ended, or from the journal."""
        return self.rows.progress

    @property
    def running(self) -> bool:
        return self.run is not None and self.run.active

    @property
    def invalid(self) -> InvalidConfiguration | None:
        """The inventory's errors, when they are what keeps the plan from being made."""
        trouble = self.trouble
        return trouble if isinstance(trouble, InvalidConfiguration) and self.plan is None else None


def why_refused(state: ApplyState, verb: str) -> str | None:
    """One sentence why an action is refused in this state, or None. Policy is asked elsewhere."""
    plan, progress = state.plan, state.progress
    if verb in _NOT_WHILE_RUNNING and state.running:
        return "A run is under way: esc stops it."
    if verb in _NOT_WHILE_RUNNING and state.replicating:
        return "The configuration is being replicated."
    if verb in {"run", "retry"} and state.planning:
        return "The plan is being made."
    reason: str | None = None
    if verb in {"run", "mark", "mark_all", "open"} and plan is None:
        reason = "There is no plan yet."
    elif verb == "run" and not state.rows.steps:
        reason = "There is nothing to apply."
    elif verb in {"run", "mark", "mark_all"} and progress is not None:
        reason = "This plan was carried out already: r plans again."
    elif verb == "retry" and (progress is None or not progress.run_id or not progress.unfinished):
        reason = "There is nothing to try again: no run, or all of it succeeded."
    elif verb == "replicate" and (progress is None or not progress.complete):
        reason = "Only what was applied here with full success is replicated."
    return reason


def title_parts(state: ApplyState, width: int) -> list[str]:
    """The counts in words, or, where the frame is too narrow for them, in the signs of the rows."""
    plan, rows = state.plan, state.rows
    if state.invalid is not None:
        return ["Plan and apply", _problems(len(state.invalid.problems))]
    rest = ["prune on"] if state.prune else []
    if plan is None:
        return ["Plan and apply", *rest]
    rest += [f"{rows.shown_changes:,} of {len(plan.changes):,}"] if not rows.query.is_empty else []
    rest += [f"{len(rows.marked):,} marked"] if rows.marked else []
    head = "Plan" if rows.progress is None else "Run"
    words = [head, counts_text(rows.counts) or "nothing to do", *rest]
    return words if len(" ── ".join(words)) <= width - 4 else [head, signs_text(rows.counts), *rest]


def _problems(count: int) -> str:
    return f"{count:,} problem{'s' if count != 1 else ''} in the inventory"


def bar_parts(state: ApplyState, *, refusal: str | None, width: int) -> list[Content]:
    """The most pressing thing that can be said in one line, and the next step."""
    progress = state.progress
    if state.running and progress is not None and state.run is not None:
        return running_content(progress, stopping=state.run.stopping, width=width)
    if state.planning:
        read = f" · {state.looked_at:,} clients of the server looked at" if state.looked_at else ""
        return [Content.styled(f"◌ planning …{read}", TONES["strong"])]
    if state.trouble is not None and state.plan is not None:
        words = f"▲ {state.trouble.title}"
        return [Content.styled(words, TONES["bad"]), Content(state.trouble.hint)]
    if state.replicating:
        return [_cluster(state.cluster)]
    if progress is not None:
        counts, *rest = ended_content(progress)
        return [counts, _next_step(state, progress), *rest]
    return _planned(state, refusal)


def _next_step(state: ApplyState, progress: RunProgress) -> Content:
    if progress.complete and state.replicated is not None:
        return Content(f"replication: {state.replicated.status}")
    key, words = "R", "resumes it"
    if progress.complete:
        key, words = "C", "replicates"
    elif any(result.conflict for result in progress.results.values()):
        key, words = "r", "plans again"
    return Content.assemble((key, TONES["key"]), f" {words}")


def _cluster(status: ClusterStatus | None) -> Content:
    if status is None:
        return Content.styled("◌ replicating …", TONES["strong"])
    ready = sum(node.state == "SUCCEEDED" for node in status.engines)
    return Content.styled(f"◌ replicating … {ready} of {len(status.engines)} nodes", TONES["strong"])


def _planned(state: ApplyState, refusal: str | None) -> list[Content]:
    plan = state.plan
    if plan is None:
        return []
    counts = state.rows.counts
    synced = f"{counts['unchanged']:,} in sync"
    unmanaged = f"{len(plan.unmanaged):,} unmanaged" if plan.unmanaged else ""
    warned = (
        f"▲ {len(plan.warnings):,} warning{'s' if len(plan.warnings) != 1 else ''}: ] shows" if plan.warnings else ""
    )
    rest = [Content(synced), Content.styled(unmanaged, TONES["dim"]), Content.styled(warned, TONES["warn"])]
    if not plan.steps:
        word = "nothing can be applied" if counts["blocked"] else "nothing to do"
        return [Content.styled(f"● {word}", TONES["warn" if counts["blocked"] else "good"]), *rest]
    if refusal is not None:
        return [Content.styled(f"▲ {refusal}", TONES["warn"]), *rest]
    what = f"{len(state.rows.marked):,} marked" if state.rows.marked else f"all {len(state.rows.steps):,}"
    return [Content.assemble(("A", TONES["key"]), f" applies {what}"), *rest]


def notice_lines(state: ApplyState, session: Session | None, problem: str) -> tuple[str, ...]:
    """What stands in the place of the list when it is empty; `problem` is why there is no connection."""
    if session is None:
        return ("Not connected.", problem) if problem else ("Connecting …", "")
    missing = _not_configured(session) if state.plan is None else ()
    return missing or _why_empty(state)


def _why_empty(state: ApplyState) -> tuple[str, ...]:
    if state.trouble is not None:
        first = state.trouble.detail.partition("\n")[0]
        return (state.trouble.title, first, state.trouble.hint, "r tries again · 4 shows the requests")
    if state.planning:
        return ("Planning …", "The inventory is read, and the server's list with it. Nothing is changed by that.")
    if state.plan is None:
        return ("There is no plan.", "r makes one.")
    if not state.rows.query.is_empty:
        return ("No change matches the filter.", "esc clears it.")
    return ("The inventory declares no clients.", "There is nothing to compare.")


def _not_configured(session: Session) -> tuple[str, ...]:
    """What has to be added, and where."""
    where = f"environments.{session.environment}"
    file = session.config_file or "config.yaml"
    if session.server_problem is not None:
        return (session.server_problem.title, session.server_problem.hint)
    if session.clients is None:
        return ("No authorization server is configured here.", f"Add {where}.server to {file}.")
    if session.inventory is None:
        return (
            "No inventory is configured here.",
            f"Add {where}.inventory: client-inventory.yaml to {file}.",
            "It declares the clients that this server should have; examples/client-inventory.yaml is a commented one.",
        )
    return ()
