import pytest

from ocm_tui.core.registry.breaker import Breaker


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def _opened(clock: _Clock) -> Breaker:
    breaker = Breaker(clock=clock, chance=lambda: 0.5)
    for _ in range(5):
        breaker.failed()
    return breaker


def test_five_failures_within_ten_seconds_open_it() -> None:
    clock = _Clock()
    breaker = Breaker(clock=clock, chance=lambda: 0.5)
    for clock.now in (0.0, 3.0, 6.0, 9.0):
        breaker.failed()
    assert breaker.is_closed
    clock.now = 10.0
    breaker.failed()
    assert (breaker.state, breaker.since) == ("open", 10.0)


def test_failures_far_apart_do_not() -> None:
    clock = _Clock()
    breaker = Breaker(clock=clock)
    for number in range(50):
        clock.now = number * 2.6
        breaker.failed()
    assert breaker.is_closed


@pytest.mark.parametrize(("chance", "factor"), [(0.0, 0.8), (0.5, 1.0), (1.0, 1.2)])
def test_each_pause_is_twice_the_former_up_to_half_a_minute(chance: float, factor: float) -> None:
    clock = _Clock()
    breaker = Breaker(clock=clock, chance=lambda: chance)
    for pause in (2, 4, 8, 16, 30, 30):
        breaker.open()
        opened, due = clock.now, list[bool]()
        for late in (-0.01, 0.01):
            clock.now = opened + pause * factor + late
            due.append(breaker.is_probe_due)
        assert due == [False, True]
        breaker.begin_probe()
        assert breaker.state == "half-open"


def test_closed_again_it_begins_anew() -> None:
    clock = _Clock()
    breaker = _opened(clock)
    clock.now = 100.0
    breaker.begin_probe()
    breaker.close()
    for _ in range(4):
        breaker.failed()
    assert breaker.is_closed
    breaker.failed()
    clock.now = 102.1
    assert breaker.is_probe_due
