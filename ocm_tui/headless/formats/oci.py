"""OCI profiles as rows for people and as `ocm-tui/profiles/v1` for machines.

The five sensitive fields are absent, not masked, unless a reveal was asked for.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from ocm_tui.core.oci.model import Finding
from ocm_tui.core.oci.schemas import SENSITIVE
from ocm_tui.core.secret import LONG, Secret, known_secrets
from ocm_tui.core.text import clean, ellipsis
from ocm_tui.headless.formats.documents import document
from ocm_tui.headless.formats.text import GREEN, GREY, RED, YELLOW, painted, table

if TYPE_CHECKING:
    from ocm_tui.core.oci.rc import EffectiveField
    from ocm_tui.core.oci.registry import ProfileEntry
    from ocm_tui.core.oci.service import OciService

__all__ = ["item", "profile_json", "profile_text", "profiles_json", "profiles_table"]

_MARKS: Final = {"useable": "● useable", "not useable": "✗ not useable", "unknown": "? unknown"}
_PAINTS: Final = {"useable": GREEN, "not useable": RED, "unknown": GREY}
_LEVELS: Final = {"error": RED, "warning": YELLOW, "info": GREY}
_LONGEST: Final = 60
_MOST_CAUSES: Final = 3


def item(entry: "ProfileEntry") -> dict[str, Any]:
    """One element of `items`."""
    result = entry.result
    return {
        "auth_profile": clean(entry.name, 300),
        "authentication": clean(entry.config.authentication or "api_key", 100),
        "region": clean(entry.config.region, 200) if entry.config.region else None,
        "status": entry.status,
        "error": (result.error or None) if result else None,
        "latency_ms": result.latency_ms if result else None,
        "clock_skew_s": result.clock_skew_s if result else None,
        "findings": [finding.as_json() for finding in entry.findings],
        "tenancy": clean(entry.config.tenancy, 300) if entry.config.tenancy else None,
        "namespace": (result.namespace or None) if result else None,
        "request_id": (result.request_id or None) if result else None,
        "causes": [{"title": one.title, "hint": one.hint or None} for one in result.causes] if result else [],
        "exchange_ids": list(result.exchange_ids) if result else [],
    }


def profiles_json(service: "OciService", entries: "Sequence[ProfileEntry]") -> str:
    return document("profiles", {**_head(service), "items": [item(entry) for entry in entries]})


def profile_json(service: "OciService", entry: "ProfileEntry", *, reveal: bool) -> str:
    fields = [
        {"name": name, "value": value, "line": line, "origin": origin}
        for name, value, line, origin in _fields(entry, reveal=reveal)
    ]
    return document("profiles", {**_head(service), "items": [{**item(entry), "fields": fields}]}, reveal=reveal)


def _head(service: "OciService") -> dict[str, Any]:
    return {
        "config_file": clean(service.config_file),
        "findings": [finding.as_json() for finding in service.findings],
    }


def profiles_table(entries: "Sequence[ProfileEntry]", *, probed: bool, color: bool) -> str:
    """Without a probe the status would say nothing: the findings stand there instead."""
    headings = ("Status", "Profile", "Auth", "Region", "Latency", "Skew") if probed else ("Profile", "Auth", "Region")
    rows = [_row(entry, probed=probed) for entry in entries]
    paints = [_PAINTS[entry.status] if probed else _worst(entry) for entry in entries]
    right = (4, 5) if probed else ()
    text = table((*headings, "Findings"), rows, right=right, paints=paints, color=color)
    failures = [line for entry in entries for line in _failure(entry, color=color)]
    return known_secrets.scrub(text + "\n".join(["", *failures, ""] if failures else []), shortest=LONG)


def _row(entry: "ProfileEntry", *, probed: bool) -> tuple[str, ...]:
    config, result = entry.config, entry.result
    common = (
        ellipsis(clean(entry.name), _LONGEST),
        ellipsis(clean(config.authentication or "api_key"), 24),
        ellipsis(clean(config.region or ""), 24),
    )
    if not probed:
        return (*common, _counted(entry.findings))
    latency = f"{result.latency_ms:.0f} ms" if result and result.latency_ms is not None else ""
    skew = f"{result.clock_skew_s:+.0f} s" if result and result.clock_skew_s else ""
    return (_MARKS[entry.status], *common, latency, skew, _counted(entry.findings))


def _counted(findings: Sequence[Finding]) -> str:
    """`1 error, 2 warnings`; what is only worth to know is not counted."""
    counts = [(level, sum(one.severity == level for one in findings)) for level in ("error", "warning")]
    return ", ".join(f"{count} {level}{'' if count == 1 else 's'}" for level, count in counts if count)


def _worst(entry: "ProfileEntry") -> str:
    severities = {finding.severity for finding in entry.findings}
    return RED if "error" in severities else YELLOW if "warning" in severities else ""


def _failure(entry: "ProfileEntry", *, color: bool) -> Iterator[str]:
    """Why a probe failed, with the causes that are worth a look."""
    result = entry.result
    if result is None or result.useable:
        return
    yield painted(f"{clean(entry.name, 200)}: {result.error}", _PAINTS[result.status], color=color)
    causes = [cause for cause in result.causes[:_MOST_CAUSES] if cause.title != result.error]
    if result.hint and len(causes) < len(result.causes[:_MOST_CAUSES]):
        yield f"  hint: {result.hint}"
    causes = [cause for cause in result.causes[:_MOST_CAUSES] if cause.title != result.error]
    for number, cause in enumerate(causes, 1):
        hint = f" ({cause.hint})" if cause.hint else ""
        yield f"  {number}. {cause.title}{hint}"


def profile_text(entry: "ProfileEntry", settings: "Sequence[EffectiveField]", *, color: bool, reveal: bool) -> str:
    rows = [
        (name, value, f"line {line}" if line else "", "from DEFAULT" if origin == "DEFAULT" else "")
        for name, value, line, origin in _fields(entry, reveal=reveal)
    ]
    parts = [f"[{clean(entry.name, 300)}]", *_lines(table(("Field", "Value", "Where", ""), rows))[1:]] if rows else []
    others = [one.cli for one in settings if one.cli is not None and one.name not in SENSITIVE]
    if others:
        parts += ["", "The OCI command line tool would take instead:"]
        parts += [f"  {clean(one.name)} = {_shown(one.value)}  ({clean(one.source)})" for one in others]
    if entry.findings:
        parts.append("")
    for finding in entry.findings:
        where = f"line {finding.line}: " if finding.line else ""
        parts.append(painted(f"{finding.severity}  {finding.code}", _LEVELS[finding.severity], color=color))
        parts.append(f"  {where}{finding.message}")
        parts += [f"  hint: {finding.hint}"] if finding.hint else []
    text = "\n".join(parts) + "\n"
    return text if reveal else known_secrets.scrub(text, shortest=LONG)


def _fields(entry: "ProfileEntry", *, reveal: bool) -> Iterator[tuple[str, str, int | None, str]]:
    """Name, value, line and origin: as the file has them, in its order; without what is sensitive."""
    yield "authentication", clean(entry.config.authentication or "api_key", 100), *_authentication(entry)
    for field in entry.source.fields.values() if entry.source else ():
        if field.name == "authentication":
            continue
        if isinstance(field.value, Secret):
            if reveal:
                yield field.name, clean(field.text), field.line, field.origin
        else:
            yield clean(field.name, 100), clean(field.value, 400), field.line, field.origin


def _authentication(entry: "ProfileEntry") -> tuple[int | None, str]:
    written = entry.source.fields.get("authentication") if entry.source else None
    if written is not None:
        return written.line, written.origin
    return None, "inferred" if entry.source and entry.source.inferred else "default"


def _shown(value: str | Secret) -> str:
    return "***" if isinstance(value, Secret) else clean(value, 400)


def _lines(text: str) -> list[str]:
    return text.splitlines()
