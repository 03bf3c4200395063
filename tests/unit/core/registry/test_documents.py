import json
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ocm_tui.core.errors import ConfigError, UsageError
from ocm_tui.core.registry.addresses import GIVEN_KEY
from ocm_tui.core.registry.documents import as_json, entry_from, entry_of_inventory, read_rows
from ocm_tui.core.registry.model import RegistryClient, RegistryEntry, derived_id
from ocm_tui.core.registry.sync import from_file
from ocm_tui.core.registry.values import checked_with_metadata

_ID = "6f1c8a52-7c51-4f0e-9d57-0b1f2f3f4a5b"
_SERVER = "https://sso.example.com:9999"


def test_a_document_becomes_an_entry() -> None:
    entry = entry_from(
        {
            "client_id": _ID,
            "client_code": "orders",
            "allowed_ips": ["10.1.2.3/8"],
            "rate_limit": 5,
            "status": "SUSPENDED",
        }
    )
    assert (entry.client_id, entry.client_code, entry.rate_limit, entry.status) == (UUID(_ID), "orders", 5, "SUSPENDED")
    assert entry.allowed_ips == ("10.0.0.0/8",)
    assert entry.given_ips == ("10.1.2.3/8",)


def test_a_row_that_was_shown_can_be_set_again() -> None:
    row = RegistryClient(
        client_id=UUID(_ID),
        client_code="orders",
        bap_id="buyer",
        allowed_ips=("10.0.0.0/8",),
        metadata={"team": "orders", GIVEN_KEY: ["10.1.2.3/8"]},
        has_secret=True,
        row_version=7,
    )
    entry = entry_from(json.loads(json.dumps(as_json(row))))
    assert entry.bap_id == "buyer"
    assert entry.metadata == {"team": "orders"}
    assert entry.given_ips == ("10.1.2.3/8",)
    assert entry.profile_version is None
    assert entry.secret_hash is None


def test_the_id_is_derived_from_the_server_and_the_code() -> None:
    entry = entry_of_inventory("orders", {"rate_limit": 100}, server_base_url=_SERVER)
    assert entry.client_id == derived_id(_SERVER, "orders")
    with pytest.raises(UsageError, match="client_id"):
        entry_from({"client_code": "orders"})


