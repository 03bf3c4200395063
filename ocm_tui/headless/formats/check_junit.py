"""JUnit XML, as GitLab and Jenkins read it: one testcase a check."""

import re
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from ocm_tui.core.checks.model import CheckReport, CheckResult
from ocm_tui.core.errors import ExitCode
from ocm_tui.core.text import clean
from ocm_tui.headless.formats.places import one_sentence

__all__ = ["render"]

# XML 1.0 has no way at all to write these, not even escaped.
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_KINDS: Final = {ExitCode.UNREACHABLE: "unreachable", ExitCode.REFUSED: "refused", ExitCode.USAGE: "configuration"}


def render(report: CheckReport) -> str:
    name = f"ocm-tui {report.environment}".rstrip()
    bad = sum(map(report.is_bad, report.results))
    counts = f'tests="{len(report.results)}" failures="{bad}" errors="0" skipped="{report.count("skip")}"'
    time = f'time="{report.duration_ms / 1000:.3f}"'
    cases = "".join(_case(report, result, name) for result in report.results)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="ocm-tui" {counts} {time}>\n'
        f'  <testsuite name={_attribute(name)} {counts} {time} timestamp="{report.started_at}">\n'
        f"{cases}  </testsuite>\n</testsuites>\n"
    )


def _case(report: CheckReport, result: CheckResult, suite: str) -> str:
    start = (
        f"    <testcase classname={_attribute(suite)} name={_attribute(result.id)} "
        f'time="{result.duration_ms / 1000:.3f}"'
    )
    message, text = _attribute(result.message), _text(one_sentence(result))
    if report.is_bad(result):
        kind = "warning" if result.status == "warn" else _KINDS.get(result.exit_code, "failed")
        body = f'      <failure type="{kind}" message={message}>{text}</failure>\n'
    elif result.status == "skip":
        body = f"      <skipped message={message}/>\n"
    elif result.status == "warn":
        body = f"      <system-out>{_text('warning: ' + one_sentence(result))}</system-out>\n"
    else:
        body = f"      <system-out>{text}</system-out>\n"
    return f"{start}>\n{body}    </testcase>\n"


def _attribute(text: str) -> str:
    return quoteattr(_ILLEGAL.sub("\ufffd", clean(text, 2000)))


def _text(text: str) -> str:
    return escape(_ILLEGAL.sub("\ufffd", clean(text, 4000)))
