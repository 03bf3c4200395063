"""What a failed TLS handshake means, in one sentence and one hint. Shared by requests and the certificate check."""

import re
import ssl
from pathlib import Path
from typing import Final

from ocm_tui.core.http.attempt import Peer

__all__ = ["CLIENT_CERTIFICATE_REFUSED", "describe_tls", "refused_client_certificate"]

CLIENT_CERTIFICATE_REFUSED: Final = (
    "closed the connection during or after the TLS handshake: client certificate refused?"
)

# OpenSSL's verification codes (X509_V_ERR_*), which `SSLCertVerificationError.verify_code` holds.
_VERIFICATION: Final[dict[int, tuple[str, str]]] = {
    9: ("its certificate is not valid yet", "compare the clocks of this machine and of the server"),
    10: ("its certificate has expired", "have the server's certificate renewed"),
    18: ("its certificate is self-signed", "set tls.ca_file to this certificate, if it is the right one"),
    19: ("its certificate ends in an authority that is not trusted here", "set tls.ca_file to that authority"),
    20: ("the authority that issued its certificate is not known here", "set tls.ca_file to that authority"),
    21: ("the authority that issued its certificate is not known here", "set tls.ca_file to that authority"),
    23: ("its certificate is revoked", "have the server's certificate replaced"),
    62: ("its certificate is for another name", "use the name that the certificate holds in base_url"),
    64: ("its certificate is for another address", "use the name that the certificate holds in base_url"),
}

_PLAIN_PORT: Final = re.compile(r"WRONG_VERSION_NUMBER|HTTPS?_(PROXY_)?REQUEST|PACKET_LENGTH_TOO_LONG|RECORD_LAYER")
_VERSION: Final = re.compile(r"ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE")
_NAME: Final = re.compile(r"UNRECOGNIZED_NAME")
_CERTIFICATE: Final = re.compile(
    r"ALERT_(?:\w*CERTIFICATE\w*|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR|HANDSHAKE_FAILURE)$"
)
_SOURCE_LINE: Final = re.compile(r"\s*\(_ssl\.c:\d+\)")
_END: Final = re.compile(r"EOF")


def refused_client_certificate(peer: Peer) -> str:
    """The hint for a server that did not like our certificate, or the lack of one."""
    if peer.client_certificate:
        return f"ask the server's people whether they accept {peer.client_certificate}, and whether it has expired"
    return "the server may want a client certificate: set tls.client_cert and tls.client_key"


def describe_tls(error: ssl.SSLError, peer: Peer) -> tuple[str, str]:
    """The end of a sentence that begins with host and port, and a hint."""
    if isinstance(error, ssl.SSLCertVerificationError):
        words, hint = _verification(error, peer)
        return f"is not trusted: {words}", hint
    reason = error.reason or ("EOF" if isinstance(error, ssl.SSLEOFError) else "")
    said = reason.partition("ALERT_")[2] or reason or _SOURCE_LINE.sub("", error.strerror or "no reason given")
    said = said.replace("_", " ").lower()
    for pattern, words, hint in (
        (
            _PLAIN_PORT,
            "does not speak TLS on this port",
            f"is the port meant for plain HTTP? use http://{peer} in base_url",
        ),
        (_VERSION, "speaks no TLS version that is safe", "the server needs TLS 1.2 or newer"),
        (_NAME, "has no certificate for this name", "use the name in base_url that the server is configured for"),
        (_CERTIFICATE, f"refused the TLS connection: {said}", refused_client_certificate(peer)),
        (_END, CLIENT_CERTIFICATE_REFUSED, refused_client_certificate(peer)),
    ):
        if pattern.search(reason):
            return words, hint
    return f"failed in the TLS connection: {said}", ""


def _verification(error: ssl.SSLCertVerificationError, peer: Peer) -> tuple[str, str]:
    words, hint = _VERIFICATION.get(error.verify_code, (f"its certificate is not accepted: {error.verify_message}", ""))
    if error.verify_code in (18, 19, 20, 21):
        if peer.ca_file:
            hint = f"{peer.ca_file} (tls.ca_file) does not hold that authority"
        elif not _has_system_roots():
            hint = "this system has no CA certificates: install ca-certificates, or set tls.ca_file"
    if error.verify_code in (62, 64):
        hint = f"{hint} ({error.verify_message})"
    return words, hint


def _has_system_roots() -> bool:
    """Slim images come without the package that holds them."""
    paths = ssl.get_default_verify_paths()
    return bool(paths.cafile) or bool(paths.capath and any(Path(paths.capath).iterdir()))
