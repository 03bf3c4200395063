"""Property tests: a planted secret never occurs in any output, whole or in part, whatever stands around it."""

import base64
import html
import json
import re
import urllib.parse
from collections.abc import Callable
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from ocm_tui.core.exchanges.redaction import Redactor
from ocm_tui.core.secret import KnownSecrets

# Letters that stand in no marker, no name and no filler: every piece of six of them is a leak.
PLANTED: Final = st.text("GHKLMNPQRSTVWXYZ", min_size=8, max_size=60)
FILLER: Final = st.text('abcdef {}[]",:=&\\/\n<>', max_size=200)


def words(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from(text.split())


NAMES: Final = words(
    """client_secret clientSecret Client-Secret CLIENT_SECRET secret password newPassword passwd passphrase token
    access_token refreshToken id_token assertion client_assertion actor_token subject_token code_verifier device_code
    SAMLRequest SAMLResponse jwt apiKey api_key signature X-Amz-Signature x-amz-security-token SecretString SecretBinary
    plainText keyData encryptedSecret secondarySecrets privateKey private_key sessionId password2 sig"""
)
HEADERS: Final = words(
    """Authorization proxy-authorization COOKIE Set-Cookie X-Api-Key Api-Key X-Auth-Token X-Amz-Security-Token
    X-CSRF-Token X-XSRF-TOKEN X-Vault-Token PRIVATE-TOKEN JOB-TOKEN DPoP X-My-Password X-Session-Id X-Client-Secret"""
)
HEADER_FORMS: Final = st.sampled_from(
    ["{}", "Bearer {}", "Basic {}", "a={}", "a={}; b={}; Path=/", "Digest x={}, response={}", " {} "]
)


def leaks(secret: str, *shown: str) -> bool:
    return any(secret[start : start + 6] in text for text in shown for start in range(len(secret) - 5))


# --- by name -------------------------------------------------------------------------------------------------------

VALUES: Final[list[Callable[[str], Any]]] = [
    lambda secret: secret,
    lambda secret: [secret, "x"],
    lambda secret: {"value": secret, "more": [secret]},
    lambda secret: [[{"a": secret}]],
    lambda secret: f'with "quotes" and \\ {secret}',
    lambda secret: f"line\nline\t{secret}",
]


def nested(document: Any, depth: int) -> Any:
    for level in range(depth):
        document = [document, {"b": 1}] if level % 2 else {"a": document, "c": "d"}
    return document


def in_json(name: str, value: Any, depth: int, indent: int | None) -> str:
    return json.dumps(nested({"first": "x", name: value, "last": True}, depth), indent=indent)


@given(
    name=NAMES,
    secret=PLANTED,
    make=st.sampled_from(VALUES),
    depth=st.integers(0, 6),
    indent=st.sampled_from([None, 2]),
    inside=st.integers(0, 2),
    before=FILLER,
    data=st.data(),
)
@settings(max_examples=400, deadline=None)
def test_members_of_json(
    *,
    name: str,
    secret: str,
    make: Callable[[str], Any],
    depth: int,
    indent: int | None,
    inside: int,
    before: str,
    data: st.DataObject,
) -> None:
    text = in_json(name, make(secret), depth, indent)
    for _ in range(inside):  # JSON inside a JSON string
        text = json.dumps({"note": text})
    redactor = Redactor(KnownSecrets())
    assert not leaks(secret, redactor.body(text.encode(), "application/json", 10**6)[0], redactor.text(text))
    cut = data.draw(st.integers(0, len(text)))
    for body in (text[:cut], json.dumps({"f": before})[:-1] + ", " + text[:cut]):
        for content_type in ("application/json", "text/plain", ""):
            assert not leaks(secret, redactor.body(body.encode(), content_type, 10**6, complete=False)[0])
            assert not leaks(secret, redactor.body(body.encode(), content_type, cut)[0])


@given(name=NAMES, number=st.integers(10**9, 10**15), depth=st.integers(0, 4), data=st.data())
def test_numbers_under_secret_names(name: str, number: int, depth: int, data: st.DataObject) -> None:
    text = in_json(name, number, depth, None)
    shown, _ = Redactor(KnownSecrets()).body(text.encode(), "application/json", data.draw(st.integers(0, 10**4)))
    assert str(number)[:6] not in shown


@given(name=NAMES, secret=PLANTED, rest=st.text("ab=&;%+ ", max_size=30), data=st.data())
@settings(max_examples=300, deadline=None)
def test_forms_and_queries(name: str, secret: str, rest: str, data: st.DataObject) -> None:
    redactor = Redactor(KnownSecrets())
    value = urllib.parse.quote_plus(secret + rest + secret)
    form = f"grant_type=x&{urllib.parse.quote(name)}={value}&scope=a"
    cut = data.draw(st.integers(0, len(form)))
    kind = "application/x-www-form-urlencoded"
    url = f"https://h.example/p?a=b&{form}#{name}={value}"
    outer = f"https://h.example/p?next={urllib.parse.quote(url, safe='')}"
    assert not leaks(
        secret,
        redactor.body(form.encode(), kind, 10**6)[0],
        redactor.body(form.encode(), kind, cut)[0],
        redactor.body(form[:cut].encode(), kind, 10**6, complete=False)[0],
        redactor.url(url),
        redactor.url(outer),
        redactor.text(f"requesting {url} failed"),
        repr(redactor.headers([("Location", url), ("Referer", outer)])),
        redactor.body(json.dumps({"location": url}).encode(), "application/json", 10**6)[0],
        redactor.body(json.dumps({"location": url.replace("&", "\\u0026")}).encode(), "application/json", 10**6)[0],
    )


@given(
    name=NAMES,
    secret=PLANTED,
    quote=st.sampled_from(["", '"', "'"]),
    sign=st.sampled_from(["=", ": ", " = ", ":", "=>"]),
)
def test_running_text(name: str, secret: str, quote: str, sign: str) -> None:
    redactor = Redactor(KnownSecrets())
    for text in (
        f"bad value {name}{sign}{quote}{secret}{quote}, try again",
        f"<{name}>{secret}</{name}>",
        f'<ns:{name} type="x">{secret}</ns:{name}>',
        f'<input type="hidden" name="{name}" value="{secret}">',
        f"{{{quote or chr(39)}{name}{quote or chr(39)}: {quote or chr(39)}{secret}{quote or chr(39)}}}",
    ):
        assert not leaks(secret, redactor.text(text), redactor.body(text.encode(), "text/html", 10**6)[0])


@given(name=NAMES, secret=PLANTED, newline=st.sampled_from(["\r\n", "\n"]), extra=st.booleans(), data=st.data())
def test_multipart(name: str, secret: str, newline: str, extra: bool, data: st.DataObject) -> None:
    more = f"{newline}Content-Type: text/plain" if extra else ""
    part = f'Content-Disposition: form-data; name="{name}"{more}'
    first = ["--b", 'Content-Disposition: form-data; name="a"', "", "x"]
    body = newline.join([*first, "--b", part, "", f"{secret} and{newline}{secret}", "--b--", ""])
    cut = data.draw(st.integers(0, len(body)))
    redactor = Redactor(KnownSecrets())
    for text in (body, body[:cut]):
        assert not leaks(secret, redactor.body(text.encode(), "multipart/form-data; boundary=b", cut or 1)[0])
        assert not leaks(secret, redactor.body(text.encode(), "multipart/form-data; boundary=b", 10**6)[0])


@given(name=HEADERS, secret=PLANTED, form=HEADER_FORMS)
def test_headers(name: str, secret: str, form: str) -> None:
    if "ookie" in name.lower() and "=" not in form:
        form = "session=" + form.strip()
    value = form.replace("{}", secret)
    assert not leaks(secret, repr(Redactor(KnownSecrets()).headers([(name, value)])))


# --- by value ------------------------------------------------------------------------------------------------------

ANY_SECRET: Final = st.text(st.characters(exclude_categories=["Cs"]), min_size=6, max_size=40)


@given(
    secret=PLANTED,
    extra=st.text("ab/+ &<>\"'\\é%=ü\n", max_size=8),
    before=FILLER,
    after=FILLER,
    many=st.sampled_from([0, 100]),
    data=st.data(),
)
@settings(max_examples=300, deadline=None)
def test_known_values_in_every_form(
    *, secret: str, extra: str, before: str, after: str, many: int, data: st.DataObject
) -> None:
    known = KnownSecrets()
    for number in range(many):  # enough for the index
        known.add(f"other-secret-{number:06}")
    value = secret[:4] + extra + secret[4:]
    known.add(value)
    known.add_pair("user", value)
    redactor = Redactor(known)
    forms = {
        value,
        urllib.parse.quote(value, safe=""),
        re.sub("%..", lambda escape: escape[0].lower(), urllib.parse.quote(value, safe="")),
        urllib.parse.quote_plus(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        json.dumps(value)[1:-1].replace("/", "\\/"),
        html.escape(value),
        base64.b64encode(value.encode()).decode(),
        base64.b64encode(f"user:{value}".encode()).decode(),
    }
    for form in forms:
        text = before + form + after
        cap = data.draw(st.integers(0, len(text) + 5))
        outputs = [
            redactor.text(text),
            redactor.url("https://h/" + text),
            redactor.body(text.encode(), "text/plain", cap)[0],
            redactor.body(text.encode(), "application/json", cap)[0],
            redactor.body(text[: len(before) + cap].encode(), "text/html", 10**6, complete=False)[0],
            redactor.headers([("X-Plain", text)])[0][1],
        ]
        assert not any(form in shown for shown in outputs)
        pieces = [form[start : start + 9] for start in range(max(len(form) - 8, 1))]
        whole_pieces = [piece for piece in pieces if len(piece) == 9 and piece not in before + after]
        assert not any(piece in shown for shown in outputs for piece in whole_pieces)


@given(secrets=st.lists(ANY_SECRET, min_size=1, max_size=80, unique=True), data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_known_text_among_many(secrets: list[str], data: st.DataObject) -> None:
    known = KnownSecrets()
    for number in range(60):
        known.add(f"one-more-of-many-{number}")
    for secret in secrets:
        known.add(secret)
    redactor = Redactor(known)
    chosen = data.draw(st.sampled_from(secrets))
    before, after = data.draw(st.text("xyz-", max_size=9)), data.draw(st.text("xyz-", max_size=9))
    assert redactor.text(before + chosen + after).startswith(before + "***")


@given(secret=PLANTED, other=PLANTED)
def test_secrets_within_secrets_go_as_a_whole(secret: str, other: str) -> None:
    known = KnownSecrets()
    for value in (secret, secret + other, other + secret, other):
        known.add(value)
    redactor = Redactor(known)
    assert not leaks(secret, redactor.text(f"{other}{secret}{other}"), redactor.text(f"a{secret}{other}b"))
    assert not leaks(other, redactor.text(f"{other}{secret}{other}"), redactor.text(f"a{secret}{other}b"))


# --- nothing else --------------------------------------------------------------------------------------------------


@given(text=st.text(max_size=300), content_type=st.text(max_size=30), cap=st.integers(0, 400))
@settings(max_examples=300)
def test_anything_goes_through_and_comes_out_safe(text: str, content_type: str, cap: int) -> None:
    redactor = Redactor(KnownSecrets())
    shown, _ = redactor.body(text.encode("utf-8", "surrogatepass"), content_type, cap)
    for output in (shown, redactor.text(text)):
        assert not any(ord(sign) < 32 and sign != "\n" for sign in output)
        assert "\u202e" not in output
    for output in (redactor.url(text), *sum(redactor.headers([(text, text)]), ())):
        assert not any(ord(sign) < 32 for sign in output)


@given(data=st.binary(max_size=300), cap=st.integers(0, 400), complete=st.booleans())
def test_any_bytes(data: bytes, cap: int, complete: bool) -> None:
    Redactor(KnownSecrets()).body(data, "application/json; charset=utf-8", cap, complete=complete)
