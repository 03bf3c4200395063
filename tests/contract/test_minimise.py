"""Minimising against the simulator: what is found and at what price."""

import asyncio
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ocm_tui.core.diagnosis.minimise.anatomy import Anatomy
from ocm_tui.core.diagnosis.minimise.journal import PREFIX
from ocm_tui.core.diagnosis.minimise.service import findings_of
from ocm_tui.core.diagnosis.minimise.subject import Subject, subject_of
from ocm_tui.core.errors import OcmError, UsageError, Violation
from ocm_tui.simulator.wire import Answer, Request, invalid, problem
from tests.contract.minimise_support import (
    BAD,
    BAD_PAIRS,
    PAYLOAD,
    Answering,
    all_well,
    found,
    has,
    spoiled,
    trials,
)

pytestmark = pytest.mark.usefixtures("short_pauses")


@pytest.mark.parametrize("opaque", [False, True])
@pytest.mark.parametrize("field", BAD)
async def test_one_bad_field_of_forty(tmp_path: Path, field: str, opaque: bool) -> None:
    async with trials(tmp_path) as it:
        if opaque:
            it.opaque()
        result = await it.minimise(await it.refused(spoiled({field: BAD[field]})))
        assert found(result) == [{field}]
        assert result.requests == it.requests <= 14
        assert result.culprits[0].confirmed
        assert field in result.left_out
        await all_well(it, result)


@pytest.mark.parametrize("opaque", [False, True])
@pytest.mark.parametrize("pair", BAD_PAIRS, ids="+".join)
async def test_a_bad_pair(tmp_path: Path, pair: tuple[str, str], opaque: bool) -> None:
    async with trials(tmp_path) as it:
        if opaque:
            it.opaque()
        result = await it.minimise(await it.refused(spoiled(BAD_PAIRS[pair])))
        assert found(result) == [set(pair)]
        assert result.requests == it.requests <= 40
        await all_well(it, result)


def refusing(fields: set[str]) -> Callable[[Request, Answering], Answer]:
    """A server that has something against these fields together, and does not say so."""

    def change(request: Request, answer: Answering) -> Answer:
        if request.method == "POST" and all(has(json.loads(request.body), field) for field in fields):
            return Answer(422, b"")
        return answer(request)

    return change


def single_fields() -> list[str]:
    anatomy = Anatomy.of(spoiled({}))
    return [name for unit in anatomy.units for name in unit.names]


@pytest.mark.parametrize("field", single_fields())
async def test_any_field_may_be_the_bad_one(tmp_path: Path, field: str) -> None:
    async with trials(tmp_path) as it:
        it.answering(refusing({field}))
        # Which items of a list are to blame may take more.
        result = await it.minimise(Subject(document=spoiled({}), operation="create"), budget=14)
        assert found(result) == [{field}]
        assert it.requests <= 14
        assert it.left() == it.pending() == []


@pytest.mark.parametrize("seed", range(12))
async def test_any_two_may_be_the_bad_ones(tmp_path: Path, seed: int) -> None:
    pair = set(random.Random(seed).sample(single_fields(), 2))
    async with trials(tmp_path) as it:
        it.answering(refusing(pair))
        result = await it.minimise(Subject(document=spoiled({}), operation="create"))
        # One of them may need the other anyway, and then it is told so.
        assert found(result)[0] | set(result.culprits[0].needs) >= pair
        assert it.requests <= 40
        assert it.left() == it.pending() == []


async def test_several_causes_and_the_one_bad_item_of_a_list(tmp_path: Path) -> None:
    scopes = ["openid", "profile", "nope", "email"]
    bad = {"restrictedScopes": scopes, "redirectUris": ["https://a.example.com/", "no"], "logoUrl": "no"}
    async with trials(tmp_path) as it:
        result = await it.minimise(await it.refused(spoiled(bad)))
        assert {frozenset(one) for one in found(result)} == {
            frozenset({field}) for field in ("restrictedScopes", "redirectUris", "logoUrl")
        }
        assert {culprit.field_path for culprit in result.culprits} == {
            "restrictedScopes[2]", "redirectUris[1]", "logoUrl",
        }  # fmt: skip
        assert result.passing_payload is not None
        assert result.passing_payload["restrictedScopes"] == ["openid", "profile", "email"]
        assert result.passing_payload["grantTypes"] == PAYLOAD["grantTypes"]
        assert [finding.confidence for finding in findings_of(result)] == ["sure"] * 3
        await all_well(it, result)


async def test_bad_items_of_one_list_for_different_reasons(tmp_path: Path) -> None:
    """The server names one of them at a time."""

    def change(request: Request, answer: Answering) -> Answer:
        uris = json.loads(request.body).get("redirectUris", []) if request.method == "POST" else []
        for reason in ("plain", "local"):
            for place, uri in enumerate(uris):
                if reason in uri:
                    violation = Violation(f"No {reason} ones.", reason, f"redirectUris[{place}]")
                    return invalid([violation])
        return answer(request)

    uris = [
        "https://a.example.com/",
        "https://local.example.com/",
        "https://b.example.com/",
        "https://plain.example.com/",
    ]
    async with trials(tmp_path) as it:
        it.answering(change)
        result = await it.minimise(await it.refused(spoiled({"redirectUris": uris})))
        assert [culprit.field_path for culprit in result.culprits] == ["redirectUris[3]", "redirectUris[1]"]
        assert result.passing_payload is not None
        assert result.passing_payload["redirectUris"] == [uris[0], uris[2]]
        assert result.changed == ("redirectUris",)
        assert result.stopped is None
        assert it.left() == []


