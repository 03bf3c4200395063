"""`ocm-tui oci`: the profiles that jobs sign in to OCI with. stdout has documents, stderr what is done."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ocm_tui.core.errors import ExitCode, UsageError
from ocm_tui.core.text import clean
from ocm_tui.headless.boundary import run_async
from ocm_tui.headless.invocation import Invocation

if TYPE_CHECKING:
    from ocm_tui.core.oci.registry import ProfileEntry
    from ocm_tui.core.oci.service import OciService

__all__ = ["run"]


def run(invocation: Invocation) -> int:
    action = {"list": _list, "show": _show, "probe": _probe}[invocation.options.action]
    _refuse_contradictions(invocation)
    return run_async(lambda: action(invocation))


def _refuse_contradictions(invocation: Invocation) -> None:
    options = invocation.options
    if options.action == "probe" and bool(options.profiles) == options.all:
        raise UsageError(
            "oci probe needs either PROFILE or --all", hint="`ocm-tui oci list` shows the profiles that there are"
        )
    if options.action == "show" and options.include_sensitive and not invocation.output.stdout.isatty():
        raise UsageError(
            "--include-sensitive prints secrets, so it needs a terminal as standard output",
            hint="run it without a pipe and without redirection",
        )


async def _list(invocation: Invocation) -> int:
    async with invocation.session() as session:
        service = session.require_oci()
        entries = await service.load()
    _publish(invocation, service, entries, probed=False)
    return ExitCode.OK


async def _show(invocation: Invocation) -> int:
    from ocm_tui.headless.formats.oci import profile_json, profile_text

    options, output = invocation.options, invocation.output
    async with invocation.session() as session:
        service = session.require_oci()
        await service.load()
        entry = service.registry.get(options.profile)
        settings = await service.effective(entry)
    if output.format == "json":
        output.data(profile_json(service, entry, reveal=options.include_sensitive))
    else:
        output.data(profile_text(entry, settings, color=output.color, reveal=options.include_sensitive))
    return ExitCode.OK


async def _probe(invocation: Invocation) -> int:
    options, progress = invocation.options, invocation.progress
    async with invocation.session() as session:
        service = session.require_oci()
        await service.load()
        names = None if options.all else list(options.profiles)
        chosen = [service.registry.get(name) for name in names] if names else service.registry.list()
        left = [entry.name for entry in chosen]
        progress.left = _words(left)
        async for entry in service.probe_each(names):
            left.remove(entry.name)
            progress.done, progress.left = f"{len(chosen) - len(left)} of {len(chosen)} probed", _words(left)
            assert entry.result is not None
            invocation.output.note(f"{clean(entry.name, 200)}: {entry.status} {entry.result.error}".rstrip())
        probed = [service.registry.get(entry.name) for entry in chosen]
    _publish(invocation, service, probed, probed=True)
    return _exit_code(probed)


def _publish(invocation: Invocation, service: "OciService", entries: "Sequence[ProfileEntry]", *, probed: bool) -> None:
    from ocm_tui.headless.formats.documents import line
    from ocm_tui.headless.formats.oci import item, profiles_json, profiles_table

    output = invocation.output
    if output.format == "json":
        output.data(profiles_json(service, entries))
    elif output.format == "jsonl":
        output.data("".join(line("profiles", item(entry)) for entry in entries))
    elif entries:
        output.data(profiles_table(entries, probed=probed, color=output.color))
    if output.format != "json":
        for finding in service.findings:
            where = f"{clean(service.config_file)}:{finding.line}: " if finding.line else ""
            output.say(f"{finding.severity}: {where}{finding.message}")
    count = len(entries)
    output.say(f"{count} {'profile' if count == 1 else 'profiles'} in {clean(service.config_file)}")


def _exit_code(entries: "Sequence[ProfileEntry]") -> ExitCode:
    """A profile that is not useable is a bad answer; one of which nothing is known is worth another try."""
    statuses = {entry.status for entry in entries}
    if "not useable" in statuses:
        return ExitCode.BAD
    return ExitCode.UNREACHABLE if "unknown" in statuses else ExitCode.OK


def _words(names: Sequence[str]) -> str:
    return clean(", ".join(names), 400)
