import json
from typing import Any

import pytest
import yaml

from ocm_tui.core.clients.model import ClientRow
from ocm_tui.core.clients.query import parse_client_query
from ocm_tui.core.secret import Secret
from ocm_tui.headless.clients import server_filter
from ocm_tui.headless.formats.clients import clients_json, clients_table, item, yaml_text
from tests.unit.headless.reports import NASTY

STORED: dict[str, Any] = {
    "clientId": "orders-api",
    "name": "Bestellungen für alle",
    "grantTypes": ["CLIENT_CREDENTIALS", "urn:new"],
    "enabled": False,
    "description": NASTY,
    "clientAuth": {"type": "SECRET", "encryptedSecret": "OBF:planted-encrypted", "secret": Secret("planted-plain-1")},
}


def test_an_item_has_the_members_of_the_contract() -> None:
    assert list(item(STORED)) == ["client_id", "name", "enabled", "grant_types", "state", "document"]
    document = json.loads(clients_json([STORED]))
    assert list(document) == ["schema", "items"]
    assert document["schema"] == "ocm-tui/clients/v1"
    (one,) = document["items"]
    assert (one["client_id"], one["enabled"], one["state"]) == ("orders-api", False, "unknown")
    assert one["document"]["description"] == NASTY
    assert one["document"]["clientAuth"] == {"type": "SECRET", "encryptedSecret": "***", "secret": "***"}


@pytest.mark.parametrize("stored", [{}, {"clientId": None, "name": 5, "grantTypes": None, "clientAuth": "odd"}])
def test_what_real_servers_leave_out(stored: dict[str, Any]) -> None:
    assert item(stored)["grant_types"] == []
    assert "○" not in clients_table([ClientRow.of(stored)], color=False)


def test_yaml_is_a_file_that_can_come_back() -> None:
    text = yaml_text(STORED)
    assert "\x1b" not in text
    assert "\u202e" not in text
    back = yaml.safe_load(text)
    assert back["description"] == NASTY
    assert back["clientAuth"]["secret"] == "***"
    assert list(back) == list(STORED)


def test_readable_letters_stay_readable() -> None:
    assert "für" in yaml_text({"name": "für alle"})


def test_no_secret_in_any_form() -> None:
    for text in (clients_json([STORED]), yaml_text(STORED), clients_table([ClientRow.of(STORED)], color=True)):
        assert "planted" not in text


def test_a_table_line_is_one_line() -> None:
    row = ClientRow.of({**STORED, "clientId": "a\nb\x1b[31m", "name": NASTY})
    lines = clients_table([row], color=False).splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("○ disabled  a␊b␛[31m")
    assert "credentials urn:new" in lines[1]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [("orders api", "orders"), ("is:disabled", ""), ("-orders", ""), ("für alles", "alles"), ("", ""), ('"a b"', "")],
)
def test_the_server_is_asked_for_the_longest_plain_word(query: str, wanted: str) -> None:
    assert server_filter(parse_client_query(query)) == wanted
