"""SARIF 2.1.0: a rule per check, a result per finding of a warning or failure, a notification per skipped check."""

from typing import Any, Final

from ocm_tui import __version__
from ocm_tui.core.checks.model import CheckReport
from ocm_tui.core.text import json_text
from ocm_tui.headless.formats.places import Mark, marks

__all__ = ["render"]

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {"warn": "warning", "fail": "error"}


def render(report: CheckReport) -> str:
    places = {result.id: place for place, result in enumerate(report.results)}
    run = {
        "tool": {
            "driver": {
                "name": "ocm-tui",
                "semanticVersion": __version__,
                "rules": [
                    {"id": result.id, "name": result.id, "shortDescription": {"text": result.title}}
                    for result in report.results
                ],
            }
        },
        "automationDetails": {"id": f"ocm-tui/{report.environment}/"},
        "invocations": [
            {
                "executionSuccessful": True,
                "startTimeUtc": report.started_at,
                "exitCode": int(report.exit_code),
                "toolExecutionNotifications": [
                    {
                        "level": "note",
                        "message": {"text": f"skipped: {result.message}"},
                        "associatedRule": {"id": result.id, "index": places[result.id]},
                    }
                    for result in report.results
                    if result.status == "skip"
                ],
            }
        ],
        "results": [_result(mark, places[mark.result.id]) for mark in marks(report)],
    }
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _result(mark: Mark, rule: int) -> dict[str, Any]:
    return {
        "ruleId": mark.result.id,
        "ruleIndex": rule,
        "level": _LEVELS[mark.result.status],
        "message": {"text": mark.message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(mark.path)},
                    "region": {"startLine": mark.line},
                }
            }
        ],
        "partialFingerprints": {"ocmTui/v1": mark.fingerprint},
    }


def _uri(path: str) -> str:
    from urllib.parse import quote

    return quote(path)
