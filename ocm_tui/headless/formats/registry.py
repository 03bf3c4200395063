"""Rows, cache findings, events and planes: tables for people, members of `ocm-tui/registry/v1` for machines."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from ocm_tui.core.registry.declared import profile
from ocm_tui.core.registry.documents import as_json
from ocm_tui.core.registry.masking import masked_bytes
from ocm_tui.core.registry.model import RegistryClient
from ocm_tui.core.text import clean, clean_lines, ellipsis
from ocm_tui.headless.formats.documents import document
from ocm_tui.headless.formats.text import GREEN, GREY, RED, YELLOW, painted, table

if TYPE_CHECKING:
    from ocm_tui.core.registry.inspection import CacheFinding, ClientInspection
    from ocm_tui.core.registry.planes import Planes

__all__ = [
    "age",
    "findings_table",
    "inspection_json",
    "inspection_text",
    "planes_text",
    "registry_json",
    "row_text",
    "rows_table",
    "summary_text",
    "ttl_text",
]

_MARKS: Final = {"ACTIVE": "● active", "SUSPENDED": "◌ suspended", "REVOKED": "✗ revoked"}
_PAINTS: Final = {"ACTIVE": GREEN, "SUSPENDED": YELLOW, "REVOKED": RED}
_STATE_PAINTS: Final = {
    "fresh": GREEN,
    "stale": RED,
    "orphan": RED,
    "corrupt": RED,
    "missing": GREY,
    "negative": GREY,
}
_LONGEST: Final = 40


def registry_json(members: Mapping[str, Any]) -> str:
    return document("registry", members)


def row_text(client: RegistryClient) -> str:
    """YAML as `registry set --file` takes it; what only the registry knows stands in comments below."""
    import yaml

    document = {"client_id": str(client.client_id), **profile(client)}
    text: str = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=120)
    if clean_lines(text) != text:
        text = yaml.safe_dump(document, allow_unicode=False, sort_keys=False, width=120)
    told = {
        "status": client.status,
        "secret": "set" if client.has_secret else "not set",
        "versions": f"row {client.row_version}, profile {client.profile_version}, status {client.status_version}",
        "created": _time(client.created_at),
        "updated": _time(client.updated_at),
        "synced": _time(client.last_synced_at),
    }
    return text + "".join(f"# {name}: {value}\n" for name, value in told.items() if value)


def rows_table(clients: Sequence[RegistryClient], *, color: bool) -> str:
    rows = [
        (
            _MARKS[client.status],
            ellipsis(clean(client.client_code), 64),
            ellipsis(clean(client.bap_id or ""), _LONGEST),
            _networks(client.allowed_ips),
            str(client.rate_limit),
            age(client.last_synced_at) if client.last_synced_at else "never",
            str(client.client_id),
        )
        for client in clients
    ]
    headings = ("Status", "Client", "BAP", "Allowed IPs", "Rate", "Synced", "Id")
    return table(headings, rows, right=(4,), paints=[_PAINTS[client.status] for client in clients], color=color)


def findings_table(findings: "Sequence[CacheFinding]", codes: Mapping[Any, str], *, compared: bool, color: bool) -> str:
    """`codes` are the client_codes of the ids that have a row."""
    rows = [
        (
            *((finding.state or "",) if compared else ()),
            ellipsis(clean(codes.get(finding.client_id, "")), 64),
            ttl_text(finding.ttl_ms),
            _version(finding.cache_version),
            *((_version(finding.database_version),) if compared else ()),
            f"{finding.size:,}" if finding.size else "",
            str(finding.client_id),
        )
        for finding in findings
    ]
    headings = (
        *(("State",) if compared else ()),
        "Client",
        "TTL",
        "Cached",
        *(("Row",) if compared else ()),
        "Bytes",
        "Id",
    )
    right = (2, 3, 4, 5) if compared else (1, 2, 3)
    paints = [_STATE_PAINTS.get(finding.state or "", "") for finding in findings] if compared else ()
    return table(headings, rows, right=right, paints=paints, color=color)


def summary_text(summary: Mapping[Any, int]) -> str:
    """`36 fresh, 2 stale, 1 orphan`; what there is none of is left out, but for the fresh ones."""
    counts = [f"{count:,} {state}" for state, count in summary.items() if count or state == "fresh"]
    return ", ".join(counts)


def inspection_json(found: "ClientInspection") -> dict[str, Any]:
    return {
        "client_id": str(found.client_id),
        "state": found.state,
        "ttl_ms": found.ttl_ms,
        "cache_version": found.cache_version,
        "database_version": found.row.row_version if found.row else None,
        "approximate": found.approximate,
        "problem": clean(found.problem, 400) or None,
        "database_problem": clean(found.database_problem, 400) or None,
        "cache_problem": clean(found.cache_problem, 400) or None,
        "differences": [
            {"field": name, "cached": clean(cached, 2000), "row": clean(row, 2000)}
            for name, cached, row in found.differences
        ],
        "row": as_json(found.row) if found.row else None,
        "cached": as_json(found.cached) if found.cached else None,
    }


def inspection_text(found: "ClientInspection", *, color: bool) -> str:
    code = found.row.client_code if found.row else found.cached.client_code if found.cached else ""
    state = painted(found.state or "unknown", _STATE_PAINTS.get(found.state or "", GREY), color=color)
    lines = [
        f"{clean(code, 64) or found.client_id}: {state}",
        f"  id       {found.client_id}",
        f"  TTL      {ttl_text(found.ttl_ms)}",
        f"  cached   {_version(found.cache_version) or 'nothing'}",
        f"  row      {_version(found.row.row_version) if found.row else 'none'}",
    ]
    problems = (found.problem, found.database_problem, found.cache_problem)
    lines += [f"  problem  {clean(problem, 400)}" for problem in problems if problem]
    text = "\n".join(lines) + "\n"
    if found.differences:
        rows = [(clean(name, 60), clean(there, 80), clean(here, 80)) for name, there, here in found.differences]
        text += "\n" + table(("Field", "Cached", "Row"), rows)
    if found.raw is not None:
        text += "\n" + clean(masked_bytes(found.raw).decode("utf-8", errors="backslashreplace"), 4000) + "\n"
    return text


def planes_text(planes: "Planes", *, color: bool) -> str:
    from ocm_tui.core.registry.planes import PLANES

    paints = {"present": GREEN, "absent": YELLOW, "unknown": RED, "not configured": GREY}
    lines = [f"{clean(planes.client_code, 200)}  {planes.client_id}"]
    for name in PLANES:
        view = planes[name]
        lines.append(f"  {painted(f'{name:<10}', paints[view.state], color=color)} {clean(view.text, 300)}")
    if not planes.disagreements:
        return "\n".join([*lines, "", "they agree", ""])
    rows = [
        (clean(one.field, 60), *(clean(one.values.get(name, ""), 60) for name in PLANES))
        for one in planes.disagreements
    ]
    cures = dict.fromkeys(clean(one.cure, 300) for one in planes.disagreements if one.cure)
    text = "\n".join([*lines, ""]) + "\n" + table(("Disagree on", *(name.capitalize() for name in PLANES)), rows)
    return text + "".join(f"cure: {cure}\n" for cure in cures)


def age(moment: datetime | None, now: datetime | None = None) -> str:
    """`7 min ago`; "" for none."""
    if moment is None:
        return ""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if abs(seconds) >= size:
            return f"{seconds // size:.0f} {unit} ago"
    return f"{max(seconds, 0):.0f} s ago"


def ttl_text(ttl_ms: int) -> str:
    if ttl_ms == -1:
        return "no expiry"
    return "" if ttl_ms < 0 else f"{ttl_ms / 1000:.0f} s"


def _networks(networks: Sequence[str]) -> str:
    if not networks:
        return "any"
    more = f" +{len(networks) - 1}" if len(networks) > 1 else ""
    return clean(networks[0], 50) + more


def _version(version: int | None) -> str:
    return "" if version is None else str(version)


def _time(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else ""
