"""Which earlier success a failure is held against."""

from dataclasses import replace

import pytest

from ocm_tui.core.exchanges.same_call import last_success, usual_durations
from tests.unit.core.exchanges.examples import exchange

FAILED = replace(
    exchange(),
    id="f", started_at=100.0, method="PUT", path="/oauth/clients/orders-api", client_id="orders-api", status=422,
)  # fmt: skip
OK = replace(FAILED, id="ok", started_at=50.0, status=200)
OTHER = replace(OK, id="other", path="/oauth/clients/billing", client_id="billing")


@pytest.mark.parametrize(
    ("newest_first", "expected"),
    [
        ([], None),
        ([OK], ("ok", "same")),
        ([OTHER, OK], ("ok", "same")),
        ([OTHER], ("other", "alike")),
        ([replace(OK, path="/oauth/clients/orders-api?bypass=true")], ("ok", "same")),
        ([replace(OK, method="GET")], None),
        ([replace(OK, status=500)], None),
        ([replace(OK, target="token")], None),
        ([replace(OK, started_at=101.0)], None),
        ([replace(OK, path="/oauth/clients/orders-api/clientAuth/clientSecret")], None),
        ([replace(OTHER, path="/oauth/clients/a%2Fb", client_id="a/b")], ("other", "alike")),
    ],
)
def test_the_last_success(newest_first: list, expected: tuple[str, str] | None) -> None:  # type: ignore[type-arg]
    found = last_success(FAILED, newest_first)
    assert (found and (found.exchange.id, found.likeness)) == expected


def test_usual_durations_are_those_of_other_successes_newest_first() -> None:
    others = [replace(OK, id=str(n), duration_ms=float(n)) for n in range(5)]
    assert usual_durations(FAILED, [*others, FAILED, replace(OK, status=500)]) == [4.0, 3.0, 2.0, 1.0, 0.0]
    assert usual_durations(others[4], others, limit=2) == [3.0, 2.0]
