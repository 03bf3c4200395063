"""The rows of a plan: groups, filter, folds and marks; and what a run adds to them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.errors import UsageError
from ocm_tui.core.provisioning.model import Change, FieldDrift
from ocm_tui.core.provisioning.runs import StepEnded
from ocm_tui.tui.models.plan_filter import parse_plan_query
from ocm_tui.tui.models.plan_rows import PlanRows, moved_text, place_text
from ocm_tui.tui.models.run_progress import RunProgress
from tests.hostile.strings import NASTY, unsafe_in
from tests.tui.apply_support import change, result, some_plan


def shown(rows: PlanRows) -> list[str]:
    return [rows.key(position)[1:] for position in range(len(rows)) if rows.key(position)[0] == ":"]


def running() -> PlanRows:
    rows = PlanRows(some_plan())
    rows.progress = RunProgress.of_past("r", ["orders-ui", "old-importer"], [result("orders-ui", "failed", error="no")])
    return rows


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("orders", ["orders-ui", "reports-ui"]),  # the second by the reason that it is blocked
        ("ORDERS-ui", ["orders-ui"]),
        ("id:orders", ["orders-ui"]),
        ("is:create", ["returns-portal", "notifications-worker"]),
        ("-is:unchanged -is:create", ["orders-ui", "data-warehouse", "old-importer", "reports-ui"]),
        ("is:blocked", ["reports-ui"]),
        ("is:failed", ["orders-ui"]),
        ("is:unknown", ["old-importer"]),
        ("is:marked", ["data-warehouse"]),
        ("moved:server", ["orders-ui"]),
        ("moved:both", ["data-warehouse"]),
        ("field:redirect", ["orders-ui"]),
        ("redirecturis -description", []),
        ('"orders:read"', ["reports-ui"]),
        ("settled-7", ["settled-7"]),  # folded groups are searched as well
    ],
)
def test_filters(text: str, expected: list[str]) -> None:
    rows = running()
    rows.marked.add(":data-warehouse")
    rows.set_query(parse_plan_query(text))
    assert shown(rows) == expected
    assert rows.shown_changes == len(expected)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("iss:failed", "did you mean is:?"),
        ("is:faild", "failed"),
        ("moved:me", "inventory, server, both"),
        ("x:y", '"a:b"'),
    ],
)
def test_a_wrong_filter_names_what_would_be_right(text: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_plan_query(text)
    assert words in caught.value.hint


@given(st.text(max_size=40))
def test_any_filter_is_taken_or_refused(text: str) -> None:
    rows = PlanRows(some_plan())
    try:
        rows.set_query(parse_plan_query(text))
    except UsageError:
        return
    assert [rows.position(rows.key(position)) for position in range(len(rows))] == list(range(len(rows)))


def test_a_client_may_be_called_like_a_heading() -> None:
    rows = PlanRows(some_plan(change("=create", "create"), change("create", "create"), change(":", "update")))
    assert shown(rows) == ["=create", "create", ":"]
    assert rows.get("=create") is None
    assert rows.group("=create") == "create"
    heading = rows.get(":=create")
    assert heading is not None
    assert heading.client_id == "=create"


@pytest.mark.parametrize("name", NASTY)
def test_cells_are_safe(name: str) -> None:
    text = NASTY[name]
    rows = PlanRows(
        some_plan(
            change(text or "x", fields=(FieldDrift(text, text, [text], None),), reasons=(text,), place=text),
            change(f"blocked {text}", "blocked", reasons=(text,)),
        )
    )
    rows.progress = RunProgress([text or "x"])
    rows.progress.take(_ended(text))
    for position in range(len(rows)):
        for cell in rows.cells(position):
            assert set(unsafe_in(cell.text)) <= {"U+FFFD"}, (name, cell)


def _ended(text: str) -> StepEnded:
    return StepEnded(result(text or "x", "failed", error=text, hint=text, notes=(text,)))


@pytest.mark.parametrize(
    ("moved", "expected"),
    [((), ""), ((None,), ""), (("server",), "server"), (("server", "inventory"), "mixed"), (("both", "both"), "both")],
)
def test_who_moved(moved: tuple[str | None, ...], expected: str) -> None:
    fields = tuple(FieldDrift(f"f{n}", 1, 2, who) for n, who in enumerate(moved))  # type: ignore[arg-type]
    assert moved_text(change("a", fields=fields)) == expected


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("/etc/ocm/clients.yaml:31:5", "clients.yaml:31"),
        ("clients.yaml:31:5", "clients.yaml:31"),
        ("C:\\ocm\\clients.yaml:31:5", "clients.yaml:31"),
        ("clients.yaml", "clients.yaml"),
        ("", ""),
    ],
)
def test_places_are_short(place: str, expected: str) -> None:
    assert place_text(Change(client_id="a", action="create", place=place)) == expected
