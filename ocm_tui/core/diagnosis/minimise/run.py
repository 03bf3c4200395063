"""`minimise`: one run from the first trial to the last deletion, however it ends."""

import asyncio
import base64
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.diagnosis.minimise.artifacts import Artifacts, forget_old_runs
from ocm_tui.core.diagnosis.minimise.journal import TrialJournal, at_work
from ocm_tui.core.diagnosis.minimise.laboratory import Laboratory, TrialsEnded, TrialServer
from ocm_tui.core.diagnosis.minimise.minimiser import Minimiser
from ocm_tui.core.diagnosis.minimise.model import Budget, LeftOver, Minimised, OnTrial, Trial
from ocm_tui.core.diagnosis.minimise.subject import Subject, subject_of
from ocm_tui.core.exchanges.model import Exchange, current_run
from ocm_tui.core.provisioning.repeat import StopSignal

__all__ = ["minimise"]

_BUDGET = Budget()


async def minimise(
    server: TrialServer,
    subject: Subject | Exchange,
    *,
    policy: WritePolicy,
    journal: TrialJournal,
    environment: str = "",
    budget: Budget = _BUDGET,
    on_trial: OnTrial | None = None,
) -> Minimised:
    """The smallest part of a refused payload that the server still refuses, and the largest that it takes.

    Each trial creates a throwaway client, `ocm-trial-…`, and deletes it again if the server took it; so it is for an
    update that failed, too, and a note says when the failure does not show that way. Refused and UsageError mean that
    nothing was sent; an error of the first trial is raised. Cancelled, it deletes what is under way and returns what
    it has found, `interrupted`; cancelled twice, it ends at once, and the journal knows what is left.
    """
    subject = subject_of(subject) if isinstance(subject, Exchange) else subject
    policy.require("try payloads on the server")
    signal, run_id = StopSignal(), _new_run_id()
    laboratory = Laboratory(
        server, journal, policy=policy, run_id=run_id, environment=environment, budget=budget, signal=signal
    )
    run = _Run(subject, journal, laboratory, run_id, on_trial)
    token = current_run.set(run_id)
    try:
        task = asyncio.create_task(run.carry_out(), name=f"minimise {run_id}")
    finally:
        current_run.reset(token)
    return await _through_one_cancellation(task, signal.interrupt)


class _Run:
    def __init__(
        self,
        subject: Subject,
        journal: TrialJournal,
        laboratory: Laboratory,
        run_id: str,
        on_trial: OnTrial | None,
    ) -> None:
        self._subject, self._journal, self._laboratory = subject, journal, laboratory
        self._run_id, self._on_trial = run_id, on_trial
        self._artifacts: Artifacts | None = None
        self._minimiser = Minimiser(subject, laboratory, self._tried)

    async def carry_out(self) -> Minimised:
        with at_work(self._journal.directory, self._run_id) as directory:
            self._artifacts = Artifacts(directory)
            ended: TrialsEnded | None = None
            try:
                await self._minimiser.run()
            except TrialsEnded as end:
                ended = end
            left_over = await self._laboratory.finish()
            result = self._result(ended, left_over, directory)
            self._keep(result)
            if self._artifacts.problem is not None:
                result = replace(result, notes=(*result.notes, self._artifacts.problem))
        if not self._minimiser.trials and not left_over and ended is not None and ended.error is not None:
            with suppress(OSError):
                (directory / "result.json").unlink(missing_ok=True)
                directory.rmdir()
            raise ended.error
        await asyncio.to_thread(forget_old_runs, self._journal.directory)
        return result

    def _tried(self, trial: Trial) -> None:
        assert self._artifacts is not None
        self._artifacts.write(f"trial-{trial.number:03}.json", trial.as_json())
        if self._on_trial is not None:
            self._on_trial(trial)

    def _result(self, ended: TrialsEnded | None, left_over: tuple[LeftOver, ...], directory: Path) -> Minimised:
        found, subject = self._minimiser, self._subject
        notes = [*found.notes, *([self._journal.notice] if self._journal.notice else [])]
        if found.anatomy.unknown:
            names = ", ".join(found.anatomy.unknown)
            notes.append(f"tried without {names}: the log does not hold the value")
        if subject.operation == "update" and found.reproduced:
            notes.append("the update was tried as the creation of throwaway clients with the same fields")
        return Minimised(
            run_id=self._run_id,
            exchange_id=subject.exchange_id,
            client_id=subject.client_id,
            reproduced=found.reproduced,
            culprits=tuple(found.culprits),
            suspects=found.anatomy.fields(found.minimal.chosen) if found.minimal is not None else (),
            minimal_payload=found.shown(found.minimal),
            passing_payload=found.shown(found.passing),
            left_out=found.left_out(),
            changed=found.changed(),
            trials=tuple(found.trials),
            left_over=left_over,
            requests=self._laboratory.requests,
            notes=tuple(notes),
            stopped=ended.why if ended is not None else None,
            interrupted=self._laboratory.interrupted,
            error=ended.error if ended is not None else None,
            directory=directory,
        )

    def _keep(self, result: Minimised) -> None:
        assert self._artifacts is not None
        for name, payload in (("minimal", result.minimal_payload), ("passing", result.passing_payload)):
            if payload is not None:
                self._artifacts.write(f"{name}.json", payload)
        members = {name: value for name, value in result.as_json().items() if name != "trials"}
        self._artifacts.write("result.json", {"exchange_id": result.exchange_id, **members})


async def _through_one_cancellation(task: "asyncio.Task[Minimised]", interrupt: Callable[[], None]) -> Minimised:
    """What the task gives; the first cancellation of the caller only asks it to end in good order."""
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if task.cancelled():
            raise
        interrupt()
    caller = asyncio.current_task()
    assert caller is not None
    caller.uncancel()
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.wait([task])
        raise


def _new_run_id() -> str:
    """Sorts by time, and fits into a file name: 20260131t120431-k7q2wd5a."""
    chance = base64.b32encode(os.urandom(5)).decode().lower()
    return f"{time.strftime('%Y%m%dt%H%M%S', time.gmtime())}-{chance}"
