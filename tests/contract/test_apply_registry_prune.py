"""The registry's rows of clients that `--prune` deletes: shown in the plan, and revoked after the server's part."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ocm_tui.core.clients.fields import with_value
from ocm_tui.core.errors import Conflict
from ocm_tui.core.provisioning.model import Plan
from ocm_tui.core.provisioning.plan_record import from_record, to_record
from ocm_tui.core.registry.entries import decode
from ocm_tui.core.registry.errors import DatabaseUnreachable
from ocm_tui.core.registry.model import RegistryEntry, derived_id
from ocm_tui.headless.formats.plan import plan_document, plan_text
from tests.contract.apply_registry_support import Subject, applying_with_registry, row
from tests.contract.apply_support import public

ORDERS = row(public("orders"), "rate_limit: 100")
OTHER = public("other")


@pytest.fixture(name="subject")
async def _subject(tmp_path: Path) -> AsyncIterator[Subject]:
    async with applying_with_registry(tmp_path) as subject:
        yield subject


async def _undeclared(subject: Subject) -> Plan:
    """`orders` was applied with its row, and is declared no longer."""
    await subject.settle(ORDERS, OTHER)
    return await subject.plan(OTHER, prune=True)


def _deletion(plan: Plan) -> list[tuple[str, object, object]]:
    (change,) = [one for one in plan.changes if one.action == "delete"]
    return [(one.path, one.before, one.after) for one in change.fields]


async def _cached_status(subject: Subject, client_id: UUID) -> str | None:
    value = await subject.registry.cache.get(client_id)
    client = decode(value).client if value is not None else None
    return client.status if client is not None else None


async def test_a_pruned_client_s_row_is_shown_and_then_revoked_in_table_and_cache(subject: Subject) -> None:
    plan = await _undeclared(subject)
    assert _deletion(plan) == [("registry.status", "ACTIVE", "REVOKED")]
    (shown,) = [one for one in json.loads(plan_document(plan))["changes"] if one["action"] == "delete"]
    assert shown["fields"] == [{"path": "registry.status", "before": "ACTIVE", "after": "REVOKED", "moved": None}]
    assert "registry.status" in plan_text(plan)
    client_id = derived_id(subject.base_url, "orders")
    assert (await subject.registry.get(client_id)).client.status == "ACTIVE"
    (result,) = (await subject.provisioning.apply(plan)).results
    assert (result.status, result.attempts, result.notes) == ("succeeded", 2, ("its registry row is REVOKED",))
    assert subject.apply.stored("orders") is None
    found = await subject.row("orders")
    assert found is not None
    assert (found.status, found.rate_limit) == ("REVOKED", 100)
    assert await _cached_status(subject, client_id) == "REVOKED"
    assert await subject.registry.propagated(client_id)


async def test_a_row_that_somebody_else_made_is_revoked_by_its_client_code(subject: Subject) -> None:
    await subject.settle(public("orders"), OTHER)
    theirs = uuid4()
    await subject.registry.upsert(RegistryEntry(client_id=theirs, client_code="orders", status="SUSPENDED"))
    await subject.registry.upsert(RegistryEntry(client_id=uuid4(), client_code="ORDERS"))
    plan = await subject.plan(OTHER, prune=True)
    assert _deletion(plan) == [("registry.status", "SUSPENDED", "REVOKED")]
    assert (await subject.provisioning.apply(plan)).count("succeeded") == 1
    assert (await subject.registry.find("orders")).status == "REVOKED"
    assert (await subject.registry.find("ORDERS")).status == "ACTIVE"


@pytest.mark.parametrize("revoked_before", [True, False])
async def test_without_a_row_in_force_the_plan_has_nothing_to_say_of_it(
    subject: Subject, *, revoked_before: bool
) -> None:
    await subject.settle(ORDERS if revoked_before else public("orders"), OTHER)
    if revoked_before:
        await subject.registry.set_status(derived_id(subject.base_url, "orders"), "REVOKED")
    plan = await subject.plan(OTHER, prune=True)
    assert _deletion(plan) == []
    (result,) = (await subject.provisioning.apply(plan)).results
    assert (result.status, result.attempts, result.notes) == ("succeeded", 1, ())


async def test_of_several_rows_with_one_code_none_is_guessed(subject: Subject) -> None:
    await subject.settle(public("orders"), OTHER)
    ids = [uuid4(), uuid4()]
    await subject.registry.upsert_many([RegistryEntry(client_id=one, client_code="orders") for one in ids])
    plan = await subject.plan(OTHER, prune=True)
    (change,) = plan.steps
    assert (change.row, change.fields) == (None, ())
    assert all(str(one) in change.reasons[0] for one in ids)
    assert (await subject.provisioning.apply(plan)).count("succeeded") == 1
    assert {row.status for row in await subject.registry.store.find("orders")} == {"ACTIVE"}


async def test_what_the_database_missed_is_revoked_by_the_resumed_run(subject: Subject) -> None:
    plan = await _undeclared(subject)
    subject.store.dead = 1
    run = await subject.provisioning.apply(plan)
    (failed,) = run.results
    assert (failed.status, failed.exit_code, failed.server_done) == ("failed", 3, True)
    assert failed.error is not None
    assert failed.error.startswith("the server has it no more, its registry row was not revoked: the database")
    assert subject.apply.stored("orders") is None
    resumed = await subject.again().resume(run.run_id)
    assert resumed.count("succeeded") == 1
    found = await subject.row("orders")
    assert found is not None
    assert found.status == "REVOKED"


async def test_a_client_that_the_server_keeps_keeps_its_row(subject: Subject) -> None:
    """Somebody changed it between the plan and its deletion."""
    plan = await _undeclared(subject)
    server = subject.apply.bench.server
    await server.replace("orders", with_value(await server.get("orders"), "description", "still needed"))
    (result,) = (await subject.provisioning.apply(plan)).results
    assert (result.status, result.conflict) == ("failed", True)
    found = await subject.row("orders")
    assert found is not None
    assert found.status == "ACTIVE"


async def test_a_saved_plan_revokes_the_row_that_it_saw_or_says_that_it_changed(subject: Subject) -> None:
    plan = from_record(to_record(await _undeclared(subject)))
    assert plan.steps[0].row is not None
    client_id = derived_id(subject.base_url, "orders")
    await subject.registry.upsert(RegistryEntry(client_id=client_id, client_code="orders", rate_limit=7))
    with pytest.raises(Conflict, match="in the registry since the plan: orders"):
        await subject.provisioning.apply(plan, fresh=False)
    assert subject.apply.stored("orders") is not None
    assert (await subject.provisioning.apply(plan)).count("succeeded") == 1, "its profile is no reason to keep it"
    assert (await subject.registry.find("orders")).status == "REVOKED"


@pytest.mark.parametrize(("by_now", "note"), [("sales", "is that of sales by now"), (None, "was gone already")])
async def test_a_row_that_is_not_the_client_s_any_more_is_left_alone(
    subject: Subject, by_now: str | None, note: str
) -> None:
    plan = await _undeclared(subject)
    client_id = derived_id(subject.base_url, "orders")
    if by_now is None:
        await subject.registry.delete(client_id)
    else:
        await subject.registry.upsert(RegistryEntry(client_id=client_id, client_code=by_now))
    (result,) = (await subject.provisioning.apply(plan)).results
    assert result.status == "succeeded"
    assert note in result.notes[0]
    found = await subject.registry.store.get(client_id)
    assert found is None or found.status == "ACTIVE"


async def test_a_registry_that_cannot_be_read_is_a_warning(subject: Subject) -> None:
    await subject.settle(public("orders"), OTHER)
    subject.unreachable = DatabaseUnreachable("no route to db.example.com")
    plan = await subject.plan(OTHER, prune=True)
    (warning,) = [text for text in plan.warnings if "registry" in text]
    assert "so no row is revoked" in warning
    assert (await subject.provisioning.apply(plan)).count("succeeded") == 1


async def test_a_registry_that_is_only_read_is_a_warning(subject: Subject) -> None:
    await subject.settle(ORDERS, OTHER)
    subject.store.read_only = True
    plan = await subject.plan(OTHER, prune=True)
    assert [text for text in plan.warnings if "cannot be written to from here" in text and "orders" in text]
    assert _deletion(plan) == []
    assert (await subject.provisioning.apply(plan)).count("succeeded") == 1


async def test_a_client_that_comes_back_is_told_that_its_row_stays_revoked(subject: Subject) -> None:
    assert (await subject.provisioning.apply(await _undeclared(subject))).count("succeeded") == 1
    plan = await subject.plan(ORDERS, OTHER)
    (change,) = plan.steps
    assert change.action == "create"
    assert "its registry row is REVOKED, and stays so" in change.reasons[0]
    again = row(public("orders"), f"client_id: {uuid4()}")
    (change,) = (await subject.plan(again, OTHER)).steps
    assert change.reasons == ()
