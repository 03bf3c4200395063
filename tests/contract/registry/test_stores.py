"""What every store must do alike: the rows, their guards and versions, pages, and the outbox."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocm_tui.core.errors import UsageError
from ocm_tui.core.registry.entries import document_of
from ocm_tui.core.registry.errors import NOT_FOUND, NotRegistered
from ocm_tui.core.registry.model import RegistryEntry, RegistryQuery
from ocm_tui.core.registry.ports import ClientStore, OutboxEntry
from ocm_tui.core.registry.values import checked
from ocm_tui.core.secret import Secret
from tests.contract.registry.backends import Backend, entry

_SYNCED = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


async def test_every_field_comes_back(store: ClientStore) -> None:
    wanted = entry(
        "Größe ✓",
        bap_id="buyer.example.com",
        bap_uri="https://buyer.example.com/ondc",
        allowed_ips=("10.1.2.3/8", "::ffff:192.0.2.7", "::10.2.3.4", "2001:db8::/32"),
        rate_limit=2**31 - 1,
        status="SUSPENDED",
        metadata={"b": [1, None, True, {"ü": "\u2028"}], "a": 2**53, "c": 1.5},
        secret_hash=Secret("$2b$12$a-hash-that-is-shown-nowhere"),
        profile_version=2**63 - 1,
        last_synced_at=_SYNCED.astimezone(timezone(timedelta(hours=5, minutes=30))),
    )
    before = datetime.now(UTC) - timedelta(seconds=5)
    written = await store.upsert(wanted)
    client = written.client
    assert client is not None
    assert document_of(client) | {"created_at": None, "updated_at": None} == {
        "client_id": str(wanted.client_id),
        "client_code": "Größe ✓",
        "bap_id": "buyer.example.com",
        "bap_uri": "https://buyer.example.com/ondc",
        "allowed_ips": ["10.0.0.0/8", "192.0.2.7/32", "::a02:304/128", "2001:db8::/32"],
        "rate_limit": 2**31 - 1,
        "status": "SUSPENDED",
        "metadata": {"a": 2**53, "b": [1, None, True, {"ü": "\u2028"}], "c": 1.5},
        "has_secret": True,
        "profile_version": 2**63 - 1,
        "status_version": 0,
        "created_at": None,
        "updated_at": None,
        "last_synced_at": "2026-01-02T03:04:05.678901Z",
    }
    assert client.created_at is not None
    assert client.created_at > before
    assert written.before is None
    assert written.changed
    assert written.version == client.row_version > 0
    assert await store.get(wanted.client_id) == client
    assert await store.get_many([wanted.client_id, uuid4()]) == {wanted.client_id: client}
    assert await store.find("Größe ✓") == [client]
    assert (await store.page(RegistryQuery())).items == [client]


async def test_an_entry_that_says_nothing_has_the_defaults(store: ClientStore) -> None:
    client = (await store.upsert(entry())).client
    assert client is not None
    assert (client.status, client.rate_limit, client.allowed_ips, client.metadata) == ("ACTIVE", 60, (), {})
    assert (client.bap_id, client.bap_uri, client.has_secret, client.last_synced_at) == (None, None, False, None)


async def test_what_is_said_twice_changes_nothing(store: ClientStore) -> None:
    one = entry(allowed_ips=("10.1.2.3/8", "192.0.2.7"), metadata={"a": {"y": 1, "x": 2}}, secret_hash=Secret("h"))
    first = await store.upsert(one)
    other_order = replace(one, allowed_ips=("192.0.2.7/32", "10.0.0.0/8"), metadata={"a": {"x": 2, "y": 1}})
    again = await store.upsert(other_order)
    assert not again.changed
    assert again.version == first.version
    assert again.before == again.client == first.client


@pytest.mark.parametrize(
    "changed",
    [
        {"client_code": "shop"},
        {"bap_id": "b"},
        {"bap_uri": "https://b.example.com"},
        {"allowed_ips": ("10.0.0.0/8",)},
        {"rate_limit": 61},
        {"metadata": {"a": 1}},
        {"secret_hash": Secret("other")},
        {"last_synced_at": _SYNCED},
    ],
    ids=lambda changed: next(iter(changed)),
)
async def test_each_field_makes_a_newer_version(store: ClientStore, changed: dict[str, Any]) -> None:
    one = entry(secret_hash=Secret("hash"))
    first = await store.upsert(one)
    second = await store.upsert(replace(one, **changed))
    assert second.changed
    assert second.before == first.client
    assert second.version > first.version
    assert second.client is not None
    assert first.client is not None
    assert second.client.created_at == first.client.created_at


async def test_what_an_entry_leaves_out_stays(store: ClientStore) -> None:
    one = entry(secret_hash=Secret("hash"), last_synced_at=_SYNCED, profile_version=5)
    await store.upsert(one)
    client = (await store.upsert(RegistryEntry(client_id=one.client_id, client_code="other"))).client
    assert client is not None
    assert (client.has_secret, client.last_synced_at, client.profile_version) == (True, _SYNCED, 5)


@pytest.mark.parametrize(("version", "wins"), [(4, False), (5, False), (6, True), (None, True)])
async def test_an_older_profile_changes_nothing(store: ClientStore, version: int | None, *, wins: bool) -> None:
    one = entry(profile_version=5)
    await store.upsert(one)
    written = await store.upsert(replace(one, rate_limit=7, profile_version=version))
    assert written.changed is wins
    assert written.client is not None
    assert written.client.rate_limit == (7 if wins else 60)
    assert written.client.profile_version == max(5, version or 0)


async def test_an_upsert_leaves_the_status_alone(store: ClientStore) -> None:
    one = entry()
    await store.upsert(one)
    await store.set_status(one.client_id, "REVOKED")
    written = await store.upsert(replace(one, status="ACTIVE", rate_limit=7))
    assert written.client is not None
    assert (written.client.status, written.client.rate_limit) == ("REVOKED", 7)


async def test_the_status_changes_until_it_is_revoked(store: ClientStore) -> None:
    client_id = (await store.upsert(entry())).client_id
    suspended = await store.set_status(client_id, "SUSPENDED")
    assert suspended.before is not None
    assert suspended.client is not None
    assert (suspended.before.status, suspended.client.status, suspended.changed) == ("ACTIVE", "SUSPENDED", True)
    assert (await store.set_status(client_id, "ACTIVE")).version > suspended.version
    revoked = await store.set_status(client_id, "REVOKED")
    again = await store.set_status(client_id, "REVOKED")
    assert (again.changed, again.version) == (False, revoked.version)
    with pytest.raises(UsageError, match="REVOKED"):
        await store.set_status(client_id, "ACTIVE")
    with pytest.raises(UsageError, match="no status"):
        await store.set_status(client_id, "GONE")  # type: ignore[arg-type]


async def test_who_is_not_there_is_not_found(store: ClientStore) -> None:
    assert await store.get(uuid4()) is None
    assert await store.find("nobody") == []
    for attempt in (store.set_status(uuid4(), "ACTIVE"), store.delete(uuid4())):
        with pytest.raises(NotRegistered) as caught:
            await attempt
        assert caught.value.code == NOT_FOUND


async def test_deleted_and_made_anew_it_has_a_newer_version(store: ClientStore) -> None:
    one = entry(profile_version=9)
    first = await store.upsert(one)
    deleted = await store.delete(one.client_id)
    assert deleted.client is None
    assert deleted.before == first.client
    assert await store.get(one.client_id) is None
    assert await store.outbox() == [OutboxEntry(one.client_id, deleted.version)]
    anew = await store.upsert(replace(one, profile_version=1))
    assert first.version < deleted.version < anew.version


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_code": ""},
        {"client_code": "x" * 65},
        {"client_code": "a\0"},
        {"bap_id": "x" * 256},
        {"bap_uri": "a\0"},
        {"rate_limit": 0},
        {"rate_limit": 2**31},
        {"status": "GONE"},
        {"allowed_ips": ("10.0.0.0/33",)},
        {"metadata": {"a": "\0"}},
        {"metadata": {"a": float("inf")}},
        {"metadata": {"a": "half of one: \ud83d"}},
        {"metadata": {"a": object()}},
        {"profile_version": 0},
        {"profile_version": 2**63},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
async def test_what_no_registry_holds_is_refused_before_it(store: ClientStore, wrong: dict[str, Any]) -> None:
    good = entry()
    with pytest.raises(UsageError):
        await store.upsert(replace(good, **wrong))
    with pytest.raises(UsageError):
        await store.upsert_many([good, entry(**{"client_code": "b", **wrong})])
    assert (await store.counts()).total == 0


async def test_of_many_the_one_that_is_wrong_is_named(store: ClientStore) -> None:
    many = [entry(f"orders-{number}", metadata={"team": number}) for number in range(5)]
    many[3] = replace(many[3], metadata={"team": {1, 2}})
    with pytest.raises(UsageError, match="orders-3: metadata must be JSON"):
        await store.upsert_many(many)


async def test_the_longest_values_are_held(store: ClientStore) -> None:
    written = await store.upsert(entry("ü" * 64, bap_id="ü" * 255, bap_uri="x" * 100_000))
    assert written.client is not None
    assert (len(written.client.client_code), len(written.client.bap_id or "")) == (64, 255)


@pytest.mark.parametrize("change", ["rate_limit = 0", "status = 'GONE'", "metadata = '[]'", "client_id = ?"])
async def test_the_tables_own_rules_hold_for_hand_written_sql(
    backend: Backend, store: ClientStore, change: str
) -> None:
    client_id = (await store.upsert(entry())).client_id
    values = [uuid4(), client_id][-1 - change.count("?") :]
    with pytest.raises(Exception, match=r"(?i)check|constraint|changes"):
        backend.run(f"UPDATE clients SET {change} WHERE client_id = ?", *values)
    assert (await store.counts()).total == 1


async def test_many_at_once_say_what_became_of_them(store: ClientStore) -> None:
    old, same = entry("a"), entry("b", profile_version=5)
    await store.upsert_many([old, same])
    older, new = replace(same, profile_version=4, rate_limit=7), entry("c", status="SUSPENDED")
    done = await store.upsert_many([replace(old, rate_limit=7), older, new])
    assert (done.created, done.updated, done.unchanged) == (1, 1, 1)
    counts = await store.counts()
    assert (counts.active, counts.suspended, counts.revoked, counts.total, counts.exact) == (2, 1, 0, 3, True)
    assert await store.upsert_many([]) == type(done)(0, 0, 0)
    with pytest.raises(UsageError, match="twice"):
        await store.upsert_many([old, old])


async def test_two_who_write_the_same_rows_both_succeed(backend: Backend) -> None:
    first, second = backend.store(), backend.store()
    entries = [entry(f"c{number}") for number in range(200)]
    await asyncio.gather(
        first.upsert_many(entries), second.upsert_many([replace(one, rate_limit=7) for one in reversed(entries)])
    )
    assert (await first.counts()).total == 200
    assert len({client.rate_limit for client in (await second.page(RegistryQuery())).items}) == 1


async def test_pages_are_in_the_order_of_ids_and_miss_nobody(store: ClientStore) -> None:
    ids = sorted([UUID(int=0), UUID(int=2**128 - 1), *(uuid4() for _ in range(23))])
    await store.upsert_many([entry(f"c{one}", client_id=one) for one in ids[::-1]])
    seen: list[UUID] = []
    after = None
    while True:
        page = await store.page(RegistryQuery(), after=after, limit=5)
        seen += [client.client_id for client in page.items]
        if page.next is None:
            break
        after = page.next
    assert seen == ids
    assert [one async for batch in store.versions() for one, _ in batch] == ids


async def test_rows_that_come_and_go_between_pages_move_nobody(store: ClientStore) -> None:
    ids = [UUID(int=number) for number in range(10, 50, 10)]
    await store.upsert_many([entry(f"c{one}", client_id=one) for one in ids])
    first = await store.page(RegistryQuery(), limit=2)
    await store.delete(ids[0])
    await store.upsert(entry("early", client_id=UUID(int=1)))
    await store.upsert(entry("late", client_id=UUID(int=35)))
    rest = await store.page(RegistryQuery(), after=first.next, limit=10)
    assert [client.client_id.int for client in (*first.items, *rest.items)] == [10, 20, 30, 35, 40]
    assert rest.next is None


async def test_filters(store: ClientStore) -> None:
    orders = entry("orders-api", bap_id="Buyer%One", last_synced_at=_SYNCED)
    shop = entry("shop_api", bap_id="other", status="SUSPENDED", last_synced_at=_SYNCED + timedelta(days=1))
    bare = entry("SHOP[1]", bap_uri="https://shop.example.com", status="REVOKED")
    await store.upsert_many([orders, shop, bare])
    table: list[tuple[RegistryQuery, set[str]]] = [
        (RegistryQuery(), {"orders-api", "shop_api", "SHOP[1]"}),
        (RegistryQuery(words=("SHOP",)), {"shop_api", "SHOP[1]"}),
        (RegistryQuery(words=("shop", "example")), {"SHOP[1]"}),
        (RegistryQuery(words=("buyer%",)), {"orders-api"}),
        (RegistryQuery(words=("r_o",)), set()),
        (RegistryQuery(statuses=("SUSPENDED", "REVOKED")), {"shop_api", "SHOP[1]"}),
        (RegistryQuery(codes=("*api",)), {"orders-api", "shop_api"}),
        (RegistryQuery(codes=("shop?api", "orders*")), {"orders-api", "shop_api"}),
        (RegistryQuery(codes=("*_*",)), {"shop_api"}),
        (RegistryQuery(codes=("*[1]",)), {"SHOP[1]"}),
        (RegistryQuery(codes=("shop*",)), {"shop_api"}),
        (RegistryQuery(codes=("orders",)), set()),
        (RegistryQuery(baps=("*%*", "oth??")), {"orders-api", "shop_api"}),
        (RegistryQuery(ids=(orders.client_id, uuid4())), {"orders-api"}),
        (RegistryQuery(synced_before=_SYNCED), {"SHOP[1]"}),
        (RegistryQuery(synced_before=_SYNCED + timedelta(microseconds=1)), {"orders-api", "SHOP[1]"}),
        (RegistryQuery(words=("api",), statuses=("ACTIVE",), codes=("*",)), {"orders-api"}),
    ]
    for query, codes in table:
        assert {client.client_code for client in (await store.page(query)).items} == codes, query


async def test_a_hash_that_others_keep_in_the_metadata_is_not_overwritten_with_its_mask(store: ClientStore) -> None:
    one = entry("orders", metadata={"keys": [{"api_key_hash": "argon2-4711"}], "note": "***"})
    await store.upsert(one)
    row = await store.get(one.client_id)
    assert row is not None
    assert row.metadata == {"keys": [{"api_key_hash": "***"}], "note": "***"}
    shown = replace(one, metadata=row.metadata, rate_limit=7)
    with pytest.raises(UsageError, match=r"orders: metadata has .* in the place of a hash"):
        await store.upsert(shown)
    with pytest.raises(UsageError, match=r"orders: metadata has .* in the place of a hash"):
        await store.upsert_many([entry("other"), shown])
    assert (await store.counts()).total == 1
    assert await store.get(one.client_id) == row, "its version too: nothing was written"
    await store.upsert(replace(one, metadata={"note": "***"}))


@pytest.mark.parametrize(
    ("text", "words", "other"),
    [
        ("Größe-API", ["größe", "GRÖẞE", "GRÖßE", "größe-api", "Öß"], ["grosse", "GRÖSSE", "gröse"]),
        ("ΟΔΟΣ", ["οδος", "οδοσ", "ΟΔΟΣ", "Δος"], ["odos"]),
        ("заказы-Ё", ["ЗАКАЗЫ", "Заказы-ё"], ["заказы-е"]),
        ("ŞİŞLİ-ıI", ["şİş", "ŞİŞLİ", "ıi", "ıI"], ["şiş", "ii"]),
        ("ǅ-Ꙁ-𐐀", ["ǆ-ꙁ-𐐨", "Ǆ-Ꙁ-𐐀"], ["dž"]),
        ("key-\N{KELVIN SIGN}-\N{LATIN SMALL LETTER LONG S}", ["KEY-\N{KELVIN SIGN}"], ["key-k", "-s"]),
        ("ﬁ-É-e\N{COMBINING ACUTE ACCENT}", ["ﬁ-é", "E\N{COMBINING ACUTE ACCENT}"], ["fi", "é-é"]),
    ],
)
async def test_words_are_found_in_whatever_case_in_every_alphabet(
    store: ClientStore, text: str, words: list[str], other: list[str]
) -> None:
    await store.upsert_many([entry(text), entry("code-b", bap_id=text), entry("code-c", bap_uri=f"https://{text}/")])
    for word in words:
        assert len((await store.page(RegistryQuery(words=(word,)))).items) == 3, word
        assert len((await store.page(RegistryQuery(words=(word, "CODE")))).items) == 2, word
    for word in other:
        assert not (await store.page(RegistryQuery(words=(word,)))).items, word


async def test_several_rows_may_have_one_code(store: ClientStore) -> None:
    ids = sorted(uuid4() for _ in range(3))
    await store.upsert_many([entry("twin", client_id=one) for one in ids])
    assert [client.client_id for client in await store.find("twin")] == ids
    assert await store.find("TWIN") == []


async def test_the_outbox_is_asked_for_some_clients_only(store: ClientStore) -> None:
    many = [entry(f"client-{number}") for number in range(1_200)]
    await store.upsert_many(many)
    waiting = {one.client_id: one.version for one in await store.outbox(limit=2_000)}
    asked = [one.client_id for one in many[:700]]
    found = await store.outbox_of([*asked, uuid4()])
    assert {one.client_id: one.version for one in found} == {one: waiting[one] for one in asked}
    await store.confirm(found)
    assert await store.outbox_of(asked) == []
    assert await store.outbox_of([]) == []
    assert await store.outbox_size() == 500


async def test_what_the_cache_does_not_know_is_in_the_outbox(backend: Backend, store: ClientStore) -> None:
    one, two = entry("one"), entry("two")
    first = await store.upsert(one)
    second = await store.upsert(two)
    assert await store.outbox() == [
        OutboxEntry(one.client_id, first.version),
        OutboxEntry(two.client_id, second.version),
    ]
    newer = await store.set_status(one.client_id, "SUSPENDED")
    assert await store.outbox() == [
        OutboxEntry(two.client_id, second.version),
        OutboxEntry(one.client_id, newer.version),
    ]
    await store.confirm([OutboxEntry(one.client_id, first.version), OutboxEntry(two.client_id, second.version)])
    assert await store.outbox() == [OutboxEntry(one.client_id, newer.version)]
    assert await store.outbox_size() == 1
    await store.confirm([OutboxEntry(one.client_id, newer.version)])
    backend.run("UPDATE clients SET rate_limit = 7 WHERE client_id = ?", two.client_id)
    (by_hand,) = await store.outbox()
    assert by_hand.client_id == two.client_id
    assert by_hand.version > newer.version
    assert await store.outbox(0) == []


async def test_a_status_that_came_before_its_client_is_hidden(backend: Backend, store: ClientStore) -> None:
    client_id = uuid4()
    await store.counts()  # its first call makes the tables
    backend.run("INSERT INTO clients (client_id, status, status_version) VALUES (?, 'SUSPENDED', 6)", client_id)
    assert await store.get(client_id) is None
    assert await store.get_many([client_id]) == {}
    assert await store.find("") == []
    assert (await store.counts()).total == 0
    assert (await store.page(RegistryQuery())).items == []
    assert [batch async for batch in store.versions() if batch] == []
    with pytest.raises(NotRegistered):
        await store.delete(client_id)
    done = await store.upsert_many([entry(client_id=client_id, status="ACTIVE", profile_version=1)])
    assert (done.created, done.updated) == (1, 0)
    client = await store.get(client_id)
    assert client is not None
    assert (client.status, client.status_version) == ("SUSPENDED", 6)


async def test_a_row_written_by_hand_is_seen(backend: Backend, store: ClientStore) -> None:
    client_id = uuid4()
    await store.counts()  # its first call makes the tables
    backend.run("INSERT INTO clients (client_id, client_code) VALUES (?, 'by-hand')", client_id)
    client = await store.get(client_id)
    assert client is not None
    assert (client.client_code, client.status, client.rate_limit) == ("by-hand", "ACTIVE", 60)
    assert client.row_version > 0


async def test_changes_of_others_wake(backend: Backend, store: ClientStore) -> None:
    client_id = (await store.upsert(entry())).client_id
    changes = store.changes()
    waiting = asyncio.ensure_future(anext(changes))
    other = backend.store()
    while not waiting.done():  # the feed may begin after the first of them
        await other.set_status(client_id, "SUSPENDED")
        await other.set_status(client_id, "ACTIVE")
        await asyncio.wait([waiting], timeout=0.05)
    await waiting
    await changes.aclose()  # type: ignore[attr-defined]


async def test_a_cancelled_write_leaves_a_store_that_works(store: ClientStore) -> None:
    one = entry()
    for turns in range(8):
        task = asyncio.ensure_future(store.upsert(replace(one, rate_limit=100 + turns)))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    written = await store.upsert(replace(one, rate_limit=7))
    assert written.client is not None
    assert written.client.rate_limit == 7


async def test_it_may_be_closed_twice(backend: Backend) -> None:
    store = backend.store()
    await store.upsert(entry())
    await store.close()
    await store.close()
    await backend.store().close()  # one that nobody used


_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9)
_ENTRIES = st.builds(
    entry,
    _TEXTS.filter(bool),
    client_id=st.uuids(),
    bap_id=st.none() | _TEXTS,
    allowed_ips=st.lists(st.ip_addresses().map(str), max_size=3).map(tuple),
    metadata=st.dictionaries(
        _TEXTS,
        st.none()
        | st.booleans()
        | st.integers(-(2**70), 2**70)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.lists(_TEXTS, max_size=2),
        max_size=3,
    ),
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(_ENTRIES, min_size=1, max_size=40, unique_by=lambda one: one.client_id))
def test_whatever_can_be_said_comes_back(backend: Backend, entries: list[RegistryEntry]) -> None:
    async def round_trip() -> None:
        store = backend._store()
        try:
            await store.upsert_many(entries)
            found = await store.get_many([one.client_id for one in entries])
            assert (await store.upsert_many(entries)).unchanged == len(entries)
        finally:
            await store.close()
        for one in entries:
            row, said = found[one.client_id], checked(one)
            assert (row.client_code, row.bap_id, row.allowed_ips) == (said.client_code, said.bap_id, said.allowed_ips)
            assert row.metadata == one.metadata

    asyncio.run(round_trip())
