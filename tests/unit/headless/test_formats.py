"""Bytes are the contract: each format of `--check` against a golden file, and what its readers insist on.

`OCM_TUI_WRITE_GOLDEN=1` writes the files anew; look at the difference before you keep it.
"""

import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ocm_tui import __version__
from ocm_tui.core.checks.model import STATUSES
from ocm_tui.headless.formats import check_text
from ocm_tui.headless.formats.checks import CHECK_FORMATS, formatter
from tests.unit.headless.reports import report_of_everything

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", CHECK_FORMATS)
def test_golden(name: str) -> None:
    text = formatter(name)(report_of_everything()).replace(f'"{__version__}"', '"VERSION"')
    file = GOLDEN / f"check.{name}"
    if os.environ.get("OCM_TUI_WRITE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CHECK_FORMATS)
def test_nothing_that_a_terminal_obeys(name: str) -> None:
    text = formatter(name)(report_of_everything())
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\ud800-\udfff]", text)


def test_json_has_exactly_the_members_of_the_contract() -> None:
    report = json.loads(formatter("json")(report_of_everything()))
    assert list(report) == ["schema", "environment", "started_at", "duration_ms", "summary", "checks"]
    assert report["schema"] == "ocm-tui/check/v1"
    assert report["summary"] == {"passed": 1, "warned": 1, "failed": 2, "skipped": 1}
    for check in report["checks"]:
        assert list(check) == ["id", "title", "status", "duration_ms", "message", "hint", "details"]
        assert check["status"] in STATUSES
    assert [finding["line"] for finding in report["checks"][4]["details"]["findings"]] == [9, 12]


def test_junit_is_what_gitlab_reads() -> None:
    root = ET.fromstring(formatter("junit")(report_of_everything()))
    assert root.tag == "testsuites"
    (suite,) = root
    cases = list(suite)
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("5", "2", "1")
    assert len({case.get("name") for case in cases}) == len(cases)
    assert {case.get("classname") for case in cases} == {"ocm-tui dev"}
    failure = cases[1].find("failure")
    assert failure is not None
    assert failure.get("type") == "unreachable"
    assert cases[2].find("skipped") is not None
    assert cases[3].find("failure") is None


def test_junit_fails_on_warnings_when_they_count() -> None:
    root = ET.fromstring(formatter("junit")(report_of_everything("warn")))
    assert root[0].get("failures") == "3"
    assert root[0][3].find("failure") is not None


def test_sarif_is_what_code_scanning_reads() -> None:
    log = json.loads(formatter("sarif")(report_of_everything()))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert run["tool"]["driver"]["name"] == "ocm-tui"
    prints = set()
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in {"warning", "error"}
        assert result["message"]["text"]
        place = result["locations"][0]["physicalLocation"]
        assert place["region"]["startLine"] >= 1
        assert not place["artifactLocation"]["uri"].startswith(("/", "./", ".."))
        prints.add(result["partialFingerprints"]["ocmTui/v1"])
    assert len(prints) == len(run["results"]) == 4
    assert [note["associatedRule"]["id"] for note in run["invocations"][0]["toolExecutionNotifications"]] == [
        "server.version"
    ]


def test_gitlab_is_code_quality() -> None:
    issues = json.loads(formatter("gitlab")(report_of_everything()))
    assert [issue["location"] for issue in issues[2:]] == [
        {"path": "clients/inventory.yaml", "lines": {"begin": 9}},
        {"path": "clients/inventory.yaml", "lines": {"begin": 12}},
    ]
    assert {issue["severity"] for issue in issues} <= {"info", "minor", "major", "critical", "blocker"}
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    assert all(issue.keys() == {"description", "check_name", "fingerprint", "severity", "location"} for issue in issues)


def test_fingerprints_outlive_a_moved_line() -> None:
    text = formatter("gitlab")(report_of_everything())
    moved = report_of_everything()
    finding = moved.results[4].findings[0]
    object.__setattr__(finding, "line", 99)
    before, after = json.loads(text), json.loads(formatter("gitlab")(moved))
    assert before[2]["location"] != after[2]["location"]
    assert [issue["fingerprint"] for issue in before] == [issue["fingerprint"] for issue in after]


def test_github_commands_cannot_be_forged() -> None:
    lines = formatter("github")(report_of_everything()).splitlines()
    commands = [line for line in lines if line.startswith("::")]
    assert [line.split(" ")[0] for line in commands] == ["::error", "::warning", "::error", "::error", "::notice"]
    assert "100%25" in commands[0]
    assert commands[2].startswith("::error file=clients/inventory.yaml,line=9,title=inventory (dev)::")


def test_text_has_colour_only_when_asked() -> None:
    plain = check_text.render(report_of_everything())
    painted = check_text.render(report_of_everything(), color=True)
    assert "\x1b" not in plain
    assert "\x1b[31m■ fail\x1b[0m" in painted
    assert re.sub("\x1b\\[[0-9]+m", "", painted) == plain
    assert all(word in plain for word in STATUSES)
