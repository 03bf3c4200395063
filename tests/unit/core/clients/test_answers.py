import json
from typing import Any

import pytest

from ocm_tui.core.clients.pingfederate.answers import Question, failure, items_of, object_of
from ocm_tui.core.errors import (
    ApiError,
    ExitCode,
    Forbidden,
    NotFound,
    Unauthorised,
    ValidationFailed,
    Violation,
)
from ocm_tui.core.http.types import Reply
from ocm_tui.core.secret import Secret

QUESTION = Question("PUT", "/oauth/clients/orders-api", "client orders-api")
HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>proxy</body></html>"


def reply(status: int, body: Any = b"", **headers: str) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, tuple(headers.items()), data, "abc-7", 1.0)


def test_every_validation_error_is_kept_and_the_first_one_leads() -> None:
    body = {
        "resultId": "validation_error",
        "message": "Validation error(s) occurred.",
        "validationErrors": [
            {"errorId": "invalid_scope", "fieldPath": "restrictedScopes[0]", "message": "not defined"},
            {"errorId": "odd", "message": "no field"},
            {"developerMessage": "for developers", "fieldPath": "name"},
            {},
            "not an object",
        ],
    }
    error = failure(reply(422, body), QUESTION)
    assert isinstance(error, ValidationFailed)
    assert error.title == "restrictedScopes[0]: not defined (+3 more)"
    assert error.violations == (
        Violation("not defined", "invalid_scope", "restrictedScopes[0]"),
        Violation("no field", "odd", ""),
        Violation("for developers", "", "name"),
        Violation("rejected", "", ""),
    )
    assert "name: for developers" in error.detail
    assert "exchange abc-7" in error.detail
    assert (error.status, error.result_id, error.exchange_id) == (422, "validation_error", "abc-7")


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("body", [b"", HTML, {"message": "Bad enum"}, b"{", [], {"validationErrors": "x"}])
def test_a_rejection_without_details(status: int, body: Any) -> None:
    error = failure(reply(status, body), QUESTION)
    assert isinstance(error, ValidationFailed)
    assert error.violations == ()
    assert "rejects PUT /oauth/clients/orders-api" in error.title
    if isinstance(body, dict) and "message" in body:
        assert "Bad enum" in error.title


@pytest.mark.parametrize(
    ("status", "kind", "words", "hint"),
    [
        (401, Unauthorised, "credentials (401)", "user name"),
        (403, Forbidden, "does not permit PUT", "X-XSRF-Header"),
        (405, ApiError, "does not take PUT", "base_url"),
        (415, ApiError, "does not take PUT", "base_url"),
        (429, ApiError, "too many requests", "wait"),
        (409, ApiError, "409", ""),
        (500, ApiError, "failed at PUT", ""),
        (503, ApiError, "failed at PUT", "try again"),
        (302, ApiError, "redirects to", "redirects"),
        (100, ApiError, "100", ""),
    ],
)
@pytest.mark.parametrize("body", [b"", HTML, {"resultId": "x", "message": "The server said this."}, b"\xff\xfe"])
def test_statuses(status: int, kind: type[ApiError], words: str, hint: str, body: Any) -> None:
    error = failure(reply(status, body), QUESTION)
    assert type(error) is kind
    assert words in error.title
    assert hint in error.hint
    assert error.status == status
    assert str(error) == error.title  # one sentence
    if isinstance(body, dict) and status != 302:
        assert "The server said this." in error.title
    assert error.exit_code is (ExitCode.REFUSED if status in {401, 403} else ExitCode.BAD)


def test_not_found_tells_this_client_from_a_wrong_path() -> None:
    gone = failure(reply(404, {"resultId": "resource_not_found", "message": "x"}), QUESTION)
    assert isinstance(gone, NotFound)
    assert gone.title == "client orders-api does not exist on the server (404)"
    for body in (b"", HTML, {"message": "no Route matched"}):
        wrong = failure(reply(404, body), QUESTION)
        assert isinstance(wrong, NotFound)
        assert "base_url" in wrong.hint
        assert wrong.result_id == ""


def test_a_redirect_names_the_place_without_credentials() -> None:
    where = "https://user:pass@sso.example.com/login?token=planted#x"
    error = failure(reply(302, b"", Location=where), QUESTION)
    assert error.title == "the server redirects to https://sso.example.com/login (302): base_url?"


def test_retry_after_is_passed_on() -> None:
    assert "120" in failure(reply(429, b"", **{"Retry-After": "120"}), QUESTION).hint


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (HTML, "an HTML page"),
        (b"<?xml version='1.0'?><a/>", "XML"),
        (b'{"version": "12.', "damaged or breaks off"),
        (b'{"version": "12.1"}}', "damaged or breaks off"),
        (b'{"version": "\xff"}', "not even UTF-8"),
        (b"OK", "other text"),
        (b"[" * 5_000_000, "damaged or breaks off"),
        (b"[1]", "not an object"),
        (b"null", "not an object"),
    ],
)
def test_a_success_that_cannot_be_read_is_one_clear_sentence(body: bytes, words: str) -> None:
    with pytest.raises(ApiError) as caught:
        object_of(reply(200, body), QUESTION)
    error = caught.value
    assert words in error.title
    assert str(error) == error.title
    assert error.status == 200
    assert "exchange abc-7" in error.detail
    assert len(error.detail) < 1000


@pytest.mark.parametrize("items", ["x", {"a": 1}, [1], [None], 5])
def test_items_of_the_wrong_shape(items: Any) -> None:
    with pytest.raises(ApiError, match="items are not a list"):
        items_of(reply(200, {"items": items}), QUESTION)


def test_missing_items_are_an_empty_list() -> None:
    assert items_of(reply(200, {}), QUESTION) == []
    assert items_of(reply(200, {"items": None}), QUESTION) == []


def test_a_huge_error_body_stays_small_in_the_error() -> None:
    body = {"resultId": "x", "message": "m" * 5_000_000}
    error = failure(reply(500, body), QUESTION)
    assert len(error.title) < 700
    assert len(error.detail) < 1000
    assert "bytes" in error.detail


def test_hostile_and_secret_texts_do_not_get_into_an_error() -> None:
    known = Secret("planted-known-secret")
    bodies: list[Any] = [
        {"message": f"bad \x1b]0;x\x07 secret {known.reveal()}", "validationErrors": [{"message": known.reveal()}]},
        f'not json \x1b[2J {known.reveal()} "clientSecret": "planted-by-name" '.encode()
        + b"Authorization: Bearer planted.by.shape-0123456789",
        b'{"clientAuth": {"secret": "planted-in-json", "encryptedSecret": "OBF:JWE:planted-enc"}, ',
    ]
    for body in bodies:
        for status in (200, 422, 500, 404):
            data = reply(status, body)
            with pytest.raises(ApiError) as caught:
                object_of(data if isinstance(body, bytes) else reply(max(status, 400), body), QUESTION)
            error = caught.value
            everything = f"{error!r} {error} {error.title} {error.detail} {error.hint} {error.violations}"
            assert "planted" not in everything
            assert "\x1b" not in everything
