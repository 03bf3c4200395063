"""404, 405, redirects, and pages where an API should be: is this the right address at all?"""

import difflib
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from ocm_tui.core.diagnosis.case import Case, quoted
from ocm_tui.core.diagnosis.model import Finding
from ocm_tui.core.diagnosis.rules.access import between
from ocm_tui.core.text import clean

__all__ = ["not_found", "page_instead_of_api", "redirected", "wrong_method"]

_BASE: Final = "/pf-admin-api/v1"
_RUNTIME_PORT: Final = 9031
_LOGIN_WORDS: Final = ("login", "signin", "sign-in", "sso", "saml", "adfs", "oauth2/authorize", "auth")


def not_found(case: Case) -> Iterator[Finding]:
    if case.status not in {404, 410} or case.is_token_call:
        return
    if not case.is_api_error:
        yield _wrong_address(case)
    elif case.path_client_id:
        yield _no_such_client(case)
    else:
        known = case.knowledge.server_version
        yield case.finding(
            "endpoint-unknown",
            f"the server has nothing at {clean(case.exchange.path, 120)}",
            evidence=case.status_evidence(f"{case.exchange.method} {case.exchange.url}", case.line("resultId")),
            suggestion="the id may not exist, or the call may be newer than the server"
            + (f", which is {clean(known, 40)}" if known else ""),
        )


def _no_such_client(case: Case) -> Finding:
    client_id = case.path_client_id
    known = sorted((case.knowledge.client_ids or frozenset()) | set(case.knowledge.clients))
    near = next(iter(difflib.get_close_matches(client_id, known, n=1, cutoff=0.6)), None)
    advice = "a PUT never creates: create it with POST" if case.exchange.method == "PUT" else "create it first"
    if case.exchange.method == "DELETE":
        advice = "it is gone already: nothing has to be done"
    if near is not None and near != client_id:
        advice = f"did you mean {quoted(near)}? Otherwise {advice}"
    return case.finding(
        "client-not-found",
        f"there is no client {quoted(client_id)} on the server",
        severity="warning" if case.exchange.method == "DELETE" else "error",
        confidence="sure",
        evidence=case.status_evidence(f"{case.exchange.method} {case.exchange.url}", case.line("resultId")),
        suggestion=advice,
    )


def _wrong_address(case: Case) -> Finding:
    """An answer that the API did not write."""
    path, why, instead = case.url.path, "", f"https://{case.url.hostname or 'HOST'}:9999{_BASE}"
    if path.count(_BASE) > 1:
        why = f"{_BASE} stands in the address twice"
    elif "/pf-ws/" in path:
        why = "/pf-ws is the client management of the runtime, another interface"
    elif case.url.port == _RUNTIME_PORT:
        why = "port 9031 is the runtime engine; the administrative API has port 9999"
    elif _BASE not in path:
        why = f"the path does not hold {_BASE}"
    elif "//" in path:
        why, instead = "there are two slashes in the path", case.exchange.url.replace(path, path.replace("//", "/"))
    good = any(one.status == 200 and one.url.startswith(_base_of(case)) for one in case.knowledge.neighbours)
    if not why and good:
        why = "other calls below the same base_url work"
        instead = "the call as the API documents it"
    return case.finding(
        "base-url-wrong",
        f"nothing that speaks the API answers at {clean(case.exchange.url, 160)}" + (f": {why}" if why else ""),
        evidence=case.status_evidence(
            f"{case.exchange.method} {case.exchange.url}", case.first_words, case.got_header("Server"), between(case)
        ),
        suggestion=f"set server.base_url, such as {clean(instead, 160)}; does a proxy change the path?",
        rank=20,
    )


def _base_of(case: Case) -> str:
    head, found, _ = case.exchange.url.partition(_BASE)
    return head + found


def wrong_method(case: Case) -> Iterator[Finding]:
    if case.status in {405, 501} and not case.is_token_call:
        yield case.finding(
            "method-not-allowed",
            f"nothing at {clean(case.exchange.path, 120)} takes {case.exchange.method}",
            evidence=case.status_evidence(f"{case.exchange.method} {case.exchange.url}", case.got_header("Allow")),
            suggestion="is base_url complete, and is there a proxy that only lets reads through?",
        )


def redirected(case: Case) -> Iterator[Finding]:
    """The API never redirects, so something else does."""
    where = case.response.header("Location")
    if not 300 <= case.status < 400 or case.status == 304 or not where:
        return
    evidence = case.status_evidence(case.got_header("Location"), between(case))
    try:
        target = urlsplit(where)
    except ValueError:
        target = urlsplit("")
    if target.scheme == "https" and case.url.scheme == "http" and target.hostname == case.url.hostname:
        yield case.finding(
            "redirect-to-https",
            "the server wants HTTPS",
            confidence="sure",
            evidence=evidence,
            suggestion=f"set base_url to https://{clean(target.netloc)}",
        )
    elif (
        any(word in where.lower() for word in _LOGIN_WORDS)
        or (target.hostname or case.url.hostname) != case.url.hostname
    ):
        yield case.finding(
            "redirect-to-login",
            f"something before the server sends the caller to {clean(target.hostname or where, 100)}: a login page?",
            evidence=evidence,
            suggestion="go past it: the address of the server itself, a VPN, or NO_PROXY",
        )
    else:
        yield case.finding(
            "redirected",
            f"the address moved to {clean(where, 160)}",
            evidence=evidence,
            suggestion="set base_url to where it is now: redirects are not followed",
        )


def page_instead_of_api(case: Case) -> Iterator[Finding]:
    """A success that is a page: a captive portal, a proxy's notice, or the wrong server."""
    if not 200 <= case.status < 300 or case.answer_kind != "html":
        return
    yield case.finding(
        "captive-portal",
        f"a page answers instead of {case.host}: a captive portal, a proxy's notice or a login",
        confidence="likely",
        evidence=case.status_evidence(case.got_header("Content-Type"), case.first_words, between(case)),
        suggestion="open the page in a browser and sign in to the network, or check base_url",
    )
