"""The token endpoint: RFC 6749's error codes, held against the request and against the client as the server has it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ocm_tui.core.diagnosis.case import Case, quoted
from ocm_tui.core.diagnosis.model import Finding
from ocm_tui.core.text import clean

__all__ = ["token_error", "token_without_code"]

# What a grant_type of the wire is called in a client's grantTypes.
_GRANTS: Final = {
    "client_credentials": "CLIENT_CREDENTIALS",
    "authorization_code": "AUTHORIZATION_CODE",
    "refresh_token": "REFRESH_TOKEN",
    "password": "RESOURCE_OWNER_CREDENTIALS",
    "urn:ietf:params:oauth:grant-type:device_code": "DEVICE_CODE",
    "urn:ietf:params:oauth:grant-type:token-exchange": "TOKEN_EXCHANGE",
    "urn:ietf:params:oauth:grant-type:jwt-bearer": "EXTENSION",
    "urn:ietf:params:oauth:grant-type:saml2-bearer": "EXTENSION",
    "urn:openid:params:grant-type:ciba": "CIBA",
}
# Codes that need no comparison: what they mean (RFC 6749, 8628, 8707, 9449), and what to do.
_PLAIN: Final = {
    "invalid_grant": (
        "the code, refresh token or assertion is expired, used, or was issued to another client or redirect URI",
        "begin the flow again; send exactly the redirect_uri of the authorization request",
    ),
    "access_denied": ("the user or a policy refused", "look at the policy, or ask the user again"),
    "server_error": ("the token endpoint failed", "its own log tells why"),
    "temporarily_unavailable": ("the token endpoint is overloaded or being maintained", "try again later"),
    "authorization_pending": ("the user has not answered yet", "go on polling at the interval that was given"),
    "slow_down": ("the device polls too often", "add five seconds to the interval"),
    "expired_token": ("the device code has expired", "begin the device flow again"),
    "invalid_target": ("the resource or audience is not known", "ask for one that the server knows"),
    "invalid_dpop_proof": ("the DPoP proof is not valid", "check key, method, address and clock of the proof"),
    "use_dpop_nonce": ("the server wants its nonce in the DPoP proof", "repeat it with the DPoP-Nonce that it sent"),
    "unsupported_response_type": ("the server does not issue this response type", "use response_type=code"),
}


def token_error(case: Case) -> Iterator[Finding]:
    code = (case.answer or {}).get("error")
    if not case.is_token_call or case.status < 400 or not isinstance(code, str) or not code:
        return
    rule = _COMPARED.get(code)
    if rule is not None:
        yield from rule(case)
        return
    meaning, advice = _PLAIN.get(code, (f"the server refuses with the code {clean(code, 60)}", case.said))
    known = code in _PLAIN
    yield _finding(case, f"token-{code.replace('_', '-')}" if known else "token-refused", meaning, advice, rank=40)


def _finding(case: Case, code: str, title: str, suggestion: str, **members: Any) -> Finding:
    evidence = case.status_evidence(case.line('"error"'), *members.pop("evidence", ()))
    return case.finding(clean(code, 60), title, **{"evidence": evidence, "suggestion": suggestion, **members})


def _document(case: Case) -> Mapping[str, Any] | None:
    return case.knowledge.clients.get(case.client_id)


def _parameter(case: Case, name: str) -> str | None:
    """`scope=orders%3Aread`, as it stands in the body."""
    return next((pair for pair in case.request.body.split("&") if pair.partition("=")[0] == name), None)


def _invalid_client(case: Case) -> Iterator[Finding]:
    document, name = _document(case), quoted(case.client_id) if case.client_id else "the client"
    evidence = (case.sent_header("Authorization"), _parameter(case, "client_id"))
    if document is not None and document.get("enabled") is False:
        yield _finding(
            case, "client-disabled", f"the client {name} is disabled: it gets no tokens", "enable it",
            confidence="sure", field_path="enabled", fix=case.fix("enabled", True), evidence=evidence, rank=10,
        )  # fmt: skip
        return
    kind = _auth_type(document)
    if document is not None and kind not in {"SECRET", "CLIENT_SECRET_JWT"} and _sent_secret(case):
        yield _finding(
            case, "client-authentication-method",
            f"a secret was sent, and the client {name} signs in with {clean(kind, 40)}",
            "sign in that way, or set clientAuth.type to SECRET",
            field_path="clientAuth.type", fix=case.fix("clientAuth.type", "SECRET"), evidence=evidence, rank=10,
        )  # fmt: skip
        return
    absent = (
        case.knowledge.client_ids is not None and document is None and case.client_id not in case.knowledge.client_ids
    )
    yield _finding(
        case, "client-credentials-wrong", f"the token endpoint does not accept {name} with this secret",
        ("does the client exist there at all? " if absent else "")
        + "Is the secret the one in force? rotate-secret sets a new one; a secret with special characters "
        "must be form-encoded before it goes into HTTP Basic",
        field_path="clientAuth.secret", fix=case.fix("clientAuth.secret"), evidence=evidence, rank=20,
    )  # fmt: skip


def _auth_type(document: Mapping[str, Any] | None) -> str:
    auth = (document or {}).get("clientAuth")
    return str(auth.get("type") or "NONE") if isinstance(auth, Mapping) else "NONE"


def _sent_secret(case: Case) -> bool:
    basic = (case.request.header("Authorization") or "").lower().startswith("basic ")
    return basic or "client_secret" in case.form


def _unauthorized_client(case: Case) -> Iterator[Finding]:
    asked = case.form.get("grant_type", "")
    grant, document = _GRANTS.get(asked), _document(case)
    has = document.get("grantTypes") if document is not None else None
    name = quoted(case.client_id) if case.client_id else "the client"
    lacking = isinstance(has, list) and grant is not None and grant not in has
    new = [*has, grant] if isinstance(has, list) and lacking else None
    yield _finding(
        case, "grant-not-allowed",
        f"{name} may not use grant_type={clean(asked, 80)}"
        + (f": its grantTypes are {', '.join(map(str, has))}" if isinstance(has, list) and lacking else ""),
        f"add {grant} to its grantTypes" if grant else "use a grant type that the client has",
        confidence="sure" if lacking else "likely", field_path="grantTypes", fix=case.fix("grantTypes", new),
        evidence=(_parameter(case, "grant_type"),), rank=10,
    )  # fmt: skip


def _unsupported_grant(case: Case) -> Iterator[Finding]:
    asked = case.form.get("grant_type", "")
    known = asked in _GRANTS
    yield _finding(
        case, "grant-type-unsupported",
        f"the token endpoint does not support grant_type={clean(asked, 80)}"
        if asked else "the token endpoint does not support the grant type",
        "is this the token endpoint of the right server?" if known else "such as grant_type=client_credentials",
        evidence=(_parameter(case, "grant_type"),), rank=20,
    )  # fmt: skip


def _invalid_scope(case: Case) -> Iterator[Finding]:
    asked = case.form.get("scope", "").split()
    document = _document(case)
    allowed = _allowed_scopes(case, document)
    wrong = [scope for scope in asked if allowed is not None and scope not in allowed]
    shown = ", ".join(quoted(scope) for scope in wrong or asked) or "the scope"
    field_path = (
        "exclusiveScopes" if any(one in _known(case, "exclusive_scopes") for one in wrong) else "restrictedScopes"
    )
    title = f"{shown} {'is' if len(wrong or asked) < 2 else 'are'} not allowed for {quoted(case.client_id)}"
    everything = {*_known(case, "scopes"), *_known(case, "exclusive_scopes")}
    unheard = [scope for scope in wrong if everything and scope not in everything]
    if unheard:
        import difflib

        near = next(iter(difflib.get_close_matches(unheard[0], sorted(everything), n=1, cutoff=0.5)), None)
        title = f"the server has no scope {quoted(unheard[0])}"
        advice = f"the nearest that exists is {quoted(near)}" if near else "create it on the server first"
        field_path = ""
    else:
        advice = f"add it to the client's {field_path}, or ask for what the client has"
    has = (document or {}).get(field_path) if field_path else None
    new = [*has, *wrong] if isinstance(has, list) and wrong and not unheard else None
    yield _finding(
        case, "scope-not-allowed", title, advice,
        confidence="sure" if wrong else "likely", field_path=field_path or None,
        fix=case.fix(field_path, new) if field_path else None, evidence=(_parameter(case, "scope"),), rank=10,
    )  # fmt: skip


def _known(case: Case, name: str) -> tuple[str, ...]:
    return tuple(case.knowledge.choices.get(name) or ())


def _allowed_scopes(case: Case, document: Mapping[str, Any] | None) -> frozenset[str] | None:
    """What the client may ask for; None when that is not known: a name that is no scope is a group of some."""
    if document is None:
        return None
    restricted = document.get("restrictedScopes") if document.get("restrictScopes") is True else _known(case, "scopes")
    if not restricted and document.get("restrictScopes") is not True:
        return None  # every common scope is allowed, and nobody said which those are
    exclusive = document.get("exclusiveScopes")
    names = {*map(str, restricted or ()), *map(str, exclusive if isinstance(exclusive, list) else ())}
    everything = {*_known(case, "scopes"), *_known(case, "exclusive_scopes")}
    return frozenset(names) if names <= everything or not everything else None


def _invalid_request(case: Case) -> Iterator[Finding]:
    """What RFC 6749 forbids, looked for in the request itself."""
    kind = (case.request.header("Content-Type") or "").partition(";")[0].strip().lower()
    basic = (case.request.header("Authorization") or "").lower().startswith("basic ")
    twice = next((name for name in case.form_names if case.form_names.count(name) > 1), None)
    if kind != "application/x-www-form-urlencoded":
        return  # the content type has a rule of its own
    if twice is not None:
        title, advice = f"the parameter {clean(twice, 60)} was sent twice", "send it once"
        evidence, name = _parameter(case, twice), twice
    elif "grant_type" not in case.form:
        title, advice = "grant_type is missing", "send grant_type=client_credentials, or the one that is meant"
        evidence, name = None, "grant_type"
    elif basic and ("client_secret" in case.form or "client_assertion" in case.form):
        title = "the client authenticates in two ways at once: by HTTP Basic and in the form"
        advice, name = "send the secret in one of them only", "client_secret"
        evidence = case.sent_header("Authorization")
    else:
        missing = next((one for one in _NEEDED.get(case.form["grant_type"], ()) if one not in case.form), None)
        name = missing or ""
        title = f"{missing} is missing" if missing else "the token endpoint does not take the request as it is"
        advice = f"send {missing}" if missing else "the client may have to authenticate in another way"
        evidence = _parameter(case, "grant_type")
    yield _finding(
        case, "token-request-invalid", title, advice, field_path=name or None, evidence=(evidence,),
        confidence="sure" if name else "possible", rank=10,
    )  # fmt: skip


_NEEDED: Final = {
    "authorization_code": ("code", "redirect_uri"),
    "refresh_token": ("refresh_token",),
    "password": ("username", "password"),
    "urn:ietf:params:oauth:grant-type:device_code": ("device_code",),
    "urn:ietf:params:oauth:grant-type:jwt-bearer": ("assertion",),
    "urn:ietf:params:oauth:grant-type:token-exchange": ("subject_token", "subject_token_type"),
    "urn:openid:params:grant-type:ciba": ("auth_req_id",),
}

_COMPARED: Final = {
    "invalid_client": _invalid_client,
    "unauthorized_client": _unauthorized_client,
    "unsupported_grant_type": _unsupported_grant,
    "invalid_scope": _invalid_scope,
    "invalid_request": _invalid_request,
}


def token_without_code(case: Case) -> Iterator[Finding]:
    """An answer that no token endpoint gives."""
    answer = case.answer or {}
    if not case.is_token_call or not 400 <= case.status < 500 or isinstance(answer.get("error"), str):
        return
    if case.status in {407, 413, 414, 415, 425, 429, 431}:
        return  # these speak for themselves
    yield case.finding(
        "token-url-wrong",
        f"no token endpoint answers at {clean(case.exchange.url, 160)}",
        evidence=case.status_evidence(f"{case.exchange.method} {case.exchange.url}", case.first_words),
        suggestion="set server.token_url, usually https://HOST:9031/as/token.oauth2; it takes POST only",
    )
