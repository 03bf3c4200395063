from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from ocm_tui.core.errors import UsageError
from ocm_tui.core.registry.model import RegistryQuery
from ocm_tui.core.registry.query import parse

_NOW = datetime(2026, 1, 10, tzinfo=UTC)
_ID = UUID("6f1c8a52-7c51-4f0e-9d57-0b1f2f3f4a5b")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", RegistryQuery()),
        ("orders shop", RegistryQuery(words=("orders", "shop"))),
        ('"status:x"', RegistryQuery(words=("status:x",))),
        ("status:suspended,REVOKED", RegistryQuery(statuses=("SUSPENDED", "REVOKED"))),
        ("status:active status:revoked", RegistryQuery(statuses=("ACTIVE", "REVOKED"))),
        ("code:orders", RegistryQuery(codes=("*orders*",))),
        ("CODE:ord*s,shop-?", RegistryQuery(codes=("ord*s", "shop-?"))),
        ('bap:"a b"', RegistryQuery(baps=("*a b*",))),
        (f"id:{_ID}", RegistryQuery(ids=(_ID,))),
        ("synced:>1h", RegistryQuery(synced_before=_NOW - timedelta(hours=1))),
        ("synced:7d", RegistryQuery(synced_before=_NOW - timedelta(days=7))),
        ("synced:never", RegistryQuery(synced_before=datetime(1970, 1, 1, tzinfo=UTC))),
        ("synced:>999999d", RegistryQuery(synced_before=datetime(1970, 1, 1, tzinfo=UTC))),
    ],
)
def test_terms(text: str, query: RegistryQuery) -> None:
    assert parse(text, now=_NOW) == query


@pytest.mark.parametrize(
    ("text", "column", "hint"),
    [
        ("shop stat:active", 6, "status:"),
        ("colour:red", 1, "status:, code:, bap:, id:, synced:"),
        ("status:gone", 1, "status:suspended"),
        ("x id:6f1c", 3, "code:"),
        ("synced:soon", 1, "synced:>1h"),
    ],
)
def test_a_wrong_term_is_pointed_at(text: str, column: int, hint: str) -> None:
    with pytest.raises(UsageError, match=f"column {column}:") as caught:
        parse(text)
    assert hint in caught.value.hint
