"""The registry's campaigns with few rounds; their commands take as many as wanted."""

from tests.campaigns import consumer_chaos


async def test_killed_consumers_leave_every_row_right_and_every_event_once() -> None:
    """Takes seconds: two servers, and five processes of which two are killed."""
    tally = await consumer_chaos.campaign(consumer_chaos.Plan(events=1200, consumers=2, kills=2, batch=50))
    assert tally.problems == []
    assert (tally.kills, tally.effects, tally.exits) == (2, 1200, {0: 2})
    assert tally.published > 1200
    assert tally.copies > 50
    assert tally.naive_wrong > 50  # the same stream does harm to who writes what arrives
    assert "PROBLEM" not in tally.table()
