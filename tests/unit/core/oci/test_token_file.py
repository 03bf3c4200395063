import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.oci.token import parse_token, read_token_file
from ocm_tui.core.secret import known_secrets
from tests.unit.core.oci.samples import TENANCY, USER, jwk, jwt, private, rsa_key


def test_the_claims_of_a_session() -> None:
    token = parse_token(jwt(exp=1000, iat=100, sub=USER, tenant=TENANCY, jwk=jwk(rsa_key())) + "\n")
    assert (token.fault, token.padded, token.expires_at, token.issued_at) == (None, True, 1000.0, 100.0)
    assert (token.subject, token.tenant) == (USER, TENANCY)
    assert token.modulus == rsa_key().public_key().public_numbers().n
    assert token.remaining(400) == 600
    assert token.remaining(2000) == -1000


def test_the_token_is_known_from_the_moment_it_is_read(tmp_path: Path) -> None:
    text = jwt(exp=1, canary="of-a-token")
    token = read_token_file(private(tmp_path / "token", text + "\n"))
    assert token.token is not None
    assert token.token.reveal() == text
    assert text not in repr(token)
    assert text not in known_secrets.scrub(f'keyId="ST${text}"')


@pytest.mark.parametrize("text", ["", " \n", "a", "a.b", "a.b.c", "a.b.c.d", "..", "\0.\0.\0", "ü.ü.ü", "x" * 70_000])
def test_what_is_no_token_is_malformed(text: str) -> None:
    token = parse_token(text)
    assert token.fault == "token-malformed"
    assert token.expires_at is None


@pytest.mark.parametrize("claims", [{}, {"exp": None}, {"exp": "1"}, {"exp": True}, {"exp": 10**400}, {"jwk": "{"}])
def test_claims_that_say_nothing_are_no_fault(claims: dict[str, object]) -> None:
    token = parse_token(jwt(**claims))
    assert (token.fault, token.expires_at, token.modulus) == (None, None, None)


@pytest.mark.parametrize("jwk", [1, [], {"n": 1}, {"n": "é"}, {"n": "x" * 5000}, '"', "[" * 5000])
def test_an_odd_key_in_a_token_is_no_key(jwk: object) -> None:
    assert parse_token(jwt(jwk=jwk)).modulus is None


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)))
def test_no_payload_hurts(payload: object) -> None:
    part = base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")
    assert parse_token(f"{part}.{part}.{part}").fault == "token-malformed"


def test_files_that_are_none(tmp_path: Path) -> None:
    assert read_token_file(tmp_path / "none").fault == "token-missing"
    assert read_token_file(tmp_path).fault == "token-missing"
    private(tmp_path / "large", "x" * 100_000)
    assert read_token_file(tmp_path / "large").reason == "is larger than 64 KiB"
