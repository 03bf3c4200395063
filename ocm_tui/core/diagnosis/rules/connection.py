"""No complete answer: name service, connection, TLS, proxy, time. `ExchangeFailure.layer` says where it ended.

What the layer cannot tell is read from the sentences of `core.http` (ours, not the server's) and from the codes by
which browsers and command lines name the same failures in the files of others.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from ocm_tui.core.diagnosis.case import Case
from ocm_tui.core.diagnosis.model import Confidence, Finding

__all__ = ["broken_answer", "no_answer"]


class _Cause(NamedTuple):
    code: str
    said: re.Pattern[str]
    title: str
    suggestion: str
    confidence: Confidence = "sure"


def _cause(code: str, said: str, title: str, suggestion: str, confidence: Confidence = "sure") -> _Cause:
    return _Cause(code, re.compile(said, re.IGNORECASE), title, suggestion, confidence)


_TLS: Final = (
    _cause(
        "certificate-expired",
        r"certificate has expired|ERR_CERT_DATE_INVALID|certificate verify failed.*expired",
        "the certificate of {host} has expired",
        "have it renewed; check this machine's clock, too",
    ),
    _cause(
        "certificate-not-yet-valid",
        r"certificate is not valid yet|not yet valid",
        "the certificate of {host} is not valid yet: a clock is wrong, here or there",
        "set this machine's clock, then try again",
        "likely",
    ),
    _cause(
        "certificate-wrong-name",
        r"certificate is for another|no certificate for this name|ERR_CERT_COMMON_NAME_INVALID|hostname mismatch",
        "the certificate of {host} is for another name",
        "use the name in base_url that the certificate holds",
    ),
    _cause(
        "certificate-revoked",
        r"is revoked|ERR_CERT_REVOKED",
        "the certificate of {host} is revoked",
        "have it replaced",
    ),
    _cause(
        "corporate-ca",
        r"authority that (?:issued|is not)|self-signed|ends in an authority|unable to get local issuer"
        r"|ERR_CERT_AUTHORITY_INVALID|unknown ca\b.*not known here",
        "the authority behind the certificate of {host} is not known here: a company's own, or a proxy that opens TLS",
        "set tls.ca_file to that authority's certificate; never switch verification off",
    ),
    _cause(
        "client-certificate-refused",
        r"refused the TLS connection|client certificate refused|ERR_BAD_SSL_CLIENT_AUTH_CERT|ERR_SSL_CLIENT_AUTH",
        "{host} does not accept the client certificate, or wants one and got none",
        "set tls.client_cert and tls.client_key, and check that the certificate has not expired",
        "likely",
    ),
    _cause(
        "not-tls",
        r"does not speak TLS|WRONG_VERSION_NUMBER|ERR_SSL_PROTOCOL_ERROR",
        "{host} does not speak TLS on this port",
        "is it the right port? Plain HTTP needs http:// in base_url",
        "likely",
    ),
    _cause(
        "tls-version",
        r"no TLS version|ERR_SSL_VERSION",
        "{host} and this machine have no TLS version in common",
        "the server needs TLS 1.2 or newer",
    ),
)
_TCP: Final = (
    _cause(
        "connection-refused",
        r"refused the connection|ERR_CONNECTION_REFUSED|ECONNREFUSED",
        "nothing listens at {host}: the connection was refused",
        "is the server running, and is this its port?",
    ),
    _cause(
        "connection-reset",
        r"reset the connection|ERR_CONNECTION_RESET|ECONNRESET|ERR_EMPTY_RESPONSE",
        "{host} broke the connection off",
        "a firewall or a restart: try again, and look at the server's own log",
        "likely",
    ),
    _cause(
        "unreachable",
        r"no route|did not accept the connection in time|ERR_ADDRESS_UNREACHABLE|ERR_CONNECTION_TIMED_OUT",
        "{host} cannot be reached from here",
        "check the network, the VPN and the firewall",
    ),
)
_HTTP: Final = (
    _cause(
        "closed-without-answer",
        r"closed the connection without an answer",
        "{host} closed the connection without an answer",
        "a restart, a proxy, or a port that wants TLS; if it was a write, look first whether it was applied",
    ),
    _cause(
        "no-http-answer",
        r"proper HTTP",
        "{host} did not answer in HTTP",
        "does the port want TLS (https:// in base_url), and is it an HTTP server's?",
    ),
    _cause(
        "answer-broken-off",
        r"broke off|cannot be decompressed|larger than|ERR_INCOMPLETE_CHUNKED|ERR_CONTENT_LENGTH_MISMATCH",
        "the answer of {host} did not come to its end",
        "try again; if it was a write, look first whether it was applied",
        "sure",
    ),
)
_BY_LAYER: Final = {"tls": _TLS, "tcp": _TCP, "http": _HTTP}
_IN_GENERAL: Final = {
    "dns": _cause(
        "unknown-host",
        "",
        "the name {host} is not known here",
        "check the host in base_url, the name service and the VPN",
    ),
    "tls": _cause(
        "tls-failed",
        "",
        "no secure connection to {host} came about",
        "`ocm-tui --check` looks at its certificate",
        "likely",
    ),
    "tcp": _cause(
        "unreachable", "", "{host} cannot be reached from here", "check the network, the VPN and the firewall", "likely"
    ),
    "proxy": _cause(
        "proxy-failed",
        "",
        "the proxy does not connect to {host}",
        "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names the proxy; NO_PROXY={hostname} goes past it",
    ),
    "deadline": _cause(
        "timed-out",
        "",
        "{host} did not answer in time",
        "is the server overloaded? If it was a write, look first whether it was applied",
    ),
    "http": _cause(
        "no-http-answer", "", "{host} gave no answer that HTTP knows", "is it the port of an HTTP server?", "likely"
    ),
}
# What browsers write into their files, and which layer it is.
_FOREIGN: Final = {
    "dns": re.compile(r"ERR_NAME_NOT_RESOLVED|ENOTFOUND|EAI_AGAIN", re.IGNORECASE),
    "tls": re.compile(r"ERR_CERT_|ERR_SSL_|ERR_BAD_SSL|certificate", re.IGNORECASE),
    "proxy": re.compile(r"ERR_PROXY_|ERR_TUNNEL_", re.IGNORECASE),
    "deadline": re.compile(r"ERR_TIMED_OUT\b", re.IGNORECASE),
    "tcp": re.compile(r"ERR_CONNECTION_|ERR_ADDRESS_|ERR_EMPTY_RESPONSE", re.IGNORECASE),
}


def no_answer(case: Case) -> Iterator[Finding]:
    error = case.exchange.error
    if error is None:
        return
    if error.layer == "cancelled":
        yield case.finding(
            "cancelled",
            "the request was cancelled here",
            severity="warning" if case.is_write else "info",
            confidence="sure",
            evidence=case.evidence(error.message),
            suggestion="look whether it was applied before sending it again" if case.is_write else "",
        )
        return
    layer = next((name for name, said in _FOREIGN.items() if said.search(error.message)), error.layer)
    special = next((one for one in _BY_LAYER.get(layer, ()) if one.said.search(error.message)), None)
    cause = special or _IN_GENERAL.get(layer, _IN_GENERAL["http"])
    names = {"host": case.host, "hostname": case.url.hostname or case.host}
    yield case.finding(
        cause.code,
        cause.title.format(**names),
        confidence=cause.confidence,
        evidence=case.evidence(error.message),
        suggestion=cause.suggestion.format(**names),
    )


def broken_answer(case: Case) -> Iterator[Finding]:
    """A success whose JSON cannot be read to its end."""
    unreadable = case.answer_kind == "json" and case.answer is None and not case.response.truncated
    if not 200 <= case.status < 300 or not unreadable or case.exchange.error is not None:
        return
    body = case.response.body.strip()
    if body.startswith("[") and body.endswith("]"):
        return
    yield case.finding(
        "answer-not-json",
        "the answer begins as JSON and cannot be read to its end: it was cut or damaged on the way",
        confidence="sure",
        evidence=case.status_evidence(case.got_header("Content-Length"), body[-120:]),
        suggestion="try again; if it was a write, look first whether it was applied. A proxy may cut long answers",
    )
