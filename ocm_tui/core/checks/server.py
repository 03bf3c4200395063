"""Does the authorization server answer, does it accept our account, and is it a release that we know?"""

from ocm_tui.core.checks.model import CheckContext, Verdict, passed, skipped, warned
from ocm_tui.core.clients.model import ServerInfo
from ocm_tui.core.errors import ApiError
from ocm_tui.core.session import Session

__all__ = ["NEWEST", "OLDEST", "accepts_account", "answers", "no_server", "supported_version"]

OLDEST, NEWEST = (11, 3), (13, 1)


def no_server(session: Session) -> Verdict | None:
    """The verdict of every server check when the environment has no server; None when it has one."""
    if session.server is not None or session.clients is not None or session.server_problem is not None:
        return None
    where = session.config_file or "the configuration"
    return skipped(
        f"not configured: environment {session.environment} has no authorization server",
        hint=f"add environments.{session.environment}.server to {where}",
    )


async def answers(context: CheckContext) -> Verdict:
    """Any answer below 500 counts: whether it is the wanted one is the next check's question."""
    if verdict := no_server(context.session):
        return verdict
    status, base_url = 200, context.session.require_clients().server.base_url
    try:
        await context.probe.info()
    except ApiError as error:
        if error.status >= 500:
            raise
        status = error.status
    return passed(
        f"{base_url} answered HTTP {status} in {context.probe.duration_ms:.0f} ms",
        base_url=base_url,
        http_status=status,
        latency_ms=round(context.probe.duration_ms, 3),
    )


async def accepts_account(context: CheckContext) -> Verdict:
    if verdict := no_server(context.session):
        return verdict
    await context.probe.info()
    name = context.session.server.username if context.session.server else ""
    return passed(f"signed in as {name}" if name else "signed in", username=name or None)


async def supported_version(context: CheckContext) -> Verdict:
    if verdict := no_server(context.session):
        return verdict
    return _judge(await context.probe.info())


def _judge(info: ServerInfo) -> Verdict:
    known = f"{_text(OLDEST)} to {_text(NEWEST)}"
    if info.parsed == (0, 0):
        return warned(f"the server says its version is {info.version!r}, which is not a version", version=info.version)
    if info.parsed < OLDEST:
        return warned(
            f"PingFederate {info.version} is older than the supported {known}",
            hint="fields that this release does not know are left out; some calls may fail",
            version=info.version,
        )
    if info.parsed > NEWEST:
        return warned(
            f"PingFederate {info.version} is newer than the supported {known}",
            hint="fields that are new in this release are kept as they are and cannot be edited in forms",
            version=info.version,
        )
    return passed(f"PingFederate {info.version} is within the supported {known}", version=info.version)


def _text(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
