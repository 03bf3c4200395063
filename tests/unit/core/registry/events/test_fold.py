"""The fold: whatever the order, the duplicates and the cuts between batches, the same rows come out."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.registry.events.arrivals import EMPTY_PROFILE, Arrival
from ocm_tui.core.registry.events.fold import Row, fold
from ocm_tui.core.registry.model import ClientStatus
from ocm_tui.core.secret import Secret

A, B = UUID(int=1), UUID(int=2)


def profile(version: int, client: UUID = A, **told: Any) -> Arrival:
    return Arrival(
        f"{version}-0", str(uuid4()), client, version, {**EMPTY_PROFILE, "client_code": f"v{version}", **told}
    )


def status(version: int, value: ClientStatus, client: UUID = A) -> Arrival:
    return Arrival(f"{version}-0", str(uuid4()), client, version, None, value)


def key(version: int, client: UUID = A) -> Arrival:
    return Arrival(f"{version}-0", str(uuid4()), client, version, secret_hash=Secret(f"hash-{version}", search=False))


def after(rows: dict[UUID, Row], arrivals: Sequence[Arrival]) -> dict[UUID, Row]:
    """What a table makes of the changes."""
    changes, _ = fold(rows, arrivals)
    rows = dict(rows)
    for change in changes:
        before = rows.get(change.client_id, Row())
        rows[change.client_id] = Row(
            profile=before.profile if change.profile is None else change.profile,
            profile_version=change.profile_version,
            status=change.status or before.status,
            status_version=change.status_version,
            secret_version=change.secret_version,
        )
    return rows


def test_a_late_update_after_a_suspension_changes_the_profile_and_not_the_status() -> None:
    rows = after(after({}, [profile(1), status(6, "SUSPENDED")]), [profile(5)])
    assert (rows[A].profile["client_code"], rows[A].status, rows[A].profile_version) == ("v5", "SUSPENDED", 5)


def test_a_status_before_its_client_makes_a_stub() -> None:
    rows = after({}, [status(2, "SUSPENDED")])
    assert (rows[A].profile_version, rows[A].status) == (0, "SUSPENDED")
    rows = after(rows, [profile(1)])
    assert (rows[A].profile_version, rows[A].status) == (1, "SUSPENDED")


def test_revoked_is_terminal_also_when_it_comes_late() -> None:
    rows = after(after({}, [profile(1), status(6, "SUSPENDED")]), [status(5, "REVOKED")])
    assert rows[A].status == "REVOKED"
    _, outcomes = fold(rows, [status(9, "SUSPENDED")])
    assert outcomes == {"9-0": "older"}


def test_a_rotation_before_a_newer_update_counts() -> None:
    rows = after(after({}, [profile(6)]), [key(5)])
    assert (rows[A].secret_version, rows[A].profile_version) == (5, 6)


def test_each_event_has_an_outcome() -> None:
    _, outcomes = fold({A: Row(profile_version=4)}, [profile(3), profile(5), profile(6, B)])
    assert outcomes == {"3-0": "older", "5-0": "applied", "6-0": "applied"}


def test_a_row_that_stays_as_it_is_is_not_written() -> None:
    changes, _ = fold({A: Row(profile_version=4)}, [profile(3), profile(2, B)])
    assert [change.client_id for change in changes] == [B]


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["profile", "key", "SUSPENDED", "SUSPENDED", "REVOKED"]), st.sampled_from([A, B])
    ),
    max_size=14,
)  # fmt: skip


@given(EVENTS, st.data())
def test_every_order_and_every_cut_gives_the_same_rows(kinds: list[tuple[str, UUID]], data: st.DataObject) -> None:
    arrivals = [_made(kind, number, client) for number, (kind, client) in enumerate(kinds, 1)]
    expected = after({}, arrivals)
    shuffled = data.draw(st.permutations(arrivals))
    rows: dict[UUID, Row] = {}
    while shuffled:
        size = data.draw(st.integers(1, len(shuffled)))
        rows, shuffled = after(rows, shuffled[:size]), shuffled[size:]
    assert {client: _told(row) for client, row in rows.items()} == {c: _told(row) for c, row in expected.items()}


def _told(row: Row) -> tuple[Any, ...]:
    """The version of a revocation is that of the first that came: nothing compares it any more."""
    return row.profile, row.profile_version, row.status, row.secret_version


def _made(kind: str, number: int, client: UUID) -> Arrival:
    if kind == "profile":
        return profile(number, client)
    return (
        key(number, client)
        if kind == "key"
        else status(number, "REVOKED" if kind == "REVOKED" else "SUSPENDED", client)
    )
