import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.clients.access_token import view_token
from ocm_tui.core.secret import MASK, Secret


def part(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(data).decode().rstrip("=")


def jwt(claims: Any, header: Any = None) -> Secret:
    return Secret(".".join([part(header or {"alg": "RS256"}), part(claims), "planted-signature-of-a-token"]))


def test_a_jwt_is_decoded_and_its_signature_dropped() -> None:
    token = jwt({"exp": 1795243961, "iat": 1795240361.5, "scope": "a b", "sub": "orders"})
    view = view_token(token)
    assert (view.kind, view.length) == ("jwt", len(token.reveal()))
    assert view.header == {"alg": "RS256"}
    assert view.claims["sub"] == "orders"
    assert view.times == {"exp": "2026-11-21T06:52:41Z", "iat": "2026-11-21T05:52:41Z"}
    assert (view.scopes, view.ends_at()) == (("a", "b"), 1795243961)
    assert "planted-signature" not in repr(view)
    assert token.reveal() not in repr(view)


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({}, None),
        ({"scope": ""}, ()),
        ({"scope": ["a", 5, "b"]}, ("a", "b")),
        ({"scp": "a"}, ("a",)),
        ({"scope": 5}, None),
    ],
)
def test_scopes_of_a_jwt(claims: dict[str, Any], scopes: tuple[str, ...] | None) -> None:
    assert view_token(jwt(claims)).scopes == scopes


@pytest.mark.parametrize("exp", [True, "1795243961", None, [], 1e300, -1e300, 10**400, float("inf"), float("nan")])
def test_times_that_are_none(exp: Any) -> None:
    assert view_token(jwt({"exp": exp})).times == {}


def test_what_looks_secret_in_a_claim_is_masked() -> None:
    view = view_token(jwt({"act": [{"access_token": "planted-inner-token"}], "client_secret": "planted", "sub": "x"}))
    assert view.claims == {"act": [{"access_token": MASK}], "client_secret": MASK, "sub": "x"}


def test_of_an_encrypted_jwt_only_the_header_is_known() -> None:
    view = view_token(Secret(".".join([part({"alg": "dir", "enc": "A128GCM"}), "", "iv", "text", "tag"])))
    assert (view.kind, view.header, view.claims) == ("encrypted jwt", {"alg": "dir", "enc": "A128GCM"}, {})


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "a.b.c",
        f"{part([1])}.{part({})}.x",
        f"{part({'typ': 'JWT'})}.{part({})}.x",
        f"{part({'alg': 'none'})}.{part([])}.x",
        f"{part({'alg': 'none'})}.{part(b'[' * 20000)}.x",
        f"{part({'alg': 'none'})}.{part(b'{')}.x",
        f"{part({'alg': 'none'})}.{part(chr(0xE9).encode('latin-1'))}.x",
        f"{part({'alg': 'none'})}.{part({'a': 'x' * 70000})}.x",
        "ünï.cödé.x",
    ],
)
def test_anything_else_is_opaque(text: str) -> None:
    view = view_token(Secret(text))
    assert (view.kind, view.length, view.header, view.claims) == ("opaque", len(text), {}, {})


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
def test_no_text_is_too_odd(text: str) -> None:
    assert view_token(Secret(text, search=False)).length == len(text)
