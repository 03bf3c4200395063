"""The filter of the clients list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.clients.model import ClientRow
from ocm_tui.core.clients.query import parse_client_query
from ocm_tui.core.errors import UsageError


def row(client_id: str = "orders-api", name: str = "Orders", **changes: object) -> ClientRow:
    values: dict[str, object] = {
        "enabled": True,
        "grant_types": ("CLIENT_CREDENTIALS", "REFRESH_TOKEN"),
        "auth_type": "SECRET",
        "token_manager": "jwt",
        "modified": "",
        **changes,
    }
    return ClientRow(client_id=client_id, name=name, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("", True),
        ("   ", True),
        ("orders", True),
        ("ORD api", True),
        ("orders ui", False),
        ("-orders", False),
        ("not orders", False),
        ("-ui", True),
        ("is:enabled", True),
        ("is:disabled", False),
        ("-is:disabled", True),
        ("grant:credentials", True),
        ("grant:refresh-token", True),
        ("grant:ciba", False),
        ("auth:secret", True),
        ("auth:none", False),
        ("atm:JWT", True),
        ("id:orders", True),
        ("name:api", False),
        ('"orders-a"', True),
        ('"orders a"', False),
        ("orders is:enabled -atm:opaque", True),
    ],
)
def test_matches(query: str, matches: bool) -> None:
    assert parse_client_query(query).matches(row()) is matches


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("iss:disabled", "did you mean is:"),
        ("orders is:gone", "column 8: is:gone is not a state"),
        ("colour:red", "there is no colour:"),
    ],
)
def test_mistakes_name_the_column_and_what_would_be_right(query: str, says: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_client_query(query)
    assert says in f"{raised.value.title} {raised.value.hint}"


@given(st.text(max_size=40))
def test_any_text_is_a_query_or_a_usage_error(text: str) -> None:
    try:
        query = parse_client_query(text)
    except UsageError:
        return
    query.matches(row())
