"""What the example pipeline starts must be something that the command line understands."""

import shlex
from pathlib import Path

import yaml

from ocm_tui.arguments import parse

EXAMPLE = Path(__file__).parents[3] / "examples" / "gitlab-ci.yml"


def test_the_pipeline_starts_commands_that_exist() -> None:
    jobs = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    commands = [line for job in jobs.values() if isinstance(job, dict) for line in job["script"]]
    parsed = [parse(shlex.split(command.partition(" > ")[0])[1:]) for command in commands]
    assert [(options.check, options.command) for options in parsed] == [(True, None), (False, "clients")]


def test_the_reports_are_those_that_are_collected() -> None:
    job = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["check-clients"]
    options = parse(shlex.split(job["script"][0])[1:])
    written = {name: str(path) for name, path in options.check_report}
    assert written == {
        "junit": job["artifacts"]["reports"]["junit"],
        "gitlab": job["artifacts"]["reports"]["codequality"],
    }
