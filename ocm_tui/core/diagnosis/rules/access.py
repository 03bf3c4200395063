"""401, 403, 407: who was not let in, and whether it was the credentials, the role, or something in between."""

import re
from collections.abc import Iterator
from typing import Final

from ocm_tui.core.diagnosis.case import Case
from ocm_tui.core.diagnosis.excerpts import header_line
from ocm_tui.core.diagnosis.model import Finding
from ocm_tui.core.exchanges.model import Exchange

__all__ = ["forbidden", "not_authenticated", "proxy_wants_credentials"]

_CHALLENGE_ERROR: Final = re.compile(r'error="?([a-z_]{1,60})')
_INTERMEDIARY: Final = ("Via", "X-Cache", "X-Squid-Error", "X-Proxy-Error", "CF-RAY", "X-Akamai-Request-ID")


def _scheme(value: str | None) -> str:
    return (value or "").partition(" ")[0].lower()


def _challenge(case: Case) -> str:
    """RFC 6750's error code in WWW-Authenticate; "" when there is none."""
    found = _CHALLENGE_ERROR.search(case.response.header("WWW-Authenticate") or "")
    return found[1] if found else ""


def between(case: Case) -> str | None:
    """The header that says that something stands between us and the server."""
    return next((line for name in _INTERMEDIARY if (line := case.got_header(name))), None)


def not_authenticated(case: Case) -> Iterator[Finding]:
    if case.status != 401 or case.is_token_call:
        return
    authorization = case.request.header("Authorization")
    challenge = case.got_header("WWW-Authenticate")
    if case.answer_kind == "html" or _scheme(case.response.header("WWW-Authenticate")) in {"negotiate", "ntlm"}:
        yield case.finding(
            "foreign-login",
            f"not the administrative API but something before {case.host} asks for a login",
            evidence=case.status_evidence(challenge, case.first_words),
            suggestion="go past it: the address of the server itself, a VPN, or NO_PROXY",
            rank=10,
        )
    elif authorization is None:
        yield case.finding(
            "credentials-missing",
            "the request carries no Authorization header, and the server wants credentials",
            evidence=case.status_evidence(challenge),
            suggestion="configure server.auth: basic, oauth2, bearer or mtls",
            rank=20,
        )
    elif _scheme(authorization) == "bearer":
        yield _token_refused(case, challenge)
    else:
        yield _password_refused(case)


def _token_refused(case: Case, challenge: str | None) -> Finding:
    evidence = case.status_evidence(case.sent_header("Authorization"), challenge, case.line("resultId"))
    issued = _issue_of(case)
    if issued is not None:
        lifetime = _lifetime(issued)
        age = case.exchange.started_at - issued.started_at
        if lifetime is not None and age >= lifetime:
            return case.finding(
                "token-expired",
                f"the access token had expired: it was issued for {lifetime:.0f} s, {age:.0f} s before this request",
                confidence="sure",
                evidence=evidence,
                suggestion="fetch a new one; with auth: {type: oauth2} that happens by itself",
                rank=5,
            )
        return case.finding(
            "token-not-accepted",
            "the server does not accept an access token that is still valid",
            evidence=evidence,
            suggestion="does the token have the scopes of the administrative API, and is it from this server's issuer?",
            rank=10,
        )
    return case.finding(
        "token-refused",
        "the server does not accept the access token: expired, revoked, or of another issuer",
        evidence=evidence,
        suggestion="replace the bearer token; auth: {type: oauth2} fetches one by itself and renews it",
        rank=20,
    )


def _issue_of(case: Case) -> Exchange | None:
    """The token response that this request's token came from: equal secrets have equal markers."""
    _, _, marker = (case.request.header("Authorization") or "").partition(" ")
    if not marker.startswith("***"):
        return None
    marker = marker.partition(" ")[0]
    for one in reversed(case.knowledge.neighbours):
        if one.target == "token" and one.response is not None and f'"{marker}' in one.response.body:
            return one
    return None