def test_the_hash_is_a_secret_from_the_first_moment() -> None:
    entry = entry_from({"client_id": _ID, "client_code": "orders", "api_key_hash": "$2b$12$abcdefghijkl"})
    assert "abcdefghijkl" not in repr(entry)
    assert entry.secret_hash is not None
    assert entry.secret_hash.reveal() == "$2b$12$abcdefghijkl"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rows.csv", "client_code,allowed_ips\norders,10.0.0.0/8\nshop,10.0.0.0/8 10.0.0.300\n"),
        ("rows.jsonl", '{"client_code": "orders"}\n\n{"client_code": "shop", "allowed_ips": ["10.0.0.300"]}\n'),
        ("rows.jsonl", '\n\n{"client_code": "shop", "allowed_ips": ["::1", "10.0.0.300"]}\n'),
    ],
)
def test_a_bad_network_names_file_line_and_client(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    for read in (lambda: list(read_rows(path, server_base_url=_SERVER)), lambda: from_file(path)):
        with pytest.raises(ConfigError) as caught:
            read()
        assert caught.value.line == 3
        for part in (f"{path}:3:", "registry entry of shop: allowed_ips: `10.0.0.300` is no address"):
            assert part in str(caught.value)


def test_an_entry_with_a_bad_network_among_many_is_named() -> None:
    good = RegistryEntry(client_id=UUID(_ID), client_code="orders", allowed_ips=("10.0.0.0/8",))
    bad = replace(good, client_code="shop", allowed_ips=("10.0.0.0/8", "nowhere"))
    with pytest.raises(UsageError, match="registry entry of shop: allowed_ips: `nowhere` is no address"):
        list(checked_with_metadata([good, bad]))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"rate_limt": 5}, "rate_limit"),
        ({"rate_limit": 0}, "rate_limit"),
        ({"rate_limit": True}, "rate_limit"),
        ({"rate_limit": 2**31}, "rate_limit"),
        ({"status": "GONE"}, "ACTIVE"),
        ({"allowed_ips": "10.0.0.0/8"}, "list"),
        ({"allowed_ips": ["10.0.0.300"]}, "10.0.0.300"),
        ({"client_id": "6f1c"}, "UUID"),
        ({"client_id": 5}, "UUID"),
        ({"client_code": "x" * 65}, "64"),
        ({"client_code": ""}, "client_code"),
        ({"client_code": 5}, "client_code"),
        ({"bap_id": "x" * 256}, "255"),
        ({"bap_id": "a\0b"}, "NUL"),
        ({"bap_id": "a\ud800"}, "half of a character"),
        ({"metadata": []}, "mapping"),
        ({"metadata": {"a": float("nan")}}, "JSON"),
        ({"metadata": {"a": {1, 2}}}, "JSON"),
        ({"metadata": {"a": "b\0"}}, "NUL"),
        ({"metadata": {"a\0": "b"}}, "NUL"),
        ({"client_secret_hash": ""}, "client_secret_hash"),
    ],
)
def test_a_wrong_member_is_named(changed: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        entry_from({"client_id": _ID, "client_code": "orders", **changed})
    assert says in f"{caught.value} {caught.value.hint}"


def test_a_backslash_before_u0000_is_no_nul() -> None:
    entry = entry_from({"client_id": _ID, "client_code": "orders", "metadata": {"pattern": "\\u0000"}})
    assert entry.metadata == {"pattern": "\\u0000"}


def test_rows_of_csv(tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text(
        "\ufeffclient_id,client_code,allowed_ips,rate_limit,metadata,bap_id\r\n"
        f'{_ID},orders,10.0.0.0/8; 192.0.2.7,100,"{{""team"": ""a,b""}}",\r\n'
        ',shop,,,,"two\r\nlines"\r\n'
    )
    (first, orders), (second, shop) = read_rows(path, server_base_url=_SERVER)
    assert (first, second) == (2, 4)
    assert orders.allowed_ips == ("10.0.0.0/8", "192.0.2.7/32")
    assert (orders.rate_limit, orders.metadata, orders.bap_id) == (100, {"team": "a,b"}, None)
    assert (shop.client_id, shop.rate_limit) == (derived_id(_SERVER, "shop"), 60)


def test_rows_of_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "clients.jsonl"
    ids = [str(uuid4()) for _ in range(3)]
    path.write_text("\n\n".join(json.dumps({"client_id": one, "client_code": f"c-{one[:4]}"}) for one in ids))
    assert [(line, str(entry.client_id)) for line, entry in read_rows(path)] == [(1, ids[0]), (3, ids[1]), (5, ids[2])]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.csv", "", ":1: the first line"),
        ("a.csv", "id,code\n1,2\n", ":1: the first line"),
        ("a.csv", f"client_id,client_code\n{_ID}\n", ":2: the row"),
        ("a.csv", f"client_id,client_code\n{_ID},a,b\n", ":2: the row"),
        ("a.csv", f"client_id,client_code,rate_limit\n{_ID},orders,many\n", ":2: rate_limit cannot be many"),
        ("a.csv", f'client_id,client_code\n{_ID},"orders\n', "not CSV"),
        ("a.jsonl", '{"client_code": "a"', ":1:"),
        ("a.jsonl", "[]", ":1: a line is one JSON object"),
        ("a.jsonl", "[" * 100_000, ":1: not JSON"),
        ("a.jsonl", " " * (1 << 20), ":1: the line is too long"),
        ("a.jsonl", '{"client_code": "a"}\n{"client_code": 5}', ":1: a has no client_id"),
    ],
)
def test_a_wrong_row_says_where(tmp_path: Path, name: str, text: str, says: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        list(read_rows(path))
    assert says in str(caught.value)


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        list(read_rows(tmp_path))
    (tmp_path / "a.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="UTF-8"):
        list(read_rows(tmp_path / "a.jsonl"))
