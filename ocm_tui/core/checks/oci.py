"""One check for the file of OCI profiles, and one for each profile in it: a broken one hides no other.

Which checks there are is known when the file was read, so these are not in the catalogue.
"""

import fnmatch
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

from ocm_tui.core.checks.model import Check, CheckContext, Finding, Verdict, failed, passed, skipped, warned
from ocm_tui.core.errors import ExitCode
from ocm_tui.core.text import clean

if TYPE_CHECKING:
    from ocm_tui.core.oci.model import Finding as OciFinding
    from ocm_tui.core.oci.registry import ProfileEntry
    from ocm_tui.core.oci.service import OciService
    from ocm_tui.core.session import Session

__all__ = ["OCI", "PROFILE_PREFIX", "oci_checks"]

OCI: Final = "oci"
PROFILE_PREFIX: Final = "oci."


async def oci_checks(session: "Session", asked: Sequence[str] = ()) -> tuple[Check, ...]:
    """None when the environment has no OCI profiles. The file is read; nothing is sent.

    A profile is probed when it is among those of `oci.check`, or when a glob of `asked` matches the id of its check.
    """
    service = session.oci
    if service is None:
        return ()
    entries = await service.load()
    checks = {OCI: Check(id=OCI, title="OCI configuration file is readable", run=_file_check(service))}
    for entry in entries:
        name = clean(entry.name, 200)
        id_ = PROFILE_PREFIX + name
        if id_ in checks:  # two names that differ only in what cannot be shown
            id_ += f"~{len(checks)}"
        wanted = _matches(entry.name, service.checked) or _matches(id_, asked)
        run = _profile_check(service, entry.name) if wanted else _not_probed
        checks[id_] = Check(id=id_, title=f"OCI profile {name} is useable", run=run)
    return tuple(checks.values())


def _file_check(service: "OciService") -> Callable[[CheckContext], Awaitable[Verdict]]:
    async def check(context: CheckContext) -> Verdict:
        del context
        await service.entries()
        relevant = [one for one in service.findings if one.severity != "info"]
        findings = _findings(service, relevant)
        count = len(service.registry.list())
        held = f"{service.config_file} has {count} {'profile' if count == 1 else 'profiles'}"
        errors = [one for one in relevant if one.severity == "error"]
        if errors:
            return failed(errors[0].message, errors[0].hint, findings, profiles=count)
        if relevant:
            return warned(f"{held}; {relevant[0].message}", relevant[0].hint, findings, profiles=count)
        return passed(held, profiles=count)

    return check


def _profile_check(service: "OciService", name: str) -> Callable[[CheckContext], Awaitable[Verdict]]:
    async def check(context: CheckContext) -> Verdict:
        del context
        return _verdict(service, await service.probe(name))

    return check


async def _not_probed(context: CheckContext) -> Verdict:
    del context
    return skipped("not among the profiles that oci.check names")


def _matches(name: str, globs: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(name.casefold(), glob.casefold()) for glob in globs)


def _verdict(service: "OciService", entry: "ProfileEntry") -> Verdict:
    result = entry.result
    assert result is not None
    relevant = [one for one in entry.findings if one.severity != "info"]
    findings = tuple(_findings(service, relevant))
    details = {
        "region": clean(entry.config.region or "", 200) or None,
        "reason": result.reason or None,
        "http_status": result.http_status,
        "latency_ms": result.latency_ms,
        "clock_skew_s": result.clock_skew_s,
        "request_id": result.request_id or None,
        "causes": [cause.title for cause in result.causes],
        "exchange_ids": list(result.exchange_ids),
    }
    if not result.useable:
        unreachable = result.status == "unknown"
        code = ExitCode.UNREACHABLE if unreachable else ExitCode.BAD
        return Verdict(
            status="fail",
            message=result.error,
            hint=result.hint,
            details=details,
            findings=findings,
            exit_code=code,
        )
    said = f"the namespace is {result.namespace}"
    if relevant:
        return warned(f"{said}; {relevant[0].message}", relevant[0].hint, findings, **details)
    return passed(said, **details)


def _findings(service: "OciService", findings: "Sequence[OciFinding]") -> list[Finding]:
    return [
        Finding(f"{one.message} ({one.hint})" if one.hint else one.message, service.config_file, one.line, key=one.code)
        for one in findings
    ]