async def test_an_update_is_tried_as_a_creation(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        await it.bench.server.create(spoiled({}))
        exchange = await it.refused(spoiled({"logoUrl": "no"}), update="forty-fields")
        result = await it.minimise(exchange)
        assert found(result) == [{"logoUrl"}]
        assert any("as the creation of throwaway clients" in note for note in result.notes)
        assert set(it.bench.sent("PUT")) == set()
        assert it.bench.stored("forty-fields").document["logoUrl"] == PAYLOAD["logoUrl"]
        assert it.left() == []


async def test_an_update_that_fails_for_the_client_itself(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        await it.bench.server.create(spoiled({}))
        document = spoiled({})
        document["clientAuth"] = {"type": "SECRET", "encryptedSecret": "OBF:JWE:of-another-server"}
        result = await it.minimise(await it.refused(document, update="forty-fields"))
        assert not result.reproduced
        assert "does not show again" in result.notes[0]
        assert result.culprits == ()
        assert it.left() == it.pending() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "about the client id"),
        ({"extendedParameters.apiToken": {"values": ["secret-of-someone"]}}, "does not hold its value"),
    ],
)
async def test_what_no_trial_can_show(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    async with trials(tmp_path) as it:
        if not changes:
            await it.bench.server.create(spoiled({}))
        result = await it.minimise(await it.refused(spoiled(changes)))
        assert not result.reproduced
        assert said in result.notes[0]
        assert result.passing_payload is not None
        assert it.left() == []


async def test_a_document_that_was_never_sent(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        subject = Subject(document=spoiled({"logoUrl": "no"}), operation="create", client_id="forty-fields")
        assert found(await it.minimise(subject)) == [{"logoUrl"}]


async def test_a_server_that_crashes_over_a_field(tmp_path: Path) -> None:
    def change(request: Request, answer: Answering) -> Answer:
        crash = request.method == "POST" and has(json.loads(request.body), "refreshRolling")
        return problem(500, "internal_error", "NullPointerException") if crash else answer(request)

    async with trials(tmp_path) as it:
        it.answering(change)
        assert found(await it.minimise(await it.refused(spoiled({})))) == [{"refreshRolling"}]
        assert it.left() == it.pending() == []


async def test_a_cause_that_is_in_no_field(tmp_path: Path) -> None:
    def change(request: Request, answer: Answering) -> Answer:
        return Answer(422, b"") if request.method == "POST" else answer(request)

    async with trials(tmp_path) as it:
        it.answering(change)
        result = await it.minimise(await it.refused(spoiled({})))
        assert result.culprits == ()
        assert "in none of the fields" in result.notes[0]
        assert it.requests <= 14


async def test_what_cannot_be_minimised(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        with pytest.raises(OcmError):
            await it.bench.server.get("not-there")
        with pytest.raises(UsageError, match="no create or update"):
            subject_of(it.bench.log.snapshot()[-1])
        await it.bench.server.create(spoiled({}))
        with pytest.raises(UsageError, match="not refused for its payload"):
            subject_of(it.bench.log.snapshot()[-1])
        long = await it.refused(spoiled({"description": "x" * 80_000, "logoUrl": "no"}))
        with pytest.raises(UsageError, match="not kept whole"):
            subject_of(long)


async def test_two_at_once(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        exchanges = [await it.refused(spoiled({field: BAD[field]})) for field in ("logoUrl", "requireDpop")]
        results = await asyncio.gather(*(it.minimise(exchange) for exchange in exchanges))
        assert [found(result) for result in results] == [[{"logoUrl"}], [{"requireDpop"}]]
        assert it.left() == it.pending() == []


async def test_the_artifacts(tmp_path: Path) -> None:
    async with trials(tmp_path) as it:
        result = await it.minimise(await it.refused(spoiled({"logoUrl": "no"})))
        directory = result.directory
        assert directory is not None
        assert directory.stat().st_mode & 0o777 == 0o700
        names = [f"trial-{number:03}.json" for number in range(1, len(result.trials) + 1)]
        assert sorted(path.name for path in directory.iterdir()) == sorted(
            [*names, "minimal.json", "passing.json", "result.json"]
        )
        first = json.loads((directory / names[0]).read_text())
        assert first["verdict"] == "fails"
        assert first["payload"]["clientAuth"]["secret"] == "***"
        assert first["payload"]["clientId"].startswith(PREFIX)
        assert json.loads((directory / "minimal.json").read_text())["logoUrl"] == "no"
        ids = {
            exchange.run_id
            for exchange in it.bench.log.snapshot()
            if exchange.client_id in {trial.client_id for trial in result.trials}
        }
        assert ids == {result.run_id}
