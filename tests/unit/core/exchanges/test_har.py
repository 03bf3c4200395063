"""HAR: valid for other tools, back again without loss; and files that others wrote."""

import json
import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocm_tui.core.errors import ConfigError
from ocm_tui.core.exchanges.export import FORMATS
from ocm_tui.core.exchanges.har_import import load_har, read_har
from ocm_tui.core.exchanges.markers import MarkerKeeper
from ocm_tui.core.exchanges.model import Exchange, ExchangeFailure, Message, Timings
from ocm_tui.core.exchanges.redaction import Redactor
from ocm_tui.core.secret import KnownSecrets
from tests.hostile.strings import NASTY, unsafe_in
from tests.unit.core.exchanges.examples import exchange

pytestmark = pytest.mark.usefixtures("nothing_known")

VALIDATOR: Final = jsonschema.Draft202012Validator(
    json.loads((Path(__file__).parent / "har-1.2.schema.json").read_text())
)
SECRET: Final = "Pl4nted-s3cret-of-a-har"
REDACTOR: Final = Redactor(KnownSecrets(), key=b"of this test")


def written(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "recording.har"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def har(*entries: Any) -> dict[str, Any]:
    return {"log": {"version": "1.2", "creator": {"name": "browser", "version": "1"}, "entries": list(entries)}}


def entry(**changes: Any) -> dict[str, Any]:
    request = {
        "method": "GET",
        "url": "https://pf.example.com:9999/pf-admin-api/v1/oauth/clients/orders-api",
        "httpVersion": "HTTP/2",
        "headers": [{"name": ":authority", "value": "pf.example.com"}, {"name": "Cookie", "value": f"PF={SECRET}"}],
        "bodySize": 0,
    }
    response = {
        "status": 404,
        "statusText": "",
        "httpVersion": "HTTP/2",
        "headers": [{"name": "Content-Type", "value": "application/json"}],
        "content": {"size": 30, "mimeType": "application/json", "text": '{"resultId":"not_found"}'},
        "bodySize": 24,
    }
    return {
        "startedDateTime": "2026-03-01T12:00:00.250+01:00",
        "time": 40.5,
        "request": {**request, **changes.pop("request", {})},
        "response": {**response, **changes.pop("response", {})},
        "timings": {"blocked": 1, "dns": 2, "connect": 9, "ssl": 4, "send": 0.5, "wait": 20, "receive": 8},
        **changes,
    }


EXAMPLES: Final = [
    exchange(1),
    exchange(2, error=("tls", "the certificate of pf.example.com has expired")),
    exchange(3, status=204, response=Message((("Set-Cookie", "PF=***0a1b2c; Path=/; HttpOnly; Secure"),))),
    exchange(4, target="token", client_id="orders-api", run_id="7f3a", purpose="a test", attempt=2),
    exchange(4, http_version="HTTP/2"),
    exchange(5, request=Message((("Content-Type", "application/json"),), '{"a": "***0a1b2c"}', 31)),
    exchange(6, response=Message((("Content-Type", "image/png"),), "(binary, 1,234 bytes, image/png)", 1234)),
    exchange(7, response=Message((("Content-Encoding", "zstd"),), "(zstd-encoded)", 12)),
    exchange(8, response=Message((), "x" * 65536, 10**7, truncated=True), reused_connection=True),
    exchange(9, path="/oauth/clients?page=1&token=***0a1b2c&q=a%20b&flag"),
    exchange(10, timings=Timings(None, None, None, 3.0), duration_ms=3.0),
    exchange(11, status=200, error=("http", "the body broke off"), response=Message((), "half", 400, truncated=True)),
    exchange(12, request=Message((), "(streamed)", 0)),
]  # fmt: skip


def test_the_schema_refuses_what_is_no_har() -> None:
    good = json.loads(FORMATS["har"](EXAMPLES[:1]))
    wrongs: list[Any] = [{}, {"log": {}}, {**good, "extra": 1}]
    for wrong in wrongs:
        assert not VALIDATOR.is_valid(wrong)
    good["log"]["entries"][0]["request"].pop("cookies")
    assert not VALIDATOR.is_valid(good)


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: one.id)
def test_an_export_is_valid_and_comes_back_as_it_was(tmp_path: Path, one: Exchange) -> None:
    text = FORMATS["har"]([one])
    VALIDATOR.validate(json.loads(text))
    assert read_har(written(tmp_path, text)) == [one]


def test_the_parts_of_the_time_add_up() -> None:
    for found in json.loads(FORMATS["har"](EXAMPLES))["log"]["entries"]:
        parts = found["timings"]
        known = sum(max(parts[name], 0) for name in ("blocked", "dns", "connect", "send", "wait", "receive"))
        assert math.isclose(known, found["time"])


