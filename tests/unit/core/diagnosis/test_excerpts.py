"""Evidence is exact: what is quoted stands in the text."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.diagnosis.excerpts import LONGEST, cut, line_with, member, path_parts, value_at

TEXT = '{ "a": {"b": [1, {"c": "x\\"y"}, null]}, "e,{}": [] , "z" : true}'


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a", '"a": {"b": [1, {"c": "x\\"y"}, null]}'),
        ("a.b", '"b": [1, {"c": "x\\"y"}, null]'),
        ("a.b[0]", "1"),
        ("a.b[1].c", '"c": "x\\"y"'),
        ("a.b[2]", "null"),
        ("a.b[3]", None),
        ("a.b[0].c", None),
        ("a[0]", None),
        ("e,{}", '"e,{}": []'),
        ("e,{}[0]", None),
        ("z", '"z" : true'),
        ("y", None),
    ],
)
def test_a_member_is_found_in_the_raw_text(path: str, expected: str | None) -> None:
    assert member(TEXT, path) == expected


@pytest.mark.parametrize("text", ["", "[", '{"a"', '{"a": 1, "b', "not json", '{"x": [1, 2', "[" * 5000])
def test_text_that_breaks_off_holds_nothing(text: str) -> None:
    assert member(text, "b") is None
    assert member(text, "x[5]") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(
    document=st.dictionaries(st.from_regex(r"[A-Za-z]{1,8}", fullmatch=True), JSON, max_size=5),
    indent=st.integers(0, 3),
)
def test_every_member_is_found_as_it_was_written(document: dict[str, Any], indent: int) -> None:
    text = json.dumps(document, indent=indent or None)
    for name, value in document.items():
        found = member(text, name)
        assert found is not None
        assert found in text
        if len(text) < LONGEST:
            assert json.loads(f"{{{found}}}") == {name: value}
        for index, item in enumerate(value) if isinstance(value, list) else ():
            piece = member(text, f"{name}[{index}]")
            assert piece is not None
            if len(text) < LONGEST:
                assert json.loads(piece) == item
            assert value_at(document, f"{name}[{index}]") == item


@given(JSON, st.text(max_size=40))
def test_no_path_breaks_anything(document: Any, path: str) -> None:
    value_at(document, path)
    member(json.dumps(document), path)


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("restrictedScopes[0]", ("restrictedScopes", 0)),
        ("a.b[1][2].c", ("a", "b", 1, 2, "c")),
        ("extendedParameters.cost.centre", ("extendedParameters", "cost.centre")),
        ("extendedParameters.cost.centre.values", ("extendedParameters", "cost.centre", "values")),
        ("extendedParameters.cost.centre.values[1]", ("extendedParameters", "cost.centre", "values", 1)),
        ("", ()),
    ],
)
def test_parts_of_a_path(path: str, parts: tuple[str | int, ...]) -> None:
    assert path_parts(path) == parts


def test_a_line_with_a_word() -> None:
    text = "one\n  The Planned maintenance \nthree"
    assert line_with(text, "planned") == "The Planned maintenance"
    assert line_with(text, "four") is None
    assert line_with(text, "") is None
    long = "x" * 5000 + "needle" + "y" * 5000
    found = line_with(long, "needle")
    assert found is not None
    assert "needle" in found
    assert len(found) <= LONGEST
    assert cut(long) in long
