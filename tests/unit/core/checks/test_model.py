import pytest

from ocm_tui.core.checks.model import CheckReport, CheckResult, CheckStatus, FailOn, Finding
from ocm_tui.core.errors import ConfigError, ExitCode

Outcome = tuple[CheckStatus, ExitCode]

PASS: Outcome = ("pass", ExitCode.BAD)
SKIP: Outcome = ("skip", ExitCode.BAD)
WARN: Outcome = ("warn", ExitCode.BAD)
BAD: Outcome = ("fail", ExitCode.BAD)
DEAD: Outcome = ("fail", ExitCode.UNREACHABLE)
REFUSED: Outcome = ("fail", ExitCode.REFUSED)
CONFIG: Outcome = ("fail", ExitCode.USAGE)


@pytest.mark.parametrize(
    ("outcomes", "fail_on", "code"),
    [
        ((PASS, SKIP), "fail", 0),
        ((PASS, WARN), "fail", 0),
        ((PASS, WARN), "warn", 1),
        ((PASS, BAD), "fail", 1),
        ((DEAD, SKIP, PASS), "fail", 3),
        ((DEAD, DEAD), "fail", 3),
        ((REFUSED, SKIP), "fail", 4),
        ((CONFIG, SKIP), "fail", 2),
        ((DEAD, BAD), "fail", 1),
        ((DEAD, REFUSED), "fail", 1),
        ((DEAD, WARN), "fail", 3),
        ((DEAD, WARN), "warn", 1),
        ((), "fail", 0),
    ],
)
def test_exit_code_is_the_cause_when_all_failures_share_one(
    outcomes: tuple[Outcome, ...], fail_on: FailOn, code: int
) -> None:
    results = tuple(
        CheckResult(id=f"c{n}", title="", status=status, duration_ms=0, message="", exit_code=exit_code)
        for n, (status, exit_code) in enumerate(outcomes)
    )
    report = CheckReport(environment="", started_at="", duration_ms=0, results=results, fail_on=fail_on)
    assert report.exit_code == code


def test_a_finding_says_its_place_once() -> None:
    finding = Finding.of(ConfigError("the key is there twice", path="/a/b.yaml", line=3, column=1))
    assert finding.as_json() == {"message": "the key is there twice", "path": "/a/b.yaml", "line": 3}
    assert Finding.of(ConfigError("nowhere")).as_json() == {"message": "nowhere", "path": None, "line": None}
