import json
from dataclasses import replace

from ocm_tui.core.exchanges.model import Exchange, ExchangeFailure, Message, Timings
from ocm_tui.headless.formats.documents import document
from ocm_tui.headless.formats.exchanges import exchange_text, exchanges_table
from ocm_tui.headless.invocation import exchange_line

GOOD = Exchange(
    id="demo-3",
    started_at=1_769_861_071.377,
    target="server",
    method="GET",
    url="http://127.0.0.1:9/pf-admin-api/v1/oauth/clients/a",
    path="/oauth/clients/a",
    status=200,
    duration_ms=12.34,
    timings=Timings(connect=1.0, first_byte=11.0, total=12.34),
    request=Message(headers=(("Accept", "application/json"),)),
    response=Message(
        headers=(("Content-Type", "application/json"),), body='{"clientId":"a","items":[1]}', body_bytes=28
    ),
    client_id="a",
)
DEAD = replace(
    GOOD, id="demo-4", status=None, response=None, error=ExchangeFailure("tcp", "connection refused"), client_id=None
)


def test_text() -> None:
    assert exchange_text(GOOD) == (
        "GET http://127.0.0.1:9/pf-admin-api/v1/oauth/clients/a\n"
        "id        demo-3\n"
        "started   2026-01-31T12:04:31.377Z\n"
        "result    HTTP 200\n"
        "duration  12.3 ms (connect 1.0 ms, first byte 11.0 ms)\n"
        "client    a\n"
        "\n"
        "request, 0 bytes\n"
        "  Accept: application/json\n"
        "\n"
        "response, 28 bytes\n"
        "  Content-Type: application/json\n"
        "\n"
        '  {\n    "clientId": "a",\n    "items": [\n      1\n    ]\n  }\n'
    )


def test_a_failure_has_no_response() -> None:
    text = exchange_text(DEAD)
    assert "result    tcp: connection refused" in text
    assert "response" not in text


def test_a_body_that_is_cut_is_shown_as_it_is() -> None:
    cut = replace(GOOD, response=Message(body='{"a": [1,', body_bytes=99, truncated=True))
    text = exchange_text(cut)
    assert "response, 99 bytes, cut here" in text
    assert '  {"a": [1,' in text


def test_table() -> None:
    lines = exchanges_table([GOOD, DEAD, replace(GOOD, status=422)], color=False).splitlines()
    assert lines[0].split() == ["Status", "Started", "Method", "Path", "Duration", "Bytes", "Id"]
    assert [line.split()[:2] for line in lines[1:]] == [["●", "200"], ["■", "tcp"], ["▲", "422"]]


def test_the_members_of_the_contract() -> None:
    members = json.loads(document("exchange", GOOD.as_json()))
    assert next(iter(members)) == "schema"
    assert {
        "id", "started_at", "target", "method", "url", "status", "duration_ms", "timings_ms", "request", "response",
        "error", "client_id", "run_id",
    } <= members.keys()  # fmt: skip


def test_the_line_of_verbose() -> None:
    assert exchange_line(GOOD) == "demo-3  GET /oauth/clients/a  200  12 ms  28 bytes"
    assert exchange_line(DEAD) == "demo-4  GET /oauth/clients/a  failed  12 ms  tcp: connection refused"
