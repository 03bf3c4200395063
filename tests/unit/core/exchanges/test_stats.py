import pytest

from ocm_tui.core.exchanges.stats import LiveStats
from tests.unit.core.exchanges.examples import exchange


class Clock:
    def __init__(self) -> None:
        self.now = 1000.5

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stats(clock: Clock) -> LiveStats:
    return LiveStats(clock)


def test_nothing_yet(stats: LiveStats) -> None:
    assert stats.per_second() == [0] * 30
    assert stats.rate == 0
    assert stats.classes() == {}
    assert stats.percentile(50) is None


def test_full_seconds_oldest_first(stats: LiveStats, clock: Clock) -> None:
    for count in (1, 2, 0, 3):
        for _ in range(count):
            stats.add(exchange())
        clock.now += 1
    stats.add(exchange())  # the second that is not over does not count
    assert stats.per_second(6) == [0, 0, 1, 2, 0, 3]
    assert stats.rate == 6 / 5
    clock.now += 5
    assert stats.rate == 1 / 5
    clock.now += 1
    assert stats.rate == 0


def test_old_seconds_are_forgotten(stats: LiveStats, clock: Clock) -> None:
    stats.add(exchange())
    clock.now += 64  # the same slot again
    assert sum(stats.per_second(63)) == 0
    assert stats.classes() == {}
    stats.add(exchange())
    clock.now += 1
    assert stats.per_second(100)[-1] == 1
    assert len(stats.per_second(100)) == 63


def test_classes(stats: LiveStats, clock: Clock) -> None:
    for status in (200, 204, 302, 404, 422, 503):
        stats.add(exchange(status=status))
    clock.now += 10
    stats.add(exchange(error=("tcp", "refused")))
    stats.add(exchange(status=200, error=("http", "broke off")))
    assert stats.classes() == {"2xx": 2, "3xx": 1, "4xx": 2, "5xx": 1, "error": 2}
    assert stats.classes(5) == {"error": 2}
    clock.now += 55
    assert stats.classes() == {"error": 2}


@pytest.mark.parametrize(("percent", "expected"), [(0, 1), (50, 50), (95, 95), (99, 99), (100, 100)])
def test_percentiles(stats: LiveStats, percent: int, expected: float) -> None:
    for took in reversed(range(1, 101)):
        stats.add(exchange(duration_ms=float(took)))
    assert stats.percentile(percent) == expected


def test_percentiles_are_of_the_last_512(stats: LiveStats) -> None:
    for took in [9999.0] * 600 + [1.0] * 512:
        stats.add(exchange(duration_ms=took))
    assert stats.percentile(100) == 1
