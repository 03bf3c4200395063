import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.errors import UsageError
from ocm_tui.core.exchanges.model import Exchange, Message
from ocm_tui.core.exchanges.query import QuerySyntaxError, parse_query
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
        ("status:404 or status:503", "missing broken"),
        ("status:404 OR status:503 or error:tcp", "missing broken refused"),
        ("method:PUT or status:404 client:web-shop", "missing invalid"),
        ("(method:PUT or status:404) client:web-shop", "missing"),
        ("client:web-shop (method:PUT or (status:404 or status:503))", "missing"),
        ("-(status:2xx or error:any)", "missing invalid broken"),
        ("not (status:2xx error:http)", "get post missing invalid broken refused"),
        ("NOT status:2xx status:5xx", "broken"),
        ("--status:404", "missing"),
        ("not not status:404", "missing"),
        ('"or"', "get"),
        ("(status:404)(client:web-shop)", "missing"),
        ('body:"the \\"redirect"', "invalid"),
        ("body:REDIRECTURIS", "invalid"),
        ("body:ZOË", "post"),
        ("body:refused", ""),
        ("none", ""),
        ("since:2026-09-21T14:13:20", "get post missing invalid broken refused half"),
        ("since:2026-09-21T14:13:23Z", "missing invalid broken refused half"),
        ("since:2026-09-21T16:13:25+02:00", "broken refused half"),
        ("since:1s", ""),
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
        ("orders  -statsu:404", "column 10: unknown key statsu", "did you mean status?"),
        ("https://x", "column 1: unknown key https", "in quotes"),
        ("a status:9xx", "column 10: 9xx is no value for status", "status:4xx"),
        ("status:", "column 1: nothing is no value for status", "status:4xx"),
        ("status:404,x", "column 12: x is no value for status", "status:404,409"),
        ("method:12", "column 8: 12 is no value for method", "method:POST"),
        ("took:soon", "column 6: soon is no value for took", "took:>2s"),
        ("target:elsewhere", "column 8: elsewhere is no value for target", "server, token, oci, registry"),
        ("error:odd", "column 7: odd is no value for error", "deadline"),
        ("path:", "column 1: nothing is no value for path", "path:/oauth/clients/*"),
        ("run:", "column 1: nothing is no value for run", "the id of a run"),
        ('a "b', "column 3: the quote is not closed", ""),
        ('path:"b', "column 6: the quote is not closed", ""),
        ("a not", "column 3: nothing follows not", '"not"'),
        ("-", "column 1: nothing follows -", ""),
        ("a (b or -)", "column 9: nothing follows -", ""),
        ("or", "column 1: nothing stands before or", '"or"'),
        ("a or", "column 3: nothing follows or", '"or"'),
        ("a or or b", "column 3: nothing follows or", '"or"'),
        ("(or a)", "column 2: nothing stands before or", '"or"'),
        ("a ()", "column 3: there is nothing in the brackets", ""),
        ("(a (b)", "column 1: this bracket is not closed", "quotes"),
        ("a) b", "column 2: this bracket closes nothing", "quotes"),
        (f"{'(' * 60}a{')' * 60}", "column 41: the brackets are nested too deeply", ""),
        ("since:yesterday", "column 7: yesterday is no value for since", "since:15m"),
        ("since:0000-01-01", "column 7: 0000-01-01 is no value for since", "UTC"),
        ("body:", "column 1: nothing is no value for body", "body:"),
        ('body:""', "column 1: nothing is no value for body", "body:"),
        ("target:oci,,token", "column 12: nothing is no value for target", "server"),
        ('""', "column 1: a word is missing", ""),
    ],
)
def test_what_is_refused(query: str, title: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_query(query)
    assert caught.value.title == title
    assert hint in caught.value.hint


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["a", "not", "or", "-", "(", ")", "status:4xx", '"', " "])).map(" ".join)
)
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


def test_an_age_counts_from_the_moment_of_asking() -> None:
    now = time.time()
    ages = {"minute": 60.0, "hour": 3_600.0, "day": 86_400.0, "month": 30 * 86_400.0}
    made = {name: exchange(1, started_at=now - age) for name, age in ages.items()}
    for query, expected in {
        "since:30s": "",
        "since:5m": "minute",
        "since:1.5h": "minute hour",
        "since:2d": "minute hour day",
        "since:10w": "minute hour day month",
        "not since:2h": "day month",
    }.items():
        assert [name for name, each in made.items() if parse_query(query).matches(each)] == expected.split()


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("a statsu:404", "statsu"),
        ("status:404,x,500 b", "x"),
        ("method:", "method:"),
        ("(a or b", "("),
        ("a ) b", ")"),
        ('path:"b c', '"b c'),
        ("Ünïcode took:soon", "soon"),
    ],
)
def test_an_error_points_at_its_place(query: str, marked: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query(query)
    error = caught.value
    assert query[error.position : error.position + error.length] == marked
    shown, mark = error.detail.split("\n")
    assert shown == query
    assert shown[mark.index("^") : mark.rindex("^") + 1] == marked
    assert error.title.startswith(f"column {error.position + 1}: ")


def test_the_mark_stays_under_wide_and_unsafe_characters_and_far_out() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query("日本 \x1b odd:x")
    assert caught.value.detail.split("\n") == ["日本 ␛ odd:x", "       ^^^"]
    with pytest.raises(QuerySyntaxError) as caught:
        parse_query(f"{'a ' * 5_000}odd:x{' b' * 5_000}")
    shown, mark = caught.value.detail.split("\n")
    assert len(shown) <= 100
    assert shown[mark.index("^") :].startswith("odd:x")


@pytest.mark.parametrize(
    ("new", "former", "expected"),
    [
        ("ord", "", True),
        ("orders", "ord", True),
        ("ORDERS", "ord", True),
        ("ord", "orders", False),
        ("orders status:4xx", "ord", True),
        ("status:4xx orders", "orders status:4xx", True),
        ("status:404", "status:4xx", False),
        ("-orders", "-ord", False),
        ("-ord a", "-ord", True),
        ("body:abc", "body:b", True),
        ("body:abc", "b", False),
        ("(a or b) c", "(a or b)", True),
        ("a or b", "a", False),
        ("client:orders", "client:ord", False),
    ],
)
def test_a_query_that_narrows_another(new: str, former: str, expected: bool) -> None:
    assert parse_query(new).narrows(parse_query(former)) is expected
