"""What the Apply screen does: each flow asks, waits, and leaves what it learned in the screen's state."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual.content import Content

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import OcmError
from ocm_tui.core.positioned.problems import InvalidConfiguration
from ocm_tui.core.provisioning.model import ApplyResult, Plan, PlanOptions
from ocm_tui.core.provisioning.runs import ApplyOptions, OnEvent
from ocm_tui.tui.apply_run import ApplyRun, ending_text
from ocm_tui.tui.models.plan_rows import PlanRows
from ocm_tui.tui.models.run_progress import RunProgress
from ocm_tui.tui.plan_questions import apply_question, replicate_question
from ocm_tui.tui.plan_text import retention_minutes
from ocm_tui.tui.screens.dialog import ConfirmScreen
from ocm_tui.tui.screens.runs import RunsScreen

if TYPE_CHECKING:
    from ocm_tui.core.clients.model import ClusterStatus
    from ocm_tui.tui.announcing import Severity
    from ocm_tui.tui.provisioner import Provisioner
    from ocm_tui.tui.screens.apply import ApplyScreen

__all__ = ["apply", "past_runs", "plan", "replicate", "retry"]

Start = Callable[[OnEvent], Coroutine[Any, Any, ApplyResult]]


def _typed(screen: "ApplyScreen") -> str | None:
    """What has to be typed before a run: the environment's name where it is protected."""
    connection = screen.console.connection
    return connection.environment if connection.protected else None


async def plan(screen: "ApplyScreen") -> None:
    """The former plan stays on the screen until the new one is there."""
    state, provisioner = screen.state, screen.provisioner
    if provisioner is None:
        screen.show_state()
        return
    state.generation += 1
    generation = state.generation
    state.planning, state.looked_at, state.trouble = True, 0, None
    screen.show_state()

    def on_page(clients: int) -> None:
        state.looked_at = clients

    try:
        made = await provisioner.plan(options=PlanOptions(prune=state.prune), on_page=on_page)
        await _learn_retention(screen, made)
    except OcmError as error:
        if generation == state.generation:
            state.trouble = error
            if isinstance(error, InvalidConfiguration):
                screen.show_rows(PlanRows())
    else:
        if generation == state.generation:
            screen.show_rows(PlanRows(made))
    finally:
        if generation == state.generation:
            state.planning = False
            if screen.is_mounted:
                screen.show_state()


async def _learn_retention(screen: "ApplyScreen", made: Plan) -> None:
    """One more request, and only when a rotation depends on the server's setting."""
    session, state = screen.console.session, screen.state
    asked = any(change.secret == "rotate" and retention_minutes(change, None) is None for change in made.changes)  # noqa: S105
    if asked and session is not None and session.clients is not None:
        state.retention = await session.clients.retention_minutes(ClientDocument({}))


async def apply(screen: "ApplyScreen") -> None:
    rows, provisioner = screen.state.rows, screen.provisioner
    planned, chosen = rows.plan, rows.chosen
    if planned is None or provisioner is None:
        return
    typed = _typed(screen)
    danger = typed is not None or any(change.action == "delete" for change in chosen)
    title = f"Apply {len(chosen):,} change{'s' if len(chosen) != 1 else ''} to {planned.environment}?"
    text = apply_question(planned, chosen, screen.state.retention)
    question = ConfirmScreen(title, text, verb="apply", typed=typed, danger=danger)
    if not await screen.app.push_screen_wait(question):
        return
    ids = [change.client_id for change in chosen]
    options = ApplyOptions(only=frozenset(ids) if len(chosen) < len(rows.steps) else None)
    rows.unmark()
    await _run(screen, RunProgress(ids), lambda on_event: provisioner.apply(planned, options, on_event))


