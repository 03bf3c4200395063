"""How long the server's TLS certificate is still good."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ocm_tui.core.checks.model import CheckContext, CheckResult, Verdict, failed, passed, skipped, warned
from ocm_tui.core.checks.server import no_server
from ocm_tui.core.errors import TransportError
from ocm_tui.core.session import ServerTarget

if TYPE_CHECKING:
    from ocm_tui.core.http.certificates import ServerCertificate

__all__ = ["SOON", "certificate", "certificate_verdict", "server_showed_one"]

SOON: Final = timedelta(days=30)
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def server_showed_one(reachable: CheckResult) -> bool:
    """A refused certificate is why the server counts as unreachable, and the very thing to look at."""
    return reachable.details.get("layer") == "tls" or reachable.details.get("http_status") is not None


async def certificate(context: CheckContext) -> Verdict:
    """Looks at the certificate on a connection of its own, on which nothing is sent."""
    session = context.session
    if verdict := no_server(session):
        return verdict
    if session.server is None:
        assert session.server_problem is not None
        raise session.server_problem
    url = urlsplit(session.server.base_url)
    if url.scheme != "https":
        return _plain(url.hostname or "")
    seen = await _seen(session.server)
    return certificate_verdict(
        seen.not_after, datetime.now(UTC), subject=seen.subject, verified=session.server.tls.verify
    )


async def _seen(server: ServerTarget) -> "ServerCertificate":
    """When it is refused because it has expired, it is looked at once more, untrusted, to say since when."""
    from ocm_tui.core.http.certificates import server_certificate  # cryptography: only for https

    try:
        return await server_certificate(server.base_url, server.tls, server.timeout)
    except TransportError as error:
        if error.layer != "tls" or not server.tls.verify:
            raise
        untrusted = await server_certificate(server.base_url, replace(server.tls, verify=False), server.timeout)
        if untrusted.days_left < 0:
            return untrusted
        raise


def _plain(host: str) -> Verdict:
    if host in _LOOPBACK or host.startswith("127."):
        return skipped("plain HTTP on loopback: there is no certificate")
    return warned(
        f"plain HTTP to {host}: there is no certificate, and the password travels in clear",
        hint="use https:// in server.base_url",
    )


def certificate_verdict(not_after: datetime, now: datetime, *, subject: str = "", verified: bool = True) -> Verdict:
    """Pure: the times are aware. Expired fails; less than 30 days, or unverified, is a warning."""
    left, ago = not_after - now, (now - not_after).days
    details: dict[str, Any] = {
        "subject": subject,
        "not_after": _text(not_after),
        "days_left": left.days if ago < 0 else -ago,
        "verified": verified,
    }
    renew = "renew the server's certificate"
    if left <= timedelta(0):
        return failed(f"the certificate expired {_days(ago)} ago, on {_day(not_after)}", renew, **details)
    if left < SOON:
        return warned(f"the certificate expires in {_days(left.days)}, on {_day(not_after)}", renew, **details)
    if not verified:
        return warned(
            f"the certificate is not verified (tls.verify: false); it is valid until {_day(not_after)}",
            "set tls.ca_file to the issuer's certificate and remove verify: false",
            **details,
        )
    return passed(f"the certificate is valid until {_day(not_after)}, {_days(left.days)} from now", **details)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