PLANTED: Final = st.text("GHKLMNPQRSTVWXYZ", min_size=8)
TEXTS: Final = st.one_of(
    st.sampled_from(sorted(NASTY.values())),
    st.text(max_size=60),
    PLANTED.map(lambda secret: json.dumps({"password": secret, "x": [{"token": secret}]})),
    PLANTED.map(lambda secret: f"a=b&client_secret={secret}&code={secret}"),
    PLANTED.map(lambda secret: f"password: {secret}\nAuthorization: Bearer {secret}12"),
).map(lambda text: text.encode("utf-8", "replace").decode())  # nothing else comes from a wire
TYPES: Final = st.sampled_from(
    ["application/json", "text/html;charset=utf-8", "application/x-www-form-urlencoded", "text/plain", ""]
)


@st.composite
def recorded(draw: st.DrawFn) -> Exchange:
    """As the recorder makes them: every string redacted and cleaned."""

    def message() -> Message:
        kind, data = draw(TYPES), draw(TEXTS).encode("utf-8")
        names = ["X-Any", "Authorization", "Cookie", "Set-Cookie", "WWW-Authenticate", "Location", "X-Api-Key"]
        pairs = [(draw(st.sampled_from(names)), draw(TEXTS)) for _ in range(draw(st.integers(0, 3)))]
        body, cut = REDACTOR.body(data, kind, draw(st.sampled_from([7, 40, 10_000])))
        return Message(REDACTOR.headers([("Content-Type", kind), *pairs]), body, len(data), cut)

    url = REDACTOR.url("https://pf.example.com/pf-admin-api/v1/oauth/clients?" + draw(TEXTS))
    error = ExchangeFailure("tcp", REDACTOR.text(draw(TEXTS))) if draw(st.booleans()) else None
    return replace(
        exchange(draw(st.integers(1, 99))),
        url=url,
        path=url.partition("/v1")[2],
        request=message(),
        response=None if error else message(),
        status=None if error else draw(st.integers(100, 599)),
        error=error,
        duration_ms=draw(st.floats(0, 1e6)),
    )


@given(one=recorded())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_was_recorded_comes_back(tmp_path: Path, one: Exchange) -> None:
    text = FORMATS["har"]([one])
    VALIDATOR.validate(json.loads(text))
    assert read_har(written(tmp_path, text)) == [one]


def test_a_recording_of_a_browser(tmp_path: Path) -> None:
    (one,) = read_har(written(tmp_path, har(entry())))
    assert (one.id, one.method, one.status, one.http_version) == ("har-1", "GET", 404, "HTTP/2")
    assert (one.path, one.client_id, one.target) == ("/oauth/clients/orders-api", "orders-api", "server")
    assert one.started_at == 1_772_362_800.25
    assert one.timings == Timings(5.0, 4.0, 32.5, 40.5)
    assert one.response is not None
    assert (one.response.body, one.response.body_bytes) == ('{"resultId":"not_found"}', 24)
    assert SECRET not in repr(one)
    assert (
        one.request.header(
            "Cookie",
        )
        is not None
    )


@pytest.mark.parametrize(
    ("words", "layer"),
    [
        ("net::ERR_NAME_NOT_RESOLVED", "dns"),
        ("net::ERR_CERT_AUTHORITY_INVALID", "tls"),
        ("net::ERR_TUNNEL_CONNECTION_FAILED", "proxy"),
        ("net::ERR_CONNECTION_TIMED_OUT", "deadline"),
        ("net::ERR_CONNECTION_REFUSED", "tcp"),
        ("net::ERR_ABORTED", "cancelled"),
        ("something else", "http"),
        ("", "http"),
    ],
)
def test_a_request_without_an_answer(tmp_path: Path, words: str, layer: str) -> None:
    (one,) = read_har(written(tmp_path, har(entry(response={"status": 0, "_error": words}))))
    assert one.error is not None
    assert (one.error.layer, one.status, one.response) == (layer, None, None)
    assert one.failed


def test_bodies_of_other_tools(tmp_path: Path) -> None:
    form = {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "client_secret", "value": SECRET}]}
    packed = {"size": 5, "mimeType": "text/plain", "encoding": "base64", "text": "aGVsbG8="}
    picture = {"size": 4, "mimeType": "image/png", "encoding": "base64", "text": "iVBORw=="}
    token = {"method": "POST", "url": "https://pf.example.com/as/token.oauth2", "postData": form}
    first, second = read_har(
        written(tmp_path, har(entry(request=token, response={"content": packed}), entry(response={"content": picture})))
    )
    assert first.target == "token"
    assert first.request.body.startswith("client_secret=***")
    assert first.response is not None
    assert first.response.body == "hello"
    assert second.response is not None


