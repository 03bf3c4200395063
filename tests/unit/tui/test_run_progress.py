"""What is known of a run, from its events, from its result, and from the journal."""

from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.provisioning.model import ApplyResult, StepStatus
from ocm_tui.core.provisioning.runs import RunEnded, RunStarted, StepEnded, StepStarted
from ocm_tui.tui.models.run_progress import STEP_STATES, RunProgress
from tests.tui.apply_support import result

_STATUSES: tuple[StepStatus, ...] = ("succeeded", "failed", "skipped", "unknown")


@given(st.lists(st.sampled_from(_STATUSES), max_size=30), st.integers(0, 30))
def test_counts_always_add_up(statuses: list[StepStatus], told: int) -> None:
    """However many of the events came, the result is the last word."""
    ids = [f"c{n}" for n in range(len(statuses))]
    progress = RunProgress(ids)
    progress.take(RunStarted("r", len(ids)))
    results = [result(client_id, status) for client_id, status in zip(ids, statuses, strict=True)]
    for step in results[:told]:
        progress.take(StepStarted(step.client_id, "update"))
        assert sum(progress.count(state) for state in STEP_STATES) == progress.total == len(ids)
        progress.take(StepEnded(step))
    assert progress.done == min(told, len(ids))
    progress.take(RunEnded(ApplyResult(run_id="r", environment="test", results=tuple(results))))
    assert progress.done == len(ids)
    assert progress.complete == (progress.count("succeeded") == len(ids))
    assert progress.unfinished == sum(status != "succeeded" for status in statuses)


def test_a_resumed_run_keeps_what_succeeded() -> None:
    progress = RunProgress.of_past("r", ["a", "b", "c"], [result("a"), result("b", "failed", error="no")])
    assert [progress.state(name) for name in "abc"] == ["succeeded", "failed", "unknown"]
    again = progress.again()
    assert [again.state(name) for name in "abc"] == ["succeeded", "waiting", "waiting"]
    assert again.run_id == "r"
    assert again.done == 1


def test_an_interrupted_run_is_not_complete() -> None:
    progress = RunProgress(["a"])
    progress.take(RunEnded(ApplyResult(run_id="r", environment="test", results=(result("a"),), interrupted=True)))
    assert not progress.complete


def test_every_event_moves_the_counter() -> None:
    progress = RunProgress(["a"])
    seen = [progress.revision]
    for event in (RunStarted("r", 1), StepStarted("a", "create"), StepEnded(result("a"))):
        progress.take(event)
        seen.append(progress.revision)
    assert seen == sorted(set(seen))
