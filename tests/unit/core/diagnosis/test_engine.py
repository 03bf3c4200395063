"""The engine: pure, best first, and never the cause of another failure."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.clients.fields import FIELDS
from ocm_tui.core.diagnosis import engine
from ocm_tui.core.diagnosis.case import Case
from ocm_tui.core.diagnosis.engine import diagnose
from ocm_tui.core.diagnosis.model import Finding, Knowledge
from ocm_tui.core.diagnosis.rules import LAST_RESORTS, RULES
from ocm_tui.core.exchanges.model import ExchangeFailure, Message
from ocm_tui.core.text import clean
from tests.unit.core.exchanges.examples import exchange

JSON_TYPE = (("Content-Type", "application/json"), ("X-XSRF-Header", "PingFederate"))


def rejection(
    document: Any, *errors: tuple[str, str], status: int = 422, path: str = "/oauth/clients", **more: Any
) -> Any:
    """A create that is rejected; an error is its id and its field path."""
    listed = [{"errorId": error_id, "fieldPath": field, "message": "(fixture)"} for error_id, field in errors]
    body = json.dumps({"resultId": "validation_error", "message": "(fixture)", "validationErrors": listed})
    sent = document if isinstance(document, str) else json.dumps(document)
    return exchange(
        **{
            "method": "POST",
            "path": path,
            "status": status,
            "request": Message(JSON_TYPE, sent, len(sent)),
            "response": Message(JSON_TYPE[:1], body, len(body)),
            **more,
        }
    )


def test_a_success_has_nothing_wrong() -> None:
    assert diagnose(exchange()) == []


def test_several_errors_keep_their_order_among_equals() -> None:
    document = {"clientId": "a", "name": "a", "logoUrl": "x", "redirectUris": ["y"], "grantTypes": ["EXTENSION"]}
    found = diagnose(rejection(document, ("u", "logoUrl"), ("u", "redirectUris[0]")))
    assert [finding.field_path for finding in found] == ["logoUrl", "redirectUris[0]"]
    turned = diagnose(rejection(document, ("u", "redirectUris[0]"), ("u", "logoUrl")))
    assert [finding.field_path for finding in turned] == ["redirectUris[0]", "logoUrl"]


def test_what_is_proven_comes_before_what_is_guessed() -> None:
    document = {"clientId": "a", "name": "a", "logoUrl": "x", "grantTypes": ["EXTENSION"]}
    found = diagnose(rejection(document, ("taken", "clientId"), ("u", "logoUrl")))
    assert [(finding.field_path, finding.confidence) for finding in found] == [
        ("logoUrl", "sure"),
        ("clientId", "likely"),
    ]


def test_a_rule_that_fails_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(case: Case) -> Iterator[Finding]:
        yield case.finding("half", "half of a diagnosis")
        raise RuntimeError("a fault in a rule")

    monkeypatch.setattr(engine, "RULES", (broken, *RULES))
    assert [finding.code for finding in diagnose(exchange(status=429))] == ["rate-limited"]


def test_a_body_that_was_cut_is_not_guessed_at() -> None:
    whole = rejection({"clientId": "a", "logoUrl": "x"}, ("u", "logoUrl"))
    cut = replace(whole, request=replace(whole.request, body=whole.request.body[:15], truncated=True))
    (finding,) = diagnose(cut)
    assert (finding.code, finding.field_path) == ("field-rejected", "logoUrl")
    assert finding.confidence == "likely"


def test_a_redacted_value_is_not_judged() -> None:
    document = {"clientId": "a", "clientAuth": {"type": "SECRET", "secret": "***0a1b2c"}}
    (finding,) = diagnose(rejection(document, ("weak", "clientAuth.secret")))
    assert (finding.code, finding.confidence) == ("field-rejected", "likely")


@pytest.mark.parametrize("version", ["12.1.0.4", "12.2.0.0", None])
def test_a_field_is_gated_by_the_version(version: str | None) -> None:
    failed = rejection(
        {"clientId": "a", "lockoutMaxMaliciousActionsType": "SERVER_DEFAULT"}, ("x", "lockoutMaxMaliciousActionsType")
    )
    (finding,) = diagnose(failed, Knowledge(server_version=version))
    expected = {
        "12.1.0.4": ("field-too-new", "sure"),
        "12.2.0.0": ("field-rejected", "likely"),
        None: ("field-too-new", "likely"),
    }
    assert (finding.code, finding.confidence) == expected[version]


def test_a_reference_is_held_against_what_exists() -> None:
    failed = rejection(
        {"clientId": "a", "defaultAccessTokenManagerRef": {"id": "jwtt"}}, ("x", "defaultAccessTokenManagerRef.id")
    )
    (guess,) = diagnose(failed)
    (known,) = diagnose(failed, Knowledge(choices={"token_managers": ["jwt", "opaque"]}))
    (there,) = diagnose(failed, Knowledge(choices={"token_managers": ["jwtt"]}))
    assert (guess.code, guess.confidence) == ("unknown-reference", "likely")
    assert (known.code, known.confidence) == ("unknown-reference", "sure")
    assert known.fix is not None
    assert (known.fix.client_id, known.fix.field_path, known.fix.value) == (
        "a",
        "defaultAccessTokenManagerRef.id",
        "jwt",
    )
    assert there.code == "field-rejected"


def test_a_rejection_that_names_no_field_is_searched_for_misfits() -> None:
    document = {"clientId": "a", "name": "a", "grantTypes": ["EXTENSION"], "enabled": "yes", "cibaPollingInterval": 5}
    failed = rejection(document, status=400)
    found = diagnose(failed)
    assert [(one.code, one.field_path, one.confidence) for one in found] == [
        ("value-wrong-type", "enabled", "likely"),
        ("field-conflict", "cibaPollingInterval", "possible"),
    ]
    told = replace(failed, response=Message((), '{"message": "in chain: Client[\\"cibaPollingInterval\\"]"}', 60))
    assert any("cibaPollingInterval" in piece for piece in diagnose(told)[1].evidence[-1:])


def test_a_rejection_that_names_no_field_is_held_against_the_servers_lists() -> None:
    document = {"clientId": "a", "grantTypes": ["EXTENSION"], "restrictScopes": True, "restrictedScopes": ["a", "b"]}
    failed = rejection(document, status=400)
    (finding,) = diagnose(failed, Knowledge(choices={"scopes": ["a"]}))
    assert (finding.code, finding.field_path, finding.confidence) == ("unknown-scope", "restrictedScopes[1]", "likely")
    assert diagnose(failed)[0].code == "rejected-unexplained"


def test_nothing_at_all_is_known() -> None:
    document = {"clientId": "a", "name": "a", "grantTypes": ["EXTENSION"]}
    (finding,) = diagnose(rejection(document, status=400, response=Message()))
    assert (finding.code, finding.confidence) == ("rejected-unexplained", "possible")
    assert "log minimise test-1" in finding.suggestion


def test_the_query_of_an_id_is_decoded() -> None:
    found = diagnose(
        exchange(status=404, path="/oauth/clients/a%2Fb", response=Message(JSON_TYPE[:1], '{"resultId":"x"}', 16))
    )
    assert "“a/b”" in found[0].title


# --- hostile ---------------------------------------------------------------------------------------------------------

NASTY = st.text() | st.sampled_from(
    ["\x1b]0;x\x07", "\u202eabc", "clientId", "[0]", "***0a1b2c", "https://", "a" * 500]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | NASTY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NASTY, inner, max_size=3),
    max_leaves=10,
)
PATHS = (
    st.sampled_from([spec.path for spec in FIELDS])
    | st.sampled_from(["redirectUris[0]", "extendedParameters.x"])
    | NASTY
)
CLIENTS = st.dictionaries(st.sampled_from([spec.path.partition(".")[0] for spec in FIELDS]), JSON, max_size=8)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            ["Content-Type", "Date", "Location", "Retry-After", "Authorization", "WWW-Authenticate", "X-XSRF-Header"]
        ),
        NASTY | st.sampled_from(["application/json", "Bearer ***0a1b2c", "Wed, 99 Foo 2026", "//[", "http://x:y/"]),
    ),
    max_size=4,
)


@st.composite
def exchanges(draw: st.DrawFn) -> Any:
    errors = draw(
        st.lists(st.fixed_dictionaries({"errorId": JSON, "fieldPath": PATHS | JSON, "message": JSON}), max_size=3)
    )
    answer = draw(
        st.just({"resultId": "x", "validationErrors": errors})
        | JSON
        | st.fixed_dictionaries({"error": NASTY, "message": JSON})
    )
    sent = draw(CLIENTS.map(json.dumps) | JSON.map(json.dumps) | NASTY | st.just("grant_type=password&a=b"))
    response = Message(tuple(draw(HEADERS)), draw(st.just(json.dumps(answer)) | NASTY), 5)
    failure = draw(st.none() | st.builds(ExchangeFailure, NASTY | st.sampled_from(["tls", "dns"]), NASTY))
    made = exchange(
        method=draw(st.sampled_from(["GET", "POST", "PUT", "DELETE"])),
        path=draw(st.sampled_from(["/oauth/clients", "/oauth/clients/a%ff", "/version"]) | NASTY),
        status=draw(st.sampled_from([200, 302, 400, 401, 403, 404, 405, 413, 415, 422, 429, 500, 503, None])),
        target=draw(st.sampled_from(["server", "token", "registry"])),
        request=Message(tuple(draw(HEADERS)), sent, 5),
        response=response,
    )
    if draw(st.booleans()):
        made = replace(made, url=draw(st.sampled_from(["http://x:99999/", "http://[::1/", "not a url"]) | NASTY))
    return replace(made, error=failure)


@given(exchanges())
def test_no_exchange_makes_a_rule_fail(hostile: Any) -> None:
    """Held against each rule itself: the engine would hide it."""
    case = Case(
        hostile, Knowledge(choices={"scopes": ["a"]}, clients={"a": {}}, neighbours=[hostile], server_version="x")
    )
    for rule in (*RULES, *LAST_RESORTS):
        for finding in rule(case):
            assert finding.title == clean(finding.title)
            assert finding.suggestion == clean(finding.suggestion)
            assert finding.field_path is None or finding.field_path == clean(finding.field_path)
            assert finding.evidence
            json.dumps(finding.as_json())
