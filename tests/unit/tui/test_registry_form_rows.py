"""The fields of a registry row as they are entered: what is refused, what is kept, what a conflict is."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from ocm_tui.core.errors import Conflict, UsageError
from ocm_tui.core.registry.addresses import GIVEN_KEY
from ocm_tui.core.registry.row_edits import edited_fields, entry_of, only_if_still, problems
from ocm_tui.tui.models.registry_form_rows import RegistryConflictRows, field_changes
from tests.tui.registry_actions import ROW
from tests.tui.registry_support import BASE_URL, client_id


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("client_code", None, "must not be empty"),
        ("client_code", "x" * 65, "at most 64 characters"),
        ("client_code", "half \ud800", "half of a character"),
        ("bap_id", "x" * 256, "at most 255 characters"),
        ("bap_uri", "a\0b", "NUL"),
        ("allowed_ips", ["10.0.0.0/8", "10.0.0.300"], "`10.0.0.300` is no address"),
        ("allowed_ips", ["fe80::1%eth0"], "no address"),
        ("allowed_ips", [7], "list of networks"),
        ("rate_limit", 0, "from 1 to"),
        ("rate_limit", 1 << 31, "from 1 to"),
        ("rate_limit", True, "from 1 to"),
        ("metadata", {"a": float("nan")}, "must be JSON"),
        ("metadata", {"a": ["\0"]}, "NUL"),
        ("metadata", {GIVEN_KEY: ["10.0.0.1"]}, "change allowed_ips"),
        ("client_id", "no-uuid", "no UUID"),
    ],
)
def test_what_the_registry_would_refuse_is_said_at_its_field(field: str, value: Any, words: str) -> None:
    fields = {**edited_fields(None), "client_code": "orders-api", field: value}
    found = problems(fields, server_base_url=BASE_URL)
    assert list(found) == [field]
    assert words in found[field]
    assert "registry entry of" not in found[field]
    with pytest.raises(UsageError, match=words.strip("`").split("`")[0][:10]):
        entry_of(fields, None, server_base_url=BASE_URL)


def test_an_id_is_needed_only_where_none_can_be_derived() -> None:
    fields = {**edited_fields(None), "client_code": "orders-api"}
    assert problems(fields, server_base_url=BASE_URL) == {}
    assert entry_of(fields, None, server_base_url=BASE_URL).client_id == client_id("orders-api")
    assert "needed here" in problems(fields)["client_id"]
    named = {**fields, "client_id": str(UUID(int=7))}
    assert entry_of(named, None).client_id == UUID(int=7)


def test_the_texts_beside_the_networks_stay_until_the_networks_are_edited() -> None:
    fields = edited_fields(ROW)
    assert fields["allowed_ips"] == ["10.1.2.3/8"]
    assert fields["metadata"] == {"team": "shop"}
    same = entry_of({**fields, "rate_limit": 9}, ROW)
    assert same.allowed_ips == ("10.0.0.0/8",)
    assert same.metadata == ROW.metadata
    assert same.secret_hash is None
    assert same.status is None
    plain = entry_of({**fields, "allowed_ips": ["192.0.2.7"]}, ROW)
    assert (plain.allowed_ips, plain.given_ips) == (("192.0.2.7/32",), ())
    assert plain.metadata == {"team": "shop"}, "what was typed once says nothing about other networks"


@pytest.mark.parametrize("given", ["10.1.2.3/8", ["192.0.2.0/24"], ["no network"], [1], {"a": 1}, None])
def test_texts_that_say_something_else_than_the_networks_are_not_believed(given: Any) -> None:
    row = replace(ROW, metadata={GIVEN_KEY: given})
    assert edited_fields(row)["allowed_ips"] == ["10.0.0.0/8"]
    assert entry_of({**edited_fields(row), "rate_limit": 9}, row).metadata == {GIVEN_KEY: given}


def test_a_difference_names_members_and_what_becomes_of_networks() -> None:
    before = edited_fields(ROW)
    after = {**before, "allowed_ips": ["192.0.2.9/24"], "metadata": {"team": None, "tier": 1}}
    changes = {one.path: (one.before, one.after) for one in field_changes(before, after)}
    assert changes == {
        "allowed_ips": (["10.1.2.3/8"], ["192.0.2.9/24"]),
        "allowed_ips, normalised": (["10.0.0.0/8"], ["192.0.2.0/24"]),
        "metadata.team": ('"shop"', "null"),
        "metadata.tier": (None, "1"),
    }
    assert field_changes(before, before) == []
    truth = {**before, "metadata": {"a": True}}
    assert field_changes(truth, {**truth, "metadata": {"a": 1}}), "true is not 1"


def test_a_conflict_is_mine_theirs_or_open_for_each_field() -> None:
    theirs = replace(ROW, rate_limit=5, bap_id="theirs", row_version=8)
    mine = {**edited_fields(ROW), "rate_limit": 9, "bap_uri": "https://orders.example.com"}
    rows = RegistryConflictRows(ROW, mine, theirs)
    assert {one.path: one.choice for one in rows.fields} == {"bap_id": "theirs", "bap_uri": "mine", "rate_limit": ""}
    rows.choose("rate_limit", "mine")
    settled = rows.settled()
    assert (settled["rate_limit"], settled["bap_id"], settled["bap_uri"]) == (9, "theirs", "https://orders.example.com")


def test_only_the_row_that_was_seen_is_overwritten() -> None:
    only_if_still(ROW)(replace(ROW))
    only_if_still(None)(None)
    for seen, now, theirs in [(ROW, replace(ROW, row_version=8), True), (None, ROW, True), (ROW, None, False)]:
        with pytest.raises(Conflict) as caught:
            only_if_still(seen)(now)
        assert (caught.value.theirs is now) == theirs or now is None