def _lifetime(issued: Exchange) -> float | None:
    import json

    try:
        value = json.loads(issued.response.body if issued.response else "").get("expires_in")
    except (ValueError, AttributeError):
        return None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _password_refused(case: Case) -> Finding:
    evidence = case.status_evidence(case.sent_header("Authorization"), case.line("resultId"))
    mine = case.request.header("Authorization")
    good = [one for one in case.knowledge.neighbours if _let_in(one, case)]
    if any(one.request.header("Authorization") == mine for one in good):
        return case.finding(
            "credentials-no-longer-valid",
            "these credentials were accepted before: the password was changed, or the account is locked or disabled",
            evidence=evidence,
            suggestion="ask for the new password, or have the account unlocked; do not try again and again",
            rank=10,
        )
    other = " Another password worked in this log." if good else ""
    return case.finding(
        "credentials-wrong",
        "the server does not know this user name with this password",
        evidence=evidence,
        suggestion=f"check auth.username and auth.password of this environment: is it the right environment?{other}",
        rank=20,
    )


def _let_in(one: Exchange, case: Case) -> bool:
    """The same server, answering something else than "who are you"."""
    same = one.target == case.exchange.target and one.url.partition("/pf-")[0] == case.exchange.url.partition("/pf-")[0]
    return same and one.status is not None and one.status < 400 and one.started_at <= case.exchange.started_at


def forbidden(case: Case) -> Iterator[Finding]:
    if case.status != 403 or case.is_token_call:
        return
    challenge = case.got_header("WWW-Authenticate")
    if _challenge(case) == "insufficient_scope":
        yield case.finding(
            "scope-insufficient",
            "the access token lacks a scope that this call needs",
            confidence="sure",
            evidence=case.status_evidence(challenge),
            suggestion="add the scope to auth.scopes of this environment",
        )
    elif "/cluster/" in case.url.path and case.is_api_error:
        yield case.finding(
            "not-clustered",
            "the server stands alone: cluster calls are refused there",
            severity="info",
            evidence=case.status_evidence(case.line("resultId")),
            suggestion="nothing has to be replicated",
        )
    elif case.answer_kind == "html":
        yield case.finding(
            "blocked-by-proxy",
            f"something between here and {case.host} blocks the request: an API would not answer with a page",
            evidence=case.status_evidence(case.first_words, between(case), case.got_header("Server")),
            suggestion="ask who runs the proxy or firewall to let this request through, or go past it with NO_PROXY",
            rank=10,
        )
    elif not case.request.header("X-XSRF-Header"):
        yield _no_xsrf_header(case)
    else:
        yield from _role_or_header(case)


def _no_xsrf_header(case: Case) -> Finding:
    return case.finding(
        "xsrf-header-missing",
        "the request has no X-XSRF-Header, and the administrative API refuses those that have none",
        evidence=case.status_evidence(f"{case.exchange.method} {case.exchange.url}"),
        suggestion="send X-XSRF-Header: PingFederate with every request",
        rank=10,
    )


def _role_or_header(case: Case) -> Iterator[Finding]:
    """Both look alike. What the same account was allowed beside this tells them apart."""
    passed = [one for one in case.knowledge.neighbours if _let_in(one, case)]
    reads = any(one.method in {"GET", "HEAD"} for one in passed)
    writes = any(one.method not in {"GET", "HEAD"} for one in passed)
    may_be_role = (case.is_api_error or reads) and case.is_write
    role = case.finding(
        "role-insufficient",
        "the account may read and not change this: it lacks the role"
        if reads
        else "the account lacks the role for this",
        confidence="likely" if may_be_role else "possible",
        evidence=case.status_evidence(case.sent_header("Authorization"), case.line("resultId")),
        suggestion="ask for the Admin role for this account, or use one that has it; an Auditor can only read",
        rank=20,
    )
    stripped = case.finding(
        "xsrf-header-stripped",
        "the X-XSRF-Header was sent, and may have been removed on the way: the API refuses requests without it",
        confidence="likely" if not may_be_role and not writes and case.answer_kind == "empty" else "possible",
        evidence=case.status_evidence(case.sent_header("X-XSRF-Header"), between(case)),
        suggestion="let the proxy pass X-XSRF-Header on, or go past it with NO_PROXY",
        rank=30,
    )
    yield role
    yield stripped


def proxy_wants_credentials(case: Case) -> Iterator[Finding]:
    if case.status != 407:
        return
    yield case.finding(
        "proxy-authentication",
        "the proxy, not the server, wants credentials",
        confidence="sure",
        evidence=case.status_evidence(header_line(case.response, "Proxy-Authenticate"), case.first_words),
        suggestion=f"put user and password into HTTPS_PROXY, or go past the proxy with NO_PROXY={case.url.hostname}",
    )
