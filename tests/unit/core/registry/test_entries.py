import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.registry.entries import (
    FIELDS,
    NEGATIVE,
    canonical_json,
    canonical_jsons,
    decode,
    differences,
    document_of,
    encode,
    gone,
    version_of,
)
from ocm_tui.core.registry.model import RegistryClient

_ID = UUID("6f1c8a52-7c51-4f0e-9d57-0b1f2f3f4a5b")
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=6,
)
_TIMES = st.none() | st.datetimes(timezones=st.just(UTC), min_value=datetime(1000, 1, 1))
_CLIENTS = st.builds(
    RegistryClient,
    client_id=st.uuids(),
    client_code=_TEXTS,
    bap_id=st.none() | _TEXTS,
    bap_uri=st.none() | _TEXTS,
    allowed_ips=st.lists(_TEXTS, max_size=3).map(tuple),
    rate_limit=st.integers(1, 2**31 - 1),
    status=st.sampled_from(["ACTIVE", "SUSPENDED", "REVOKED"]),
    metadata=st.dictionaries(_TEXTS, _JSON, max_size=3),
    has_secret=st.booleans(),
    profile_version=st.integers(0, 2**63 - 1),
    status_version=st.integers(0, 2**63 - 1),
    row_version=st.integers(1, 2**53),
    created_at=_TIMES,
    updated_at=_TIMES,
    last_synced_at=_TIMES,
)


@given(_CLIENTS)
def test_a_client_comes_back_as_it_went(client: RegistryClient) -> None:
    value = encode(client)
    told = decode(value)
    assert told.client == client
    assert told.version == client.row_version
    assert not differences(told.client, client)
    assert value.startswith(b'{"v":%d,' % client.row_version)
    assert encode(told.client) == value


# Texts that look like what separates two values, and such as have to be quoted.
_LOOKALIKES = st.sampled_from(["\x1e", '"\x1e"', ',"\\u001e",', "\\", '"']) | _TEXTS
_LISTED = st.lists(st.none() | _LOOKALIKES | st.lists(_LOOKALIKES, max_size=4), max_size=4)


@given(st.lists(st.dictionaries(_LOOKALIKES, _LOOKALIKES | _LISTED, max_size=3), max_size=5))
def test_many_values_are_written_as_each_of_them(values: list[dict[str, object]]) -> None:
    assert canonical_jsons(values) == [canonical_json(value) for value in values]


@given(_CLIENTS)
def test_the_same_metadata_in_another_order_is_the_same_value(client: RegistryClient) -> None:
    turned = replace(client, metadata=dict(list(client.metadata.items())[::-1]))
    assert encode(turned) == encode(client)


@given(st.binary() | st.binary().map(lambda tail: b'{"v":7,' + tail) | _JSON.map(lambda one: json.dumps(one).encode()))
def test_whatever_stands_there_is_described_and_never_raises(value: bytes) -> None:
    told = decode(value)
    assert sum([told.client is not None, told.negative, told.gone, bool(told.corrupt)]) == 1


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "begin with a version"),
        (b'{"client_id":"x"}', "begin with a version"),
        (b'{ "v":1}', "begin with a version"),
        (b'{"v":1,', "no JSON"),
        (b'{"v":1,"client_id":"\xff"}', "no JSON"),
        (b'{"v":1,"metadata":' + b"[" * 100_000, "no JSON"),
        (b'{"v":1}', "client_id"),
        (b'{"v":1,"client_id":"%s","status":"GONE"}' % str(_ID).encode(), "status"),
        (b'{"v":1,"client_id":"%s","status":["ACTIVE"]}' % str(_ID).encode(), "status"),
        (b'{"v":1,"client_id":"%s","rate_limit":"1"}' % str(_ID).encode(), "rate_limit"),
        (b'{"v":1,"client_id":"%s","allowed_ips":"10.0.0.0/8"}' % str(_ID).encode(), "allowed_ips"),
        (b'{"v":1,"client_id":"%s","metadata":[1]}' % str(_ID).encode(), "metadata"),
        (b'{"v":1,"client_id":"%s","created_at":"yesterday"}' % str(_ID).encode(), "created_at"),
    ],
)
def test_what_is_corrupt_says_why(value: bytes, reason: str) -> None:
    assert reason in decode(value).corrupt


def test_nobody_and_a_deleted_client() -> None:
    assert decode(NEGATIVE).negative
    assert decode(NEGATIVE).version == 0
    assert decode(gone(12)).gone
    assert decode(gone(12)).version == 12


def test_a_copy_says_when_it_was_made() -> None:
    made = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=timezone(timedelta(hours=1)))
    told = decode(encode(RegistryClient(client_id=_ID, row_version=1), cached_at=made))
    assert told.cached_at == made
    assert told.client == RegistryClient(client_id=_ID, row_version=1)


def test_every_field_is_in_the_copy_and_no_hash() -> None:
    names = {field.name for field in fields(RegistryClient)} - {"row_version"}
    assert set(document_of(RegistryClient(client_id=_ID))) == names == set(FIELDS)
    assert not [name for name in names if "hash" in name]


def test_differences_name_the_field_with_both_values() -> None:
    row = RegistryClient(client_id=_ID, rate_limit=100, status="REVOKED")
    found = differences(RegistryClient(client_id=_ID, rate_limit=60), row)
    assert [tuple(one) for one in found] == [("rate_limit", 60, 100), ("status", "ACTIVE", "REVOKED")]


def test_without_versions_the_time_of_the_last_change_orders() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    older, newer = (RegistryClient(client_id=_ID, updated_at=at + timedelta(microseconds=late)) for late in (0, 1))
    assert 0 < version_of(older) < version_of(newer)
    assert version_of(RegistryClient(client_id=_ID)) == 1
