import json
import re

import pytest

from ocm_tui.core.provisioning.runs import RunSummary
from ocm_tui.core.secret import Secret
from ocm_tui.headless.formats.apply import (
    apply_document,
    apply_text,
    runs_document,
    runs_text,
    step_lines,
)
from tests.unit.headless.plans import result_of, result_of_everything, step

ANSI = re.compile("\x1b\\[[0-9;]*m")
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")

RUN = RunSummary(
    run_id="20260131-120431-4c1f",
    environment="dev",
    base_url="https://pf-admin.example.com/pf-admin-api/v1",
    started_at="2026-01-31T12:04:31.377Z",
    ended_at=None,
    status="abandoned",
    total=5,
    succeeded=1,
    failed=2,
    skipped=1,
    unknown=1,
)


def test_the_document_has_the_members_of_the_contract() -> None:
    document = json.loads(apply_document(result_of_everything()))
    assert next(iter(document)) == "schema"
    assert (document["schema"], document["run_id"]) == ("ocm-tui/apply/v1", "20260131-120431-4c1f")
    assert document["summary"] == {"succeeded": 1, "failed": 2, "skipped": 1, "unknown": 1}
    first = document["results"][0]
    assert {name: first[name] for name in ("client_id", "action", "status", "attempts", "exchange_ids", "error")} == {
        "client_id": "new-api",
        "action": "create",
        "status": "succeeded",
        "attempts": 1,
        "exchange_ids": ["x-7", "x-9"],
        "error": None,
    }


def test_only_an_allowed_secret_is_printed() -> None:
    result = result_of(step("a", "succeeded"), step("b", "failed"))
    other = Secret("planted-other-secret-4e1f")
    noisy = result_of(*result.results, step(f"says-{other.reveal()}", "failed"))
    document = json.loads(apply_document(noisy, secrets={"a": Secret("printed-on-purpose-77")}))
    assert document["results"][0]["secret"] == "printed-on-purpose-77"
    assert "secret" not in document["results"][1]
    assert other.reveal() not in json.dumps(document)
    assert other.reveal() not in apply_text(noisy)


def test_the_text_is_a_table_and_the_counts() -> None:
    lines = apply_text(result_of_everything()).splitlines()
    assert lines[0].split() == ["Status", "Client", "Action", "Attempts", "Error"]
    assert re.fullmatch("● succeeded +new-api +create +1", lines[1])
    assert len(lines) == 1 + 5 + 2
    assert lines[-1] == ("dev: 1 succeeded, 2 failed, 1 skipped, 1 unknown in 1.23 s, run 20260131-120431-4c1f")
    assert apply_text(result_of()).splitlines() == [lines[-1].replace("1 succ", "0 succ")
        .replace("2 failed, 1 skipped, 1 unknown", "0 failed, 0 skipped, 0 unknown")]  # fmt: skip


@pytest.mark.parametrize("color", [False, True])
def test_nothing_hostile_gets_through(color: bool) -> None:
    lines = [line for one in result_of_everything().results for line in step_lines(one, color=color)]
    shown = "\n".join([*lines, apply_text(result_of_everything(), color=color)])
    assert not CONTROL.search(ANSI.sub("", shown))
    assert bool(ANSI.search(shown)) is color


def test_a_step_in_words() -> None:
    created, failed, *_, unknown = result_of_everything().results
    assert step_lines(created) == ["● new-api  created", "    the secret is in file:secrets/new-api"]
    assert step_lines(failed)[0].startswith("■ evil-[/x] ")
    assert step_lines(failed)[-1] == "    hint: mend the field"
    assert step_lines(unknown) == ["▲ who-knows  create unknown: it unknown"]


def test_runs() -> None:
    (item,) = json.loads(runs_document([RUN]))["items"]
    assert (item["run_id"], item["status"], item["total"]) == (RUN.run_id, "abandoned", 5)
    assert item["summary"] == {"succeeded": 1, "failed": 2, "skipped": 1, "unknown": 1}
    heading, line = runs_text([RUN]).splitlines()
    assert heading.split()[:4] == ["Status", "Run", "Environment", "Started"]
    assert line.split() == ["abandoned", RUN.run_id, "dev", RUN.started_at, "5", "1", "2", "1", "1"]
