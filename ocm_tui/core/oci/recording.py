"""The SDK's requests as exchanges of the log: redacted, and without what is a credential as a whole."""

import urllib.parse
from typing import Final

from ocm_tui.core.exchanges.model import Exchange, ExchangeFailure, Message, Timings
from ocm_tui.core.exchanges.redaction import Redactor, session_redactor
from ocm_tui.core.oci.sdk_wire import Seen

__all__ = ["exchange_of"]

_BODY_CAP: Final = 64 * 1024
_WITHHELD: Final = "(credentials, not kept)"
# Instance metadata answers with a private key, the other two with a token that no field announces.
_CREDENTIALS: Final = ("/identity/key.pem", "/v1/x509", "/resourcePrincipalSessionTokens")


def exchange_of(seen: Seen, exchange_id: str, purpose: str, *, redactor: Redactor = session_redactor) -> Exchange:
    """Call it where the log lives: one thread redacts at a time."""
    parts = urllib.parse.urlsplit(seen.url)
    total = round(seen.duration_ms, 3)
    withheld = parts.path.endswith(_CREDENTIALS)
    url = redactor.url(seen.url)
    return Exchange(
        id=exchange_id,
        started_at=seen.started_at,
        target="oci",
        method=seen.method,
        url=url,
        path=url[url.find("/", url.find("://") + 3) :] if parts.path else "/",
        status=seen.status,
        duration_ms=total,
        timings=Timings(first_byte=None if seen.first_byte_ms is None else round(seen.first_byte_ms, 3), total=total),
        request=_message(redactor, seen.headers, seen.sent, len(seen.sent), complete=True, withheld=withheld),
        response=None
        if seen.status is None
        else _message(
            redactor,
            seen.answer_headers,
            seen.body,
            seen.received,
            complete=seen.failure is None,
            withheld=withheld and seen.status < 400,
        ),
        error=ExchangeFailure(seen.failure.layer, redactor.text(seen.failure.message)) if seen.failure else None,
        purpose=purpose,
        http_version="HTTP/1.1" if seen.status is not None else "",
    )


def _message(
    redactor: Redactor, headers: tuple[tuple[str, str], ...], data: bytes, size: int, *, complete: bool, withheld: bool
) -> Message:
    shown = redactor.headers(headers)
    if not data:
        return Message(shown)
    if withheld:
        return Message(shown, _WITHHELD, size)
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    text, truncated = redactor.body(data, kind, _BODY_CAP, total=size, complete=complete)
    return Message(shown, text, size, truncated)
