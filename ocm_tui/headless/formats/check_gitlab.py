"""GitLab Code Quality: a JSON array (its form is GitLab's, so there is no `schema` member)."""

from typing import Final

from ocm_tui.core.checks.model import CheckReport
from ocm_tui.core.text import json_text
from ocm_tui.headless.formats.places import marks

__all__ = ["render"]

_SEVERITIES: Final = {"warn": "minor", "fail": "major"}


def render(report: CheckReport) -> str:
    issues = [
        {
            "description": f"{report.environment}: {mark.message}" if report.environment else mark.message,
            "check_name": mark.result.id,
            "fingerprint": mark.fingerprint,
            "severity": _SEVERITIES[mark.result.status],
            "location": {"path": mark.path, "lines": {"begin": mark.line}},
        }
        for mark in marks(report)
    ]
    return json_text(issues) + "\n"
