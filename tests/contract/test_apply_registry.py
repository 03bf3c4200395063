"""The `registry:` block of an inventory: planned beside the server's fields, written as a part of the same step."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ocm_tui.core.errors import Conflict
from ocm_tui.core.provisioning.plan_record import from_record, to_record
from ocm_tui.core.registry.errors import DatabaseUnreachable
from ocm_tui.core.registry.model import RegistryEntry, derived_id
from tests.contract.apply_registry_support import Subject, applying_with_registry, row
from tests.contract.apply_support import public, with_secret


@pytest.fixture(name="subject")
async def _subject(tmp_path: Path) -> AsyncIterator[Subject]:
    async with applying_with_registry(tmp_path) as subject:
        yield subject


ORDERS = row(public("orders"), "bap_id: orders, rate_limit: 100, allowed_ips: [10.1.2.3/8]")


async def test_a_new_client_gets_its_row_in_the_same_run(subject: Subject) -> None:
    plan = await subject.plan(ORDERS)
    (change,) = plan.changes
    paths = {field.path: field.after for field in change.fields if field.path.startswith("registry.")}
    assert paths == {
        "registry.client_id": str(derived_id(subject.base_url, "orders")),
        "registry.bap_id": "orders",
        "registry.allowed_ips": ["10.0.0.0/8"],
        "registry.rate_limit": 100,
    }
    (result,) = (await subject.provisioning.apply(plan)).results
    assert (result.status, result.attempts) == ("succeeded", 2)
    found = await subject.row("orders")
    assert found is not None
    assert (found.client_code, found.rate_limit, found.allowed_ips) == ("orders", 100, ("10.0.0.0/8",))
    assert (await subject.provisioning.plan()).summary["unchanged"] == 1
    assert await subject.registry.store.outbox_size() == 0


async def test_a_row_alone_is_updated_without_a_write_to_the_server(subject: Subject) -> None:
    await subject.settle(ORDERS)
    client_id = derived_id(subject.base_url, "orders")
    await subject.registry.set_status(client_id, "SUSPENDED")
    plan = await subject.plan(ORDERS.replace("100", "7").replace("bap_id: orders, ", ""))
    (change,) = plan.changes
    assert [(one.path, one.before, one.after) for one in change.fields] == [("registry.rate_limit", 100, 7)]
    before = len(subject.apply.bench.simulator.requests)
    (result,) = (await subject.provisioning.apply(plan)).results
    assert result.status == "succeeded"
    assert {one.method for one in subject.apply.bench.simulator.requests[before:]} <= {"GET"}
    found = await subject.row("orders")
    assert found is not None
    assert (found.rate_limit, found.bap_id, found.status) == (7, "orders", "SUSPENDED"), "the rest stays as it was"


async def test_a_row_under_another_id_is_the_clients_own(subject: Subject) -> None:
    theirs = derived_id("https://elsewhere.example.com", "orders")
    await subject.registry.upsert(RegistryEntry(client_id=theirs, client_code="orders"))
    await subject.settle(ORDERS)
    assert await subject.row("orders") is None
    found = await subject.registry.find("orders")
    assert (found.client_id, found.rate_limit) == (theirs, 100)


async def test_an_id_in_another_case_is_the_server_s_and_no_difference_for_ever(subject: Subject) -> None:
    await subject.settle(public("orders"))
    shouted = row(public("ORDERS"), "rate_limit: 5")
    await subject.settle(shouted)
    found = await subject.registry.find("orders")
    assert found.rate_limit == 5
    assert (await subject.plan(shouted)).summary["unchanged"] == 1
    (change,) = (await subject.plan(prune=True)).steps
    assert [one.path for one in change.fields] == ["registry.status"]


async def test_what_the_database_missed_is_written_by_the_resumed_run(subject: Subject) -> None:
    """The server's part is not done again: its secret would be another one."""
    subject.store.dead = 1
    plan = await subject.plan(row(with_secret("orders"), "rate_limit: 5"))
    result = await subject.provisioning.apply(plan)
    (failed,) = result.results
    assert (failed.status, failed.exit_code, failed.server_done) == ("failed", 3, True)
    assert failed.error is not None
    assert "its registry row was not written" in failed.error
    secret = subject.apply.secret("orders")
    assert secret is not None
    before = len(subject.apply.bench.simulator.requests)
    resumed = await subject.again().resume(result.run_id)
    assert resumed.count("succeeded") == 1
    assert {one.method for one in subject.apply.bench.simulator.requests[before:]} <= {"GET"}
    assert subject.apply.secret("orders") == secret
    assert subject.apply.staged() == []
    found = await subject.row("orders")
    assert found is not None
    assert found.rate_limit == 5


async def test_a_row_that_changed_since_the_plan_is_a_conflict(subject: Subject) -> None:
    await subject.settle(ORDERS)
    plan = from_record(to_record(await subject.plan(ORDERS.replace("100", "7"))))
    found = await subject.row("orders")
    assert found is not None
    await subject.registry.upsert(
        RegistryEntry(client_id=found.client_id, client_code="orders", bap_id="orders", rate_limit=55)
    )
    with pytest.raises(Conflict, match="in the registry since the plan: orders"):
        await subject.provisioning.apply(plan, fresh=False)
    (result,) = (await subject.provisioning.apply(plan)).results
    assert (result.status, result.conflict, result.exit_code) == ("failed", True, 5)
    after = await subject.row("orders")
    assert after is not None
    assert after.rate_limit == 55


@pytest.mark.parametrize(("configured", "words"), [(False, "is not configured"), (True, "cannot be read")])
async def test_without_a_registry_the_servers_part_goes_on_with_a_warning(
    subject: Subject, configured: bool, words: str
) -> None:
    subject.unreachable = DatabaseUnreachable("no route to db.example.com")
    subject.apply.declare(ORDERS)
    provisioning = subject.again(configured=configured)
    plan = await provisioning.plan()
    (warning,) = [text for text in plan.warnings if "registry" in text]
    assert words in warning
    assert not [field for change in plan.changes for field in change.fields if field.path.startswith("registry.")]
    assert (await provisioning.apply(plan)).count("succeeded") == 1


async def test_a_plan_with_a_damaged_row_is_refused(subject: Subject) -> None:
    record = to_record(await subject.plan(ORDERS))
    assert from_record(record).changes[0].row == (await subject.provisioning.plan()).changes[0].row
    record["changes"][0]["row"]["declared"]["rate_limit"] = 0
    with pytest.raises(ValueError, match=r"registry.rate_limit"):
        from_record(record)
