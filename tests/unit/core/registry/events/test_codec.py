"""Stream entries: what goes in comes out, and whatever another program writes is an event or one sentence."""

import json
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.registry.addresses import GIVEN_KEY
from ocm_tui.core.registry.events.arrivals import EMPTY_PROFILE, arrival, merged
from ocm_tui.core.registry.events.codec import Unparsable, decode, encode, identified, masked, packed, unpacked
from ocm_tui.core.registry.events.model import ClientEvent
from ocm_tui.core.secret import MASK, Secret

CLIENT = UUID("6f1c8a52-0f3b-4f4e-9d0e-2f6f6f9f0001")
EVENT = "0b0a5a3e-54b5-4a5e-8c5e-1f6f6f9f0002"


def fields(**changed: Any) -> dict[str, str]:
    payload = changed.pop("payload", {"client_code": "orders"})
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return {
        "event_id": EVENT,
        "type": "client.updated",
        "client_id": str(CLIENT),
        "version": "7",
        "payload": text,
    } | changed


def test_an_event_comes_back_as_it_was_sent() -> None:
    event = ClientEvent(
        event_id=EVENT, type="client.api_key_rotated", client_id=CLIENT, version=3, occurred_at="2026-01-02T03:04:05Z",
        payload={"bap_id": "é", "metadata": {"a": [1]}, "api_key_hash": Secret("argon2-of-it", search=False)},
    )  # fmt: skip
    again = decode("1-0", encode(event))
    assert again == event
    assert "argon2-of-it" not in repr(again)


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({}, "type is missing"),
        (fields(type=""), "type is missing"),
        (fields(client_id=""), "client_id is missing"),
        (fields(type="client.deleted"), "its type is none of client.created"),
        (fields(client_id="orders"), "client_id is not a UUID"),
        (fields(event_id="1"), "event_id is not a UUID"),
        (fields(version="0"), "version is not a whole number"),
        (fields(version="-1"), "version is not a whole number"),
        (fields(version="٧"), "version is not a whole number"),
        (fields(version=str(2**63)), "version is not a whole number"),
        (fields(version="9" * 5000), "version is not a whole number"),
        (fields(payload="{"), "payload is not JSON"),
        (fields(payload="[" * 100_000), "payload is not JSON"),
        (fields(payload='{"a": NaN}'), "payload is not JSON"),
        (fields(payload='{"a": 1e999}'), "payload is not JSON"),
        (fields(payload='{"a": "\\ud800"}'), "payload is not JSON"),
        (fields(payload="[1]"), "payload is not a JSON object"),
        (fields(payload={"bap_id": "a\0b"}), "NUL"),
        (fields(payload='{"bap_id": "%s"}' % ("x" * 2**20)), "longer than"),
        (fields(payload={"client_code": 7}), "payload.client_code is not text"),
        (fields(payload={"client_code": "x" * 65}), "payload.client_code is not text of at most 64"),
        (fields(payload={"rate_limit": 0}), "payload.rate_limit is not a whole number"),
        (fields(payload={"rate_limit": True}), "payload.rate_limit is not a whole number"),
        (fields(payload={"rate_limit": 2**31}), "payload.rate_limit is not a whole number"),
        (fields(payload={"allowed_ips": "10.0.0.0/8"}), "payload.allowed_ips is not a list"),
        (fields(payload={"allowed_ips": ["10.0.0.0/40"]}), "payload.allowed_ips: `10.0.0.0/40`"),
        (fields(payload={"metadata": []}), "payload.metadata is not a JSON object"),
        (fields(payload={"api_key_hash": 1}), "payload.api_key_hash is not text"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_sentence(entry: dict[str, str], sentence: str) -> None:
    with pytest.raises(Unparsable) as caught:
        arrival("1-0", entry)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


@given(st.dictionaries(st.sampled_from(["event_id", "type", "client_id", "version", "payload", "x"]), st.text()))
def test_nothing_else_is_raised_whatever_is_in_the_stream(entry: dict[str, str]) -> None:
    with pytest.raises(Unparsable):
        arrival("1-0", {"client_id": str(CLIENT), **entry, "type": "x" + entry.get("type", "")})
    with suppress(Unparsable):
        assert arrival("1-0", {**fields(), **entry, "type": "client.updated"}).version >= 1


@given(st.integers(0, 2**42), st.integers(0, 2**20 - 1), st.integers(0, 2**42), st.integers(0, 2**20 - 1))
def test_stream_ids_are_numbers_in_the_same_order(ms: int, seq: int, other_ms: int, other_seq: int) -> None:
    one, other = packed(f"{ms}-{seq}"), packed(f"{other_ms}-{other_seq}")
    assert (one < other) == ((ms, seq) < (other_ms, other_seq))
    assert unpacked(one) == f"{ms}-{seq}"
    assert one < 2**63


def test_without_id_and_version_the_place_in_the_stream_is_both() -> None:
    entry = fields(version="", event_id="")
    first, again, next_one = (arrival(one, entry) for one in ("5-1", "5-1", "5-2"))
    assert first == again
    assert first.event_id != next_one.event_id
    assert first.version < next_one.version


def test_an_entry_that_is_published_again_is_neither_new_nor_newer() -> None:
    entry = fields(version="", event_id="")
    again = identified("5-1", entry)
    assert (arrival("900-0", again).event_id, arrival("900-0", again).version) == (
        arrival("5-1", entry).event_id,
        arrival("5-1", entry).version,
    )
    assert identified("5-1", fields())["version"] == "7"


@pytest.mark.parametrize(
    "payload",
    [
        {"api_key_hash": "argon2-of-it"},
        '{"client_secret_hash": "argon2-of-it", broken',
        '{"api_key_hash":"argon2-of-it',
    ],
)
def test_fields_are_shown_without_hashes(payload: Any) -> None:
    shown = masked(fields(payload=payload, api_key_hash="argon2-of-it"))
    assert "argon2-of-it" not in str(shown)
    assert MASK in shown["payload"]
    assert shown["client_id"] == str(CLIENT)


@pytest.mark.parametrize(
    ("kind", "payload", "profile", "status", "has_hash"),
    [
        ("client.created", {"client_code": "a"}, {"client_code": "a"}, None, False),
        ("client.created", {}, {}, None, False),
        ("client.updated", {"status": "ACTIVE", "other": 1}, {}, None, False),
        ("client.updated", {"bap_id": None, "rate_limit": None}, {"bap_id": None, "rate_limit": 60}, None, False),
        ("client.updated", {"allowed_ips": ["10.1.2.3/8"]}, {"allowed_ips": ("10.0.0.0/8",)}, None, False),
        ("client.api_key_rotated", {"api_key_hash": "argon2"}, None, None, True),
        ("client.api_key_rotated", {"client_secret_hash": "argon2", "bap_id": "b"}, {"bap_id": "b"}, None, True),
        ("client.suspended", {"client_code": "a"}, None, "SUSPENDED", False),
        ("client.revoked", {"api_key_hash": "argon2"}, None, "REVOKED", False),
    ],
)
def test_what_an_event_asks_of_the_table(
    kind: str, payload: dict[str, Any], profile: dict[str, Any] | None, status: str | None, has_hash: bool
) -> None:
    one = arrival("1-0", fields(type=kind, payload=payload))
    assert (one.profile, one.status, one.secret_hash is not None) == (profile, status, has_hash)


def test_the_operators_texts_of_addresses_stay_in_the_metadata() -> None:
    first = merged(EMPTY_PROFILE, arrival("1-0", fields(payload={"allowed_ips": ["10.1.2.3/8"], "metadata": {"a": 1}})))
    assert first["metadata"] == {"a": 1, GIVEN_KEY: ["10.1.2.3/8"]}
    second = merged(first, arrival("1-0", fields(payload={"metadata": {"b": 2}})))
    assert second["metadata"] == {"b": 2, GIVEN_KEY: ["10.1.2.3/8"]}
    third = merged(second, arrival("1-0", fields(payload={"allowed_ips": ["192.0.2.0/24"]})))
    assert third["metadata"] == {"b": 2}
