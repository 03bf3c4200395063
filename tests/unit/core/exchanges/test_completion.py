import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.exchanges.completion import Completion, complete
from ocm_tui.core.exchanges.query import parse_query
from ocm_tui.core.exchanges.terms import TERMS

KNOWN = {"client": ["orders-api", "web shop", 'say "hi"', "evil\x1b[2J"], "run": ["20260131-ab12"]}


def texts(filter_text: str, cursor: int | None = None) -> list[str]:
    found = complete(filter_text, len(filter_text) if cursor is None else cursor, KNOWN)
    assert all(each.help or ":" in filter_text for each in found)
    return [each.text for each in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("st", ["status:"]),
        ("-st", ["status:"]),
        ("(ta", ["target:"]),
        ("orders not m", ["method:"]),
        ("o", ["or "]),
        ("status:5", ["5xx"]),
        ("status:404,42", ["422", "429"]),
        ("target:", ["server", "token", "oci", "registry"]),
        ("TARGET:reg", ["registry"]),
        ("error:t", ["tcp", "tls"]),
        ("client:ord", ["orders-api"]),
        ("client:", ["orders-api", '"web shop"', '"say \\"hi\\""']),
        ("client:shop", ['"web shop"']),
        ("run:ab12", ["20260131-ab12"]),
        ("status:404", []),
        ("nothing-like-it", []),
        ("odd:x", []),
        ('body:"st', []),
        ('"st', []),
        ('body:"x" st', ["status:"]),
        ('"a b"st', ["status:"]),
    ],
)
def test_what_is_offered(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_an_empty_filter_offers_every_key() -> None:
    assert texts("") == [*(f"{key}:" for key in TERMS), "not ", "or "]


def test_it_takes_the_place_of_the_term_under_the_cursor() -> None:
    text = "a status:4zz b"
    offered = complete(text, text.index("zz"))
    assert Completion("4xx", TERMS["status"].values[2][1], 9, 12) in offered
    assert offered[0].applied(text) == "a status:4xx b"
    assert complete("sta method:POST", 3)[0].applied("sta method:POST") == "status: method:POST"
    assert complete("status:404,5 b", 12)[0].applied("status:404,5 b") == "status:404,5xx b"


@given(st.text(alphabet='status:45x,()- "\\o', max_size=30), st.integers(-3, 40))
def test_whatever_is_typed(text: str, cursor: int) -> None:
    for each in complete(text, cursor, KNOWN):
        assert 0 <= each.start <= each.end <= len(text)
        assert each.text in each.applied(text)


def test_every_value_that_is_offered_is_one() -> None:
    offered = [(key, each.text) for key in TERMS for each in complete(f"{key}:", len(key) + 1, KNOWN)]
    assert len(offered) > 30
    for key, value in offered:
        assert parse_query(f"{key}:{value}").parts
