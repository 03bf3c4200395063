"""Answers that are about the traffic and not about the client: too much, too long, of another type, not now."""

from collections.abc import Iterator

from ocm_tui.core.diagnosis.case import Case
from ocm_tui.core.diagnosis.model import Finding
from ocm_tui.core.diagnosis.rules.access import between
from ocm_tui.core.text import clean

__all__ = ["server_failed", "too_large", "too_many", "wrong_content_type"]


def too_many(case: Case) -> Iterator[Finding]:
    if case.status not in {425, 429}:
        return
    wait = case.response.header("Retry-After")
    second = int(case.exchange.started_at)
    same = sum(int(one.started_at) == second for one in case.knowledge.neighbours)
    yield case.finding(
        "rate-limited",
        f"{case.host} takes no more requests for now"
        + (f"; {same} others were sent in the same second" if same else ""),
        confidence="sure",
        evidence=case.status_evidence(case.got_header("Retry-After"), between(case)),
        suggestion=(f"wait as asked (Retry-After: {clean(wait, 60)})" if wait else "wait a little")
        + ", then use a lower server.concurrency",
    )


def too_large(case: Case) -> Iterator[Finding]:
    match case.status:
        case 413:
            what, advice = f"a body of {case.request.body_bytes:,} bytes", "send less, or have the proxy's limit raised"
            evidence = case.sent_header("Content-Length")
        case 414:
            what = f"an address of {len(case.exchange.url):,} characters"
            advice, evidence = "is the client id or the filter meant to be that long?", None
        case 431:
            size = sum(len(name) + len(value) for name, value in case.request.headers)
            what, advice = f"headers of about {size:,} bytes", "a very long token or cookie? Use a smaller one"
            evidence = None
        case _:
            return
    yield case.finding(
        "payload-too-large",
        f"{case.host}, or a proxy before it, does not take {what}",
        confidence="sure",
        evidence=case.status_evidence(evidence, case.first_words, between(case)),
        suggestion=advice,
    )


def wrong_content_type(case: Case) -> Iterator[Finding]:
    sent = case.request.header("Content-Type")
    kind = (sent or "").partition(";")[0].strip().lower()
    wanted = "application/x-www-form-urlencoded" if case.is_token_call else "application/json"
    has_body = bool(case.request.body)
    refused = case.status == 415 or (case.status in {400, 422} and not case.rejections)
    if case.status == 406:
        accept = case.request.header("Accept") or "*/*"
        yield case.finding(
            "wrong-accept",
            f"the server cannot answer as Accept asks: {clean(accept, 80)}",
            confidence="sure",
            evidence=case.status_evidence(case.sent_header("Accept")),
            suggestion="send Accept: application/json",
        )
    elif refused and has_body and kind != wanted:
        said = f"as {clean(kind, 80)}" if kind else "without a Content-Type"
        yield case.finding(
            "wrong-content-type",
            f"the body was sent {said}, and this call takes {wanted}",
            confidence="sure" if case.status == 415 else "likely",
            evidence=case.status_evidence(case.sent_header("Content-Type"), case.sent_header("Content-Length")),
            suggestion=f"send Content-Type: {wanted}",
            rank=5,
        )
    elif case.status == 415:
        yield case.finding(
            "wrong-content-type",
            f"the server does not take {clean(kind, 80) or 'this type'} here",
            evidence=case.status_evidence(case.sent_header("Content-Type")),
            suggestion="does a proxy change the Content-Type, and is base_url the administrative API?",
        )


def server_failed(case: Case) -> Iterator[Finding]:
    """5xx: theirs, not ours. Who wrote the answer tells whether the server itself failed."""
    if case.status < 500 or case.status == 501:
        return
    wait = case.got_header("Retry-After")
    careful = " Look first whether the write was applied." if case.is_write else ""
    told = case.status_evidence(case.first_words if not case.is_api_error else case.line("resultId"), wait)
    if case.status == 511 or (case.status < 504 and "captive" in case.response.body[:4000].lower()):
        code, title = "captive-portal", "the network wants a login before it lets anything through"
        advice = "open any page in a browser and sign in to the network"
    elif case.status in {502, 504} and not case.is_api_error:
        code = "bad-gateway"
        title = f"a proxy answers for {case.host}: it gets no good answer from the server behind it"
        advice = "is the server running and reachable from the proxy?" + careful
    elif case.status == 503 or (case.status in {502, 504}):
        code, title = "server-unavailable", f"{case.host} is overloaded, starting or being maintained"
        advice = ("wait as Retry-After says" if wait else "wait a little") + ", then try again." + careful
    else:
        code, title = (
            "server-fault",
            f"{case.host} failed while it worked on {case.exchange.method} {case.exchange.path}",
        )
        advice = "its own log, by time and path, tells why." + careful
    yield case.finding(
        code,
        title,
        confidence="likely",
        evidence=case.evidence(*told, between(case), case.got_header("Server") if not case.is_api_error else None),
        suggestion=advice,
    )
