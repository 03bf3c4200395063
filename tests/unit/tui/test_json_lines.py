"""Bodies as lines: nothing is lost, whatever was cut, and nothing that a terminal would obey comes through."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.exchanges.model import Message
from ocm_tui.tui.json_lines import body_lines, json_lines
from ocm_tui.tui.models.text_lines import LinesView

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)
DOCUMENTS = st.lists(VALUES, max_size=4) | st.dictionaries(st.text(max_size=6), VALUES, max_size=4)


def text_of(lines: Any) -> str:
    return "\n".join(one.text for one in lines)


@given(DOCUMENTS, st.sampled_from([None, 2]))
def test_what_is_shown_is_the_same_document(document: Any, indent: int | None) -> None:
    lines = json_lines(json.dumps(document, indent=indent))
    assert lines is not None
    assert json.loads(text_of(lines)) == document


@given(DOCUMENTS, st.data())
def test_a_document_without_its_end_is_shown_up_to_there(document: Any, data: st.DataObject) -> None:
    body = json.dumps(document)
    cut = body[: data.draw(st.integers(1, len(body)))]
    lines = json_lines(cut, cut=True)
    assert lines is not None
    shown = text_of(lines[:-1])
    assert "".join(shown.split()) == "".join(_readable(cut).split())
    assert "cut for the log" in lines[-1].text


def _readable(text: str) -> str:
    """As the lines show whole strings with escapes that need not be."""
    from ocm_tui.tui.json_lines import _TOKEN
    from ocm_tui.tui.json_lines import _readable as readable

    shown, position = "", 0
    while match := _TOKEN.match(text, position):
        token = match[match.lastgroup or ""]
        shown += readable(token) if match.lastgroup == "text" else token
        position = match.end()
    return shown + text[position:].strip()


@given(DOCUMENTS)
def test_each_fold_hides_up_to_its_closing_bracket(document: Any) -> None:
    lines = json_lines(json.dumps(document)) or ()
    for number, one in enumerate(lines):
        if one.hides:
            opening, closing = one.text.rstrip()[-1], lines[number + one.hides].text.strip()[0]
            assert opening + closing in ("{}", "[]")


@pytest.mark.parametrize("body", ["", "plain", "<html>", '{"a" 1 2}', "{]", '{"a": 1} more', '{"a": nope}', "[1, 2"])
def test_what_is_no_json_is_shown_as_it_is(body: str) -> None:
    assert json_lines(body) is None
    assert text_of(body_lines(Message((), body, len(body)))) == body


def test_members_are_kept_as_they_were_sent() -> None:
    """A second member of the same name, a number's digits: `json.loads` would lose them."""
    assert text_of(json_lines('{"a": 1.50, "a": 1e400}') or ()) == '{\n  "a": 1.50,\n  "a": 1e400\n}'


def test_escapes_are_read_unless_a_terminal_would_obey_them() -> None:
    assert text_of(json_lines('["\\u00e9", "\\u001b[31m", "\\u202e"]') or ()).split() == [
        "[",
        '"é",',
        '"\\u001b[31m",',
        '"\\u202e"',
        "]",
    ]


def test_a_form_is_shown_by_field() -> None:
    message = Message((("Content-Type", "application/x-www-form-urlencoded"),), "scope=a%20b&client_id=x", 23)
    assert text_of(body_lines(message)) == "scope = a b\nclient_id = x"


def test_endless_nesting_costs_neither_the_stack_nor_the_memory() -> None:
    lines = json_lines("[" * 30_000, cut=True)
    assert lines is not None
    assert sum(len(one.text) for one in lines) < 3_000_000


def test_a_large_body_folds_into_a_few_rows_and_opens_again() -> None:
    body = json.dumps({"items": [{"clientId": f"client-{n}", "grantTypes": ["A", "B"]} for n in range(900)]})
    lines = json_lines(body[: 64 * 1024], cut=True)
    assert lines is not None
    view = LinesView(lines, 60)
    all_rows = len(view.rows)
    view.fold_all()
    assert len(view.rows) < 10
    view.unfold_all()
    assert len(view.rows) == all_rows
