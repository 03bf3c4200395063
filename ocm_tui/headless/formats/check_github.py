"""GitHub Actions workflow commands: annotations on warnings and failures, and what was skipped as a notice."""

from ocm_tui.core.checks.model import CheckReport
from ocm_tui.core.text import clean
from ocm_tui.headless.formats.places import marks

__all__ = ["render"]


def render(report: CheckReport) -> str:
    commands = [
        _command(
            "error" if report.is_bad(mark.result) else "warning",
            mark.message,
            file=mark.path,
            line=str(mark.line),
            title=f"{mark.result.id} ({report.environment})",
        )
        for mark in marks(report)
    ]
    commands += [
        _command("notice", f"skipped: {result.message}", title=f"{result.id} ({report.environment})")
        for result in report.results
        if result.status == "skip"
    ]
    counts = (
        f"{report.count('pass')} passed, {report.count('warn')} warned, "
        f"{report.count('fail')} failed, {report.count('skip')} skipped"
    )
    return "\n".join([*commands, f"ocm-tui {clean(report.environment)}: {counts}"]) + "\n"


def _command(name: str, message: str, **properties: str) -> str:
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {listed}::{_data(clean(message, 4000))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(clean(text, 1000)).replace(":", "%3A").replace(",", "%2C")
