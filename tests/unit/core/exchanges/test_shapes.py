import base64
import json

import pytest

from ocm_tui.core.exchanges.redaction import Redactor
from ocm_tui.core.secret import KnownSecrets


@pytest.fixture
def known() -> KnownSecrets:
    return KnownSecrets()


@pytest.fixture
def redactor(known: KnownSecrets) -> Redactor:
    return Redactor(known, key=b"0123456789abcdef")


def jwt(**claims: object) -> str:
    parts = [{"alg": "RS256"}, claims]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, "c2lnbmF0dXJlLW9mLWl0"])


def test_a_jwt_says_for_whom_and_until_when(known: KnownSecrets, redactor: Redactor) -> None:
    token = jwt(sub="orders-api", exp=1790000000, email="x@y")
    shown = redactor.text(f"sent {token} and more")
    assert shown == f"sent {redactor.marker(token)} (JWT sub=orders-api exp=1790000000) and more"
    shown = redactor.body(json.dumps([token]).encode(), "application/json", 999)[0]
    assert json.loads(shown) == [f"{redactor.marker(token)} (JWT sub=orders-api exp=1790000000)"]
    known.add("orders-api")
    assert "orders-api" not in redactor.text(token)
    nasty = redactor.text(jwt(sub='"\x1b]</script>'))
    assert '"' not in nasty
    assert "\x1b" not in nasty


@pytest.mark.parametrize("cut", [15, 40, 60, 90, 200])
def test_a_jwt_that_is_cut_is_gone_as_well(redactor: Redactor, cut: int) -> None:
    token = jwt(sub="orders-api")[:cut]
    assert token not in redactor.text(f"x {token}")


PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIabcdef\nabcdef==\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        (f"a {PEM} b", "MIIabc"),
        (json.dumps({"a": PEM}), "MIIabc"),
        (PEM[:50], "MIIabc"),
        ("-----BEGIN PRIVATE KEY-----\nMIIabc", "MIIabc"),
        ("key AKIAIOSFODNN7EXAMPLE!", "IOSFODNN7"),
        ("key ASIAIOSFODNN7EXAMPLE!", "IOSFODNN7"),
        ("glpat-abcDEF123_456-7890ab", "abcDEF"),
        ("ghp_abcDEF123456", "abcDEF"),
        ("github_pat_11ABCDEF0_abc", "11ABC"),
        ("xoxb-123-abc", "123-abc"),
        ("postgresql://user:s3cret@db/x", "s3cret"),
        ("redis://:s3cret@cache:6379", "s3cret"),
        ("Authorization: Bearer abc123def", "abc123"),
        ("authorization: bearer abc123def", "abc123"),
        ("curl -H 'Authorization: Basic dXNlcjpwYXNz'", "dXNlcjpwYXNz"),
    ],
)
def test_shapes(redactor: Redactor, text: str, gone: str) -> None:
    assert gone not in redactor.text(text)
    assert gone not in redactor.body(text.encode(), "text/plain", 1000)[0]


@pytest.mark.parametrize(
    "text",
    [
        "basic authentication is required",
        "the bearer token is missing",
        "-----BEGIN CERTIFICATE-----\nMII",
        "mail me@x.example",
        "a high ghost",
        "https://h/path@v1",
        "error: invalid client",
        "4 tokens, 2 secrets",
    ],
)
def test_words_stay(redactor: Redactor, text: str) -> None:
    assert redactor.text(text) == text
