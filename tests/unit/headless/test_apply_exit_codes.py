"""Which exit code an apply ends with: one cause of every failure counts, a mixture is 1."""

from dataclasses import replace

import pytest

from ocm_tui.core.errors import ExitCode
from ocm_tui.core.provisioning.model import StepResult
from ocm_tui.headless.apply_report import apply_exit_code
from tests.unit.headless.plans import result_of, step

GOOD = step("good", "succeeded")
SKIPPED = step("skipped", "skipped")
CONFLICT = step("conflict", "failed", conflict=True)


def failed(code: ExitCode) -> StepResult:
    return replace(step(f"failed-{code}", "failed"), exit_code=code)


UNKNOWN = replace(step("unknown", "unknown"), exit_code=ExitCode.UNREACHABLE)


@pytest.mark.parametrize(
    ("results", "blocked", "code"),
    [
        ([], 0, ExitCode.OK),
        ([GOOD], 0, ExitCode.OK),
        ([GOOD], 1, ExitCode.BAD),
        ([GOOD, SKIPPED], 0, ExitCode.BAD),
        ([GOOD, failed(ExitCode.BAD)], 0, ExitCode.BAD),
        ([GOOD, CONFLICT], 0, ExitCode.CONFLICT),
        ([CONFLICT, SKIPPED], 0, ExitCode.CONFLICT),
        ([CONFLICT, failed(ExitCode.BAD)], 0, ExitCode.BAD),
        ([CONFLICT], 1, ExitCode.BAD),
        ([failed(ExitCode.REFUSED), SKIPPED], 0, ExitCode.REFUSED),
        ([failed(ExitCode.UNREACHABLE), UNKNOWN, SKIPPED], 0, ExitCode.UNREACHABLE),
        ([failed(ExitCode.UNREACHABLE), failed(ExitCode.REFUSED)], 0, ExitCode.BAD),
        ([failed(ExitCode.USAGE)], 0, ExitCode.BAD),  # 2 says that nothing was sent
        ([UNKNOWN], 0, ExitCode.UNREACHABLE),
    ],
)
def test_the_exit_code(results: list[StepResult], blocked: int, code: ExitCode) -> None:
    assert apply_exit_code(result_of(*results), blocked=blocked) == code
    assert apply_exit_code(result_of(*results, interrupted=True), blocked=blocked) == ExitCode.INTERRUPTED