def test_secrets_of_a_foreign_file_are_gone_and_marks_stay(tmp_path: Path) -> None:
    url = f"https://u:{SECRET}@pf.example.com/x?access_token={SECRET}"
    body = {"mimeType": "application/json", "text": json.dumps({"password": SECRET, "token": "***0a1b2c"})}
    given = entry(request={"url": url, "postData": body}, _ocm={"purpose": f"password={SECRET}", "run_id": SECRET[:3]})
    (one,) = read_har(written(tmp_path, har(given)))
    assert SECRET not in repr(one)
    assert '"***0a1b2c"' in one.request.body


def test_what_is_no_exchange_is_left_out_and_said(tmp_path: Path) -> None:
    odd: list[Any] = [None, 7, {}, entry(request={"url": "data:text/plain,x"}), entry(request={"method": ""}), entry()]
    found = load_har(written(tmp_path, har(*odd)))
    assert [one.id for one in found.exchanges] == ["har-6"]
    assert len(found.left_out) == 5
    assert "data is not HTTP" in found.left_out[3]


def test_ids_are_unique_whatever_the_file_says(tmp_path: Path) -> None:
    same = {"id": "demo-1"}
    ids = [one.id for one in read_har(written(tmp_path, har(*(entry(_ocm=same) for _ in range(3)))))]
    assert ids[0] == "demo-1"
    assert len(set(ids)) == 3


MEMBERS: Final = [
    *("request", "response", "method", "url", "headers", "name", "value", "status", "content", "text", "encoding"),
    *("postData", "params", "timings", "time", "startedDateTime", "connect", "ssl", "wait", "_ocm", "started_at"),
    *("error", "id", "bodySize", "size", "target", "path"),
]
ANYTHING: Final = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=8),
        st.sampled_from(["\ud800", "https://h/x", "GET", "base64", "2026-01-01", "9999-99-99"]),
    ),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(MEMBERS),
        inner,
        max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip


@given(odd=ANYTHING, member=st.sampled_from(["request", "response", "timings", "_ocm", "startedDateTime", "time"]))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_entry_breaks_the_reader(tmp_path: Path, odd: Any, member: str) -> None:
    given_entry = entry()
    if isinstance(odd, dict) and isinstance(given_entry.get(member), dict):
        given_entry[member] = {**given_entry[member], **odd}
    else:
        given_entry[member] = odd
    found = load_har(written(tmp_path, har(given_entry, odd)))
    for one in found.exchanges:
        shown = repr(one).replace("\n", "").replace("\ufffd", "")  # the mark for what cannot be shown at all
        assert not unsafe_in(shown)
        for export in FORMATS.values():
            assert not unsafe_in(export([one]))


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_nasty_strings_are_cleaned(tmp_path: Path, text: str) -> None:
    message = {"headers": [{"name": text, "value": text}]}
    body = {"content": {"size": 1, "mimeType": text, "text": text}}
    request = {"method": text, "url": f"https://h.example.com/{text}", **message}
    given = entry(request=request, response={**message, **body, "_error": text})
    for one in read_har(written(tmp_path, har(given))):
        for export in FORMATS.values():
            assert not unsafe_in(export([one]))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "expecting value"),
        ("{]", "2"),
        ("[]", "no list log.entries"),
        ('{"log": {"entries": {}}}', "no list log.entries"),
        ("[" * 100_000, "nested too deep"),
        ("1" * 5000, "no HAR file"),
    ],
    ids=["empty", "broken", "a list", "no entries", "deep", "a number"],
)
def test_what_is_no_har_file(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read_har(written(tmp_path, content))


def test_files_that_are_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.har")
    (tmp_path / "latin.har").write_bytes(b'{"log": "\xff"}')
    for name, words in {
        "pipe.har": "regular",
        "latin.har": "UTF-8",
        "missing.har": "no such file",
        ".": "regular file",
    }.items():
        with pytest.raises(ConfigError, match=words):
            read_har(tmp_path / name)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large.har"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)  # no block of it is on the disk
    with pytest.raises(ConfigError, match="larger than"):
        read_har(path)


@given(text=TEXTS, kind=TYPES)
@settings(max_examples=300, deadline=None)
def test_redacting_again_changes_nothing(text: str, kind: str) -> None:
    once, _ = REDACTOR.body(text.encode("utf-8"), kind, 10**6)
    assert MarkerKeeper(KnownSecrets()).body(once.encode(), kind, 10**7)[0] == once
