"""The server's certificate, for the check of its expiry: one TLS handshake, and no request."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

from ocm_tui.core.errors import TransportError, UsageError
from ocm_tui.core.http import hx
from ocm_tui.core.http.addresses import BaseURL
from ocm_tui.core.http.attempt import Attempt, Peer
from ocm_tui.core.http.failures import deadline_failure, explain
from ocm_tui.core.http.tls import tls_context
from ocm_tui.core.http.types import TLSSettings
from ocm_tui.core.text import clean

__all__ = ["ServerCertificate", "server_certificate"]


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """`not_after` is UTC; `days_left` is in full days and negative after the expiry; the names are safe to show."""

    not_after: datetime
    subject: str
    issuer: str
    days_left: int


async def server_certificate(url: str, tls: TLSSettings, timeout: float = 10.0) -> ServerCertificate:
    """Of the server that the https URL names, reached directly, not through a proxy.

    Raises TransportError when it cannot be reached or, with `tls.verify`, is not trusted; ConfigError for TLS files.
    """
    base = BaseURL.parse(url)
    if base.scheme != "https":
        raise UsageError(f"{base.text} has no certificate: it is plain HTTP")
    peer = Peer(base.scheme, base.host, base.port, ca_file=str(tls.ca_file) if tls.ca_file else None)
    context = await asyncio.to_thread(tls_context, tls)
    attempt = Attempt(peer=peer, deadline=timeout, stage="connecting")
    try:
        async with asyncio.timeout(timeout) as attempt.scope:
            encoded = await _handshake(attempt, context)
    except TimeoutError as error:
        if not attempt.deadline_passed:
            raise explain(error, attempt) from None
        raise deadline_failure(attempt) from None
    except hx.escaping_errors() as error:
        raise explain(error, attempt) from None
    try:
        return await asyncio.to_thread(_parsed, encoded)
    except ValueError as error:
        raise TransportError(f"{peer} has a certificate that cannot be read", layer="tls", detail=str(error)) from error


async def _handshake(attempt: Attempt, context: ssl.SSLContext) -> bytes:
    """The certificate in DER form, also when it is not verified."""
    _, writer = await asyncio.open_connection(attempt.peer.host, attempt.peer.port)
    try:
        attempt.stage = "handshake"
        await writer.start_tls(context, server_hostname=attempt.peer.host)
        return bytes(writer.get_extra_info("ssl_object").getpeercert(binary_form=True) or b"")
    finally:
        # `wait_closed` is not waited for: after a handshake that was broken off it never ends.
        writer.transport.abort()


def _parsed(encoded: bytes) -> ServerCertificate:
    from cryptography import x509  # slow to import, and only this needs it

    certificate = x509.load_der_x509_certificate(encoded)
    not_after = certificate.not_valid_after_utc
    return ServerCertificate(
        not_after=not_after,
        subject=clean(certificate.subject.rfc4514_string(), 200),
        issuer=clean(certificate.issuer.rfc4514_string(), 200),
        days_left=(not_after - datetime.now(UTC)).days,
    )
