"""A document as text to edit: what comes back unchanged is unchanged, and every complaint names its line."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocm_tui.core.clients.difference import same
from ocm_tui.core.clients.document_text import body_of, edited_document, is_empty, problem_text, text_to_edit, yaml_text
from ocm_tui.core.clients.merge import merged
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import ConfigError
from ocm_tui.core.secret import Secret

ABOUT = ["orders-api in dev", "Save and leave."]
PATH = Path("orders-api.yaml")
STORED = ClientDocument(
    {
        "clientId": "orders-api",
        "name": "Orders",
        "redirectUris": ["https://orders.example.com/callback"],
        "clientAuth": {"type": "SECRET", "encryptedSecret": "OBF:AES:planted-secret"},
    }
)


def back(body: str) -> ClientDocument:
    return edited_document(body, ABOUT, PATH, "orders-api")


def test_no_secret_is_in_the_text_and_its_mask_keeps_it() -> None:
    text = text_to_edit(yaml_text(STORED), ABOUT)
    assert "planted-secret" not in text
    edited = merged(STORED, back(body_of(text)), STORED)
    assert edited == STORED


@settings(max_examples=60)
@given(st.text(max_size=40), st.lists(st.text(max_size=20), max_size=3))
def test_what_was_not_touched_comes_back_as_it_was(name: str, scopes: list[str]) -> None:
    document = ClientDocument({**STORED, "name": name, "restrictedScopes": scopes})
    edited = merged(document, back(body_of(text_to_edit(yaml_text(document), ABOUT))), document)
    assert same(document, edited)


def test_a_typed_secret_is_a_secret_at_once() -> None:
    document = back("clientAuth: {type: SECRET, secret: planted-by-hand}")
    assert isinstance(document["clientAuth"]["secret"], Secret)
    assert "planted-by-hand" not in repr(document)


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("clientId: orders-api\nname: [a\nenabled: true\n", None, "not closed"),
        ("clientId: other\n", "clientId: other", "never changes"),
        ("- a list\n", "- a list", "a mapping of fields"),
        ("clientId: orders-api\nname: a\nname: b\n", "name: b", "name"),
        ("\tname: a\n", "\tname: a", ""),
    ],
)
def test_a_complaint_names_the_line_of_the_text_that_shows_it(body: str, line: str | None, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        back(body)
    again = text_to_edit(body, ABOUT, caught.value)
    assert words in problem_text(caught.value)
    assert f"! {problem_text(caught.value)}" in again
    if line is not None:
        assert caught.value.line is not None
        assert again.split("\n")[caught.value.line - 1] == line
    assert body_of(again) == body.lstrip("\n"), "the header is replaced, not added to"


@pytest.mark.parametrize(("text", "empty"), [("", True), ("# a\n\n  \n# b\n", True), ("# a\nname: b\n", False)])
def test_empty_is_nothing_but_comments(text: str, empty: bool) -> None:
    assert is_empty(text) is empty
