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


def json_body(redactor: Redactor, document: object) -> object:
    shown, truncated = redactor.body(json.dumps(document).encode(), "application/json", 10**6)
    assert not truncated
    return json.loads(shown)


def test_flags_and_empty_values_stay_readable(redactor: Redactor) -> None:
    document = {
        "clientAuth": {"type": "SECRET", "secret": None, "encryptedSecret": "", "secondarySecrets": []},
        "includeUserInfoInIdToken": True,
        "reissueToken": False,
        "password": {},
        "defaultAccessTokenManagerRef": {"id": "jwt"},
    }
    assert json_body(redactor, document) == document


def test_json_stays_json(redactor: Redactor) -> None:
    shown = json_body(
        redactor,
        {"password": 12345678, "secondarySecrets": [{"secret": "a"}], "token": {"a": 1}, "x": [{"secret": "b"}, 1]},
    )
    marks = {"password", "secondarySecrets", "token"}
    assert isinstance(shown, dict)
    assert all(shown[name].startswith("***") for name in marks)
    assert shown["x"][0]["secret"].startswith("***")
    assert shown["x"][1] == 1


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("NotAuthenticated", True),
        ("invalid_client", True),
        (404, True),
        ("SplxlOBeZQQYbYS6WxSbIA", False),
        ("4/0AX4", False),
    ],
)
def test_a_code_in_json_is_mostly_an_error_code(redactor: Redactor, code: object, kept: bool) -> None:
    shown = json_body(redactor, {"code": code})
    assert (shown == {"code": code}) is kept
    assert "code=***" in redactor.url(f"https://h/callback?code={code}&state=x")


def test_equal_secrets_have_equal_markers_in_every_form(known: KnownSecrets, redactor: Redactor) -> None:
    value = 'sl/ash "and" more'
    known.add(value)
    known.add_pair("user", value)
    pair = base64.b64encode(f"user:{value}".encode()).decode()
    marker = redactor.marker(value)
    assert len(marker) == 9
    assert redactor.headers([("Authorization", f"Basic {pair}")]) == (("Authorization", f"Basic {marker}"),)
    assert json_body(redactor, {"password": value, "note": f"is {value}!"}) == {
        "password": marker,
        "note": f"is {marker}!",
    }
    assert redactor.text("x=sl%2Fash%20%22and%22%20more") == f"x={marker}"
    assert redactor.url("https://h/?password=sl%2Fash+%22and%22+more") == f"https://h/?password={marker}"
    assert redactor.marker("another") != marker
    assert Redactor(known).marker(value) != marker


def test_headers(redactor: Redactor) -> None:
    shown = dict(
        redactor.headers(
            [
                ("Authorization", "Bearer abc.def"),
                ("Proxy-Authorization", "abcdef"),
                ("Set-Cookie", "PF=abc123; Path=/; Secure; HttpOnly; SameSite=Lax"),
                ("Cookie", "PF=abc123; theme=dark"),
                ("WWW-Authenticate", 'Digest realm="pf", nonce="abc123", qop="auth"'),
                ("X-XSRF-Header", "PingFederate"),
                ("Content-Type", "application/json"),
                ("Access-Control-Allow-Credentials", "true"),
                ("Location", "https://u:p4ss@h/cb?code=abc123&state=s#access_token=abc123"),
            ]
        )
    )
    assert "abc" not in "".join(shown.values())
    assert shown["Authorization"].startswith("Bearer ***")
    assert shown["Proxy-Authorization"].startswith("***")
    assert shown["Set-Cookie"].startswith("PF=***")
    assert shown["Set-Cookie"].endswith("; Path=/; Secure; HttpOnly; SameSite=Lax")
    assert shown["Cookie"].startswith("PF=***")
    assert 'realm="pf"' in shown["WWW-Authenticate"]
    assert shown["X-XSRF-Header"] == "PingFederate"
    assert shown["Content-Type"] == "application/json"
    assert shown["Access-Control-Allow-Credentials"] == "true"
    assert shown["Location"].startswith("https://***")
    assert "&state=s#access_token=***" in shown["Location"]
    assert "p4ss" not in shown["Location"]


def test_a_header_that_was_harmless_is_looked_at_again_for_a_new_secret(
    known: KnownSecrets, redactor: Redactor
) -> None:
    pair = ("X-Echo", "say orange-juice")
    assert redactor.headers([pair]) == (pair,)
    known.add("orange-juice")
    assert redactor.look_ahead > 0  # it also takes note of the new secret
    assert "orange" not in repr(redactor.headers([pair]))
    assert "orange" not in repr(redactor.headers([("orange-juice", "x")]))


@pytest.mark.parametrize(
    ("data", "content_type", "shown"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "image/png", "(binary, 10 bytes, image/png)"),
        (bytes(1234), "application/octet-stream", "(binary, 1,234 bytes, application/octet-stream)"),
        (bytes(5), "", "(binary, 5 bytes, no type)"),
        (b"PK\x03\x04", "application/zip; x=y", "(binary, 4 bytes, application/zip)"),
        (b"\xff\xfe\xfd", "application/octet-stream", "(binary, 3 bytes, application/octet-stream)"),
        (b"plain", "application/octet-stream", "plain"),
        (b"<svg/>", "image/svg+xml", "<svg/>"),
        (b"", "application/json", ""),
        ("häßlich".encode("latin-1"), "text/plain; charset=ISO-8859-1", "häßlich"),
        ("häßlich".encode("utf-16"), "text/plain; charset=utf-16", "häßlich"),
        (b"caf\xc3\xa9", "text/plain; charset=no-such-thing", "café"),
    ],
)
def test_what_is_shown_of_a_body(redactor: Redactor, data: bytes, content_type: str, shown: str) -> None:
    assert redactor.body(data, content_type, 1000) == (shown, False)


def test_cut_and_total(redactor: Redactor) -> None:
    assert redactor.body(b"abcdef", "text/plain", 3) == ("abc", True)
    assert redactor.body(b"abcdef", "text/plain", 6) == ("abcdef", False)
    assert redactor.body(b"abcdef", "text/plain", 6, total=7) == ("abcdef", True)
    assert redactor.body(b"abcdef", "text/plain", 6, complete=False) == ("abcdef", True)
    assert redactor.body(bytes(6), "image/gif", 6, total=9_000)[0] == "(binary, 9,000 bytes, image/gif)"


def test_a_type_that_lies(redactor: Redactor) -> None:
    form, page = b"client_secret=abcdef", b"<html><password>abcdef</password>"
    for content_type in ("application/json", "text/html", "", "application/x-www-form-urlencoded"):
        assert b"abcdef" not in redactor.body(form, content_type, 100)[0].encode()
        assert b"abcdef" not in redactor.body(page, content_type if "form" not in content_type else "", 100)[0].encode()
        assert "abcdef" not in redactor.body(b'{"password":"abcdef"}', content_type, 100)[0]
