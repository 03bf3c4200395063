"""`ocm-tui/check/v1`."""

from ocm_tui.core.checks.model import CheckReport
from ocm_tui.headless.formats.documents import document

__all__ = ["render"]


def render(report: CheckReport) -> str:
    return document(
        "check",
        {
            "environment": report.environment,
            "started_at": report.started_at,
            "duration_ms": round(report.duration_ms, 3),
            "summary": {
                "passed": report.count("pass"),
                "warned": report.count("warn"),
                "failed": report.count("fail"),
                "skipped": report.count("skip"),
            },
            "checks": [result.as_json() for result in report.results],
        },
    )
