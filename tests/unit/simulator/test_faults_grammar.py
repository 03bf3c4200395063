"""The language of faults: what it says, what it refuses, and that it says the same thing twice."""

from collections import Counter

import pytest

from ocm_tui.core.errors import UsageError
from ocm_tui.simulator.faults import KINDS, FaultPlan

CLIENTS = "/pf-admin-api/v1/oauth/clients"


def drawn(text: str, seed: int = 1, count: int = 4000, method: str = "GET", path: str = CLIENTS) -> list[str | None]:
    plan = FaultPlan.parse(text, seed)
    return [plan.choose(number, method, path) for number in range(1, count + 1)]


def test_nothing_asked_for_nothing_happens() -> None:
    assert set(drawn("")) == {None}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_can_be_asked_for(kind: str) -> None:
    assert set(drawn(f"{kind}=100%", count=50)) == {kind}
    assert set(drawn(f"{kind}=0%", count=50)) == {None}


def test_rates_are_met() -> None:
    found = Counter(drawn("429=3%, 500=2.5%,reset-before=10%", count=20_000))
    shares = {kind: found[kind] / 20_000 for kind in ("429", "500", "reset-before")}
    assert shares == pytest.approx({"429": 0.03, "500": 0.025, "reset-before": 0.10}, abs=0.007)


def test_the_seed_decides() -> None:
    text = "503=30%"
    assert drawn(text, 1) == drawn(text, 1)
    assert drawn(text, 1) != drawn(text, 2)
    assert drawn(text, 1) == drawn(f"{text},seed=1", 99)


@pytest.mark.parametrize(
    ("scope", "method", "path", "hit"),
    [
        ("@/oauth/clients", "GET", CLIENTS, True),
        ("@/oauth/clients", "PUT", f"{CLIENTS}/orders-api", True),
        ("@/oauth/client", "GET", CLIENTS, False),
        ("@/oauth/", "GET", CLIENTS, True),
        ("@/version", "GET", CLIENTS, False),
        ("@POST/oauth/clients", "POST", CLIENTS, True),
        ("@POST/oauth/clients", "GET", CLIENTS, False),
        ("@DELETE", "DELETE", f"{CLIENTS}/x", True),
        ("@DELETE", "GET", f"{CLIENTS}/x", False),
        ("@/as/token.oauth2", "POST", "/as/token.oauth2", True),
        ("@/pf-admin-api", "GET", CLIENTS, True),
    ],
)
def test_scopes(scope: str, method: str, path: str, hit: bool) -> None:
    assert set(drawn(f"500{scope}=100%", count=3, method=method, path=path)) == {"500" if hit else None}


def test_a_fault_may_be_limited_in_number() -> None:
    assert drawn("lost-answer=100%*2,503=0%", count=5) == ["lost-answer", "lost-answer", None, None, None]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("503", "'503'"),
        ("503=5", "'503=5'"),
        ("503=-5%", "'503=-5%'"),
        ("503=101%", "more than 100%"),
        ("teapot=5%", "unknown fault 'teapot'"),
        ("503@=5%", "cannot be read"),
        ("503@oauth=5%", "cannot be read"),
        ("503@FETCH/oauth=5%", "unknown method 'FETCH'"),
        ("503=60%,500=60%", "add up to more than 100%"),
        ("seed=x", "'seed=x'"),
        ("503=5%*", "cannot be read"),
        ("\x1b[31m=5%", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, named: str) -> None:
    with pytest.raises(UsageError, match=r".") as caught:
        FaultPlan.parse(text, 1)
    assert named in str(caught.value)
    assert "\x1b" not in str(caught.value)
