import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.errors import UsageError
from ocm_tui.core.exchanges.model import Exchange, Message
from ocm_tui.core.exchanges.query import parse_query
from tests.unit.core.exchanges.examples import exchange

CASES: dict[str, Exchange] = {
    "get": exchange(1, client_id="orders-api", duration_ms=150.0, purpose="background traffic"),
    "post": exchange(2, method="POST", status=201, run_id="run-7", request=Message((), '{"name": "Zoë Café"}')),
    "missing": exchange(3, path="/oauth/clients/Web%20Shop?x=1", status=404, client_id="web-shop", duration_ms=2500.0),
    "invalid": exchange(
        4, method="PUT", status=422, response=Message((), 'the "redirectUris" are bad'), run_id="run-8"
    ),
    "broken": exchange(5, status=503, target="token", path="/as/token.oauth2"),
    "refused": exchange(6, error=("tcp", "h:1 refused the connection"), target="oci"),
    "half": exchange(7, status=200, error=("http", "broke off")),
}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "get post missing invalid broken refused half"),
        ("   ", "get post missing invalid broken refused half"),
        ("status:404", "missing"),
        ("status:4xx", "missing invalid"),
        ("status:4XX,503", "missing invalid broken"),
        ("status:>=422", "invalid broken"),
        ("status:>422", "broken"),
        ("status:<300", "get post half"),
        ("status:<=201 -status:200", "post"),
        ("status:=200", "get half"),
        ("status:error", "refused half"),
        ("error:any", "refused half"),
        ("error:tcp", "refused"),
        ("error:tcp,http", "refused half"),
        ("method:post", "post"),
        ("method:POST,PUT", "post invalid"),
        ("path:/oauth/clients", "get post missing invalid refused half"),
        ("path:token", "broken"),
        ("path:/oauth/clients/*", "missing"),
        ("path:/OAUTH/*shop", "missing"),
        ("path:*x=1", "missing"),
        ("client:orders-api", "get"),
        ("client:*-*", "get missing"),
        ("client:orders", ""),
        ("run:run-7", "post"),
        ("run:run", "post invalid"),
        ("target:token,oci", "broken refused"),
        ("took:>2s", "missing"),
        ("took:>100ms", "get missing"),
        ("took:<=12.5ms", "post invalid broken refused half"),
        ("took:2.5", "missing"),
        ("took:>1m", ""),
        ("orders", "get"),
        ("ORDERS background", "get"),
        ("zoë", "post"),
        ("ZOË", "post"),
        ('"zoë café"', "post"),
        ("redirecturis", "invalid"),
        ("refused", "refused"),
        ("tcp", "refused"),
        ("test-3", "missing"),
        ("404", "missing"),
        ("-status:2xx -error:any", "missing invalid broken"),
        ("not status:2xx not error:any", "missing invalid broken"),
        ("not -status:404", "missing"),
        ('"not"', ""),
        ("-oauth", ""),
        ('path:"Web%20Shop"', "missing"),
        ("status:4xx method:PUT bad", "invalid"),
    ],
)
def test_what_matches(query: str, expected: str) -> None:
    parsed = parse_query(query)
    assert [name for name, each in CASES.items() if parsed.matches(each)] == expected.split()
    assert parsed.text == query


@pytest.mark.parametrize(
    ("query", "title", "hint"),
    [
        ("statsu:404", "column 1: unknown key statsu", "did you mean status?"),
        ("orders  -statsu:404", "column 9: unknown key statsu", "did you mean status?"),
        ("https://x", "column 1: unknown key https", "in quotes"),
        ("a status:9xx", "column 3: 9xx is no value for status", "status:4xx"),
        ("status:", "column 1: nothing is no value for status", "status:4xx"),
        ("status:404,x", "column 1: 404,x is no value for status", "status:404,409"),
        ("method:12", "column 1: 12 is no value for method", "method:POST"),
        ("took:soon", "column 1: soon is no value for took", "took:>2s"),
        ("target:elsewhere", "column 1: elsewhere is no value for target", "server, token, oci, registry"),
        ("error:odd", "column 1: odd is no value for error", "deadline"),
        ("path:", "column 1: nothing is no value for path", "path:/oauth/clients/*"),
        ("run:", "column 1: nothing is no value for run", "the id of a run"),
        ('a "b', "column 3: the quote is not closed", ""),
        ('path:"b', "column 6: the quote is not closed", ""),
        ("a not", "column 3: nothing follows not", '"not"'),
        ("-", "column 1: a word is missing", ""),
        ('""', "column 1: a word is missing", ""),
    ],
)
def test_what_is_refused(query: str, title: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_query(query)
    assert caught.value.title == title
    assert hint in caught.value.hint


@given(st.text(max_size=60))
def test_any_text_is_a_query_or_a_usage_error(text: str) -> None:
    words = "column"
    try:
        query = parse_query(text)
        assert all(query.matches(each) in (True, False) for each in CASES.values())
    except UsageError as error:
        words = error.title
    assert "column" in words


def test_matching_is_fast() -> None:
    query = parse_query("status:2xx method:GET path:/oauth/* -client:x* took:<1s")
    many = [exchange(number) for number in range(10_000)]
    started = time.perf_counter()
    assert sum(map(query.matches, many)) == 10_000
    assert time.perf_counter() - started < 1
