"""An incident report: what happened when, what was found, the evidence, and what to do about it.

Markdown for GitHub and GitLab. What others wrote stands in code, or with its punctuation escaped: it stays text.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ocm_tui import __version__
from ocm_tui.core.exchanges.model import Exchange, Message, utc_text
from ocm_tui.core.text import clean, clean_lines, json_text

if TYPE_CHECKING:
    from ocm_tui.core.diagnosis.model import Finding

__all__ = ["FindingsOf", "incident_report"]

FindingsOf = Callable[[Exchange], "Sequence[Finding]"]

_LONGEST_BODY: Final = 4000  # characters of each side; the whole is in the other exports
_MOST_DETAILS: Final = 50  # failed exchanges that get a section of their own
_PUNCTUATION: Final = re.compile(r"([\\`*_\[\]<>|~&$@])")
_GRAVES: Final = re.compile("`+")


def _nothing(exchange: Exchange) -> "Sequence[Finding]":
    del exchange
    return ()


def incident_report(exchanges: Sequence[Exchange], findings_of: FindingsOf = _nothing) -> str:
    """Of the exchanges in their order; `findings_of` is asked once for each one that failed."""
    failed = [exchange for exchange in exchanges if exchange.failed]
    findings = {exchange.id: list(findings_of(exchange)) for exchange in failed[:_MOST_DETAILS]}
    blocks = ["# Incident report", _summary(exchanges, failed)]
    if any(findings.values()):
        blocks += ["## Findings", *_overview(failed, findings)]
    if exchanges:
        blocks += ["## Timeline", "\n".join(_timeline(exchanges))]
    if failed:
        blocks.append("## Failed exchanges")
    for exchange in failed[:_MOST_DETAILS]:
        blocks += _details(exchange, findings[exchange.id])
    if len(failed) > _MOST_DETAILS:
        blocks.append(f"{len(failed) - _MOST_DETAILS:,} more failed exchanges have no section here.")
    blocks.append(
        f"Made by ocm-tui {__version__}. Times are UTC. Secrets were left out when the exchanges were recorded: "
        "`***` and six digits stand for one."
    )
    return "\n\n".join(blocks) + "\n"


def _summary(exchanges: Sequence[Exchange], failed: Sequence[Exchange]) -> str:
    if not exchanges:
        return "No exchange."
    outcomes = Counter(_outcome(exchange) for exchange in failed)
    first, last = (utc_text(end(one.started_at for one in exchanges)) for end in (min, max))
    lines = [
        f"- {len(exchanges):,} {_plural('exchange', len(exchanges))}, {len(failed):,} failed",
        f"- from {first} to {last}",
        f"- with {', '.join(_code(host) for host in dict.fromkeys(map(_host, exchanges)))}",
    ]
    if outcomes:
        lines.append(f"- failures: {', '.join(f'{count:,} × {_code(what)}' for what, count in outcomes.most_common())}")
    runs = dict.fromkeys(one.run_id for one in exchanges if one.run_id)
    if runs:
        lines.append(f"- {_plural('run', len(runs))} {', '.join(map(_code, runs))}")
    return "\n".join(lines)


def _overview(failed: Sequence[Exchange], findings: "dict[str, list[Finding]]") -> Iterator[str]:
    """The best finding of each exchange; one that several share is told once."""
    seen: dict[tuple[str, str], list[str]] = {}
    for exchange in failed:
        for finding in findings.get(exchange.id, [])[:1]:
            seen.setdefault((finding.title, finding.suggestion), []).append(exchange.id)
    lines = []
    for (title, suggestion), ids in seen.items():
        where = ", ".join(map(_code, ids[:5])) + (f" and {len(ids) - 5:,} more" if len(ids) > 5 else "")
        todo = f": {_text(suggestion)}" if suggestion else ""
        lines.append(f"- **{_text(title)}**{todo} ({where})")
    yield "\n".join(lines)


def _timeline(exchanges: Sequence[Exchange]) -> Iterator[str]:
    yield "| Time | Result | Request | Took | Exchange |"
    yield "|---|---|---|---:|---|"
    for exchange in exchanges:
        cells = (
            utc_text(exchange.started_at),
            f"{'**' if exchange.failed else ''}{_text(_outcome(exchange))}{'**' if exchange.failed else ''}",
            _code(f"{exchange.method} {exchange.path}", 160),
            f"{exchange.duration_ms:,.0f} ms",
            _code(exchange.id),
        )
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') if cell[:1] == '`' else cell for cell in cells)} |"


def _details(exchange: Exchange, findings: "Sequence[Finding]") -> Iterator[str]:
    yield f"### {_text(_outcome(exchange))}: {_code(f'{exchange.method} {exchange.path}', 160)}"
    about = {"client": exchange.client_id, "run": exchange.run_id, "purpose": exchange.purpose}
    known = [f"{name} {_code(value)}" for name, value in about.items() if value]
    yield ", ".join([f"exchange {_code(exchange.id)}", utc_text(exchange.started_at), *known])
    if exchange.error is not None:
        yield _text(f"No complete answer, {exchange.error.layer}: {exchange.error.message}")
    for finding in findings:
        yield "\n".join(_finding(finding))
    yield from _message("Request", [f"{exchange.method} {exchange.url}"], exchange.request)
    if exchange.response is not None:
        yield from _message("Response", [f"HTTP {exchange.status}"], exchange.response)


def _finding(finding: "Finding") -> Iterator[str]:
    yield f"- **{_text(finding.title)}** ({finding.severity}, {finding.confidence}, {_code(finding.code)})"
    if finding.field_path:
        yield f"  - field {_code(finding.field_path)}"
    for evidence in finding.evidence:
        yield f"  - evidence {_code(evidence, 400)}"
    if finding.suggestion:
        yield f"  - to do: {_text(finding.suggestion)}"
    if finding.fix is not None:
        value = "" if finding.fix.value is None else f" to {_code(json_text(finding.fix.value, indent=None), 200)}"
        yield f"  - fix: set {_code(finding.fix.field_path)} of {_code(finding.fix.client_id)}{value}"


def _message(title: str, first: list[str], message: Message) -> Iterator[str]:
    headers = [f"{name}: {value}" for name, value in message.headers]
    lines = [clean(line, 2000) for line in [*first, *headers]]
    body = clean_lines(_pretty(message.body))
    cut = len(body) > _LONGEST_BODY or message.truncated
    yield f"{title}, {message.body_bytes:,} bytes{', shortened here' if cut else ''}:"
    yield _fenced("\n".join([*lines, *(["", body[:_LONGEST_BODY]] if body else [])]))


def _pretty(body: str) -> str:
    if body[:1] not in ("{", "["):
        return body
    try:
        return json_text(json.loads(body))
    except (ValueError, RecursionError):
        return body


def _outcome(exchange: Exchange) -> str:
    if exchange.status is not None:
        return f"HTTP {exchange.status}"
    return f"no answer ({exchange.error.layer})" if exchange.error else "no answer"


def _host(exchange: Exchange) -> str:
    try:
        return urlsplit(exchange.url).netloc.rpartition("@")[2] or "unknown"
    except ValueError:
        return "unknown"


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"


def _text(text: str) -> str:
    return _PUNCTUATION.sub(r"\\\1", clean(text, 600))


def _code(text: str, limit: int = 200) -> str:
    """Inline code; its fence is longer than any within. Spaces keep a grave accent at an end from joining it."""
    shown = clean(text, limit) or " "
    fence = "`" * (max((len(run) for run in _GRAVES.findall(shown)), default=0) + 1)
    space = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{space}{shown}{space}{fence}"


def _fenced(text: str) -> str:
    fence = "`" * max(max((len(run) for run in _GRAVES.findall(text)), default=0) + 1, 3)
    return f"{fence}\n{text}\n{fence}"
