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
    ("query", "state", "matches"),
    [
        ("", "missing", True),  # who has no question about states is asked none
        ("state:drifted", "drifted", True),
        ("state:drifted", "in sync", False),
        ("state:drifted,blocked", "blocked", True),
        ("state:in-sync", "in sync", True),
        ("state:insync", "in sync", True),
        ('state:"in sync"', "in sync", True),
        ("STATE:Missing", "missing", True),
        ("-state:drifted", "in sync", True),
        ("-state:drifted", "drifted", False),
        ("-state:drifted", "missing", False),
        ("state:missing,drifted -state:drifted", "drifted", False),
        ("state:drifted state:blocked", "drifted", False),
        ("state:drifted ui", "drifted", False),
    ],
)
def test_states_against_the_inventory(query: str, state: str, matches: bool) -> None:
    assert parse_client_query(query).matches(row(), state=state) is matches


def test_missing_clients_are_wanted_only_by_name() -> None:
    queries = ("", "orders", "state:drifted", "-state:drifted", "state:missing", "state:drifted,missing")
    wanted = [text for text in queries if parse_client_query(text).wants_missing]
    assert wanted == ["state:missing", "state:drifted,missing"]


def test_another_state_is_no_narrower_query() -> None:
    assert parse_client_query("state:drifted orders").narrows(parse_client_query("state:drifted order"))
    assert not parse_client_query("state:drifted orders").narrows(parse_client_query("orders"))


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("iss:disabled", "did you mean is:"),
        ("orders is:gone", "column 8: is:gone is not a state"),
        ("colour:red", "there is no colour:"),
        (
            "orders state:drifting",
            "column 8: state:drifting is not a state one of state:blocked, state:drifted, state:in-",
        ),
        ("sate:missing", "did you mean state:"),
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