async def retry(screen: "ApplyScreen") -> None:
    """Resume the run that the list shows: what did not succeed is read back, and done if it has to be."""
    progress, provisioner = screen.state.progress, screen.provisioner
    if progress is None or provisioner is None:
        return
    counts = {
        "failed": progress.count("failed"),
        "unknown": progress.count("unknown"),
        "not done": progress.count("skipped") + progress.count("waiting") + progress.count("running"),
    }
    said = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
    lines = [Content(f"{said}."), Content("Each of them is read back from the server first; what succeeded stays.")]
    question = ConfirmScreen(
        f"Resume run {progress.run_id}?", Content("\n").join(lines), verb="resume it", typed=_typed(screen)
    )
    if not await screen.app.push_screen_wait(question):
        return
    resumed = progress.again()
    await _run(screen, resumed, lambda on_event: provisioner.resume(progress.run_id, ApplyOptions(), on_event))


async def _run(screen: "ApplyScreen", progress: RunProgress, start: Start) -> None:
    state, console = screen.state, screen.console
    former, state.trouble, state.replicated = state.progress, None, None
    state.rows.progress = progress
    run = ApplyRun(progress, start)
    state.run = console.apply_run = run
    if console.session is not None:
        console.session.closers.append(run.close)  # before the connections are closed, what is in flight ends
    screen.run_began()
    try:
        result = await run.result()
    except OcmError as error:
        state.trouble = error
        console.announce_error(error)
    else:
        whole = not result.interrupted and result.count("succeeded") == len(result.results)
        console.announce(ending_text(result), severity="information" if whole else "warning")
    finally:
        if not run.active:
            if not progress.run_id:  # nothing was begun: the plan is as good as it was
                state.rows.progress = former
            screen.run_ended()
            console.clients_changed()


async def past_runs(screen: "ApplyScreen") -> None:
    provisioner = screen.provisioner
    if provisioner is None:
        return
    try:
        run_id = await screen.app.push_screen_wait(RunsScreen(await provisioner.runs()))
        if run_id is not None:
            await _open_run(screen, provisioner, run_id)
    except OcmError as error:
        screen.console.announce_error(error)


async def _open_run(screen: "ApplyScreen", provisioner: "Provisioner", run_id: str) -> None:
    """The list shows the plan of that run, and how its steps ended."""
    summary, results, planned = await provisioner.run(run_id)
    rows = PlanRows(planned)
    with_result = {result.client_id for result in results}
    whole = summary.total == len(rows.steps)
    ids = [change.client_id for change in rows.steps if whole or change.client_id in with_result]
    rows.progress = RunProgress.of_past(run_id, ids, results)
    screen.state.trouble = screen.state.replicated = None
    screen.show_rows(rows)
    screen.console.announce(f"This is run {run_id}; r goes back to a new plan.")


async def replicate(screen: "ApplyScreen") -> None:
    """Push the whole configuration to the cluster, and watch its nodes; what is known of them is shown first."""
    state, provisioner, session = screen.state, screen.provisioner, screen.console.session
    if provisioner is None or session is None or session.clients is None:
        return
    try:
        state.cluster = await session.clients.server.cluster_status()
    except OcmError as error:
        screen.console.announce_error(error)
        return
    screen.show_state()
    if state.cluster is None:
        screen.console.announce("This server stands alone: there is nobody to replicate to.")
        return
    question = ConfirmScreen(
        f"Replicate the configuration of {screen.console.connection.environment}?",
        replicate_question(state.cluster),
        verb="replicate",
        typed=_typed(screen),
        danger=True,
    )
    if await screen.app.push_screen_wait(question):
        screen.panel.active = screen.panel.tabs.index("Plan")  # the nodes stand there
        await _replicate(screen, provisioner)


async def _replicate(screen: "ApplyScreen", provisioner: "Provisioner") -> None:
    state = screen.state

    def on_status(status: "ClusterStatus") -> None:
        state.cluster = status

    state.replicating = True
    try:
        outcome = await provisioner.replicate(on_status)
    except OcmError as error:
        screen.console.announce_error(error)
    else:
        state.replicated = outcome
        severity: Severity = "information" if not outcome.exit_code else "error"
        screen.console.announce(f"{outcome.text[:1].upper()}{outcome.text[1:]}.", severity=severity)
    finally:
        state.replicating = False
        screen.show_state()
