from typing import Any

import pytest

from ocm_tui.core.clients.documents import displayable
from ocm_tui.core.clients.fields import with_value
from ocm_tui.core.clients.merge import merged
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.secret import Secret

ORIGINAL = {
    "clientId": "a",
    "name": "A",
    "description": "text",
    "grantTypes": ["CLIENT_CREDENTIALS"],
    "modificationDate": "1",
    "clientAuth": {"type": "SECRET", "encryptedSecret": "OBF:1", "secondarySecrets": [], "newer": 1},
    "oidcPolicy": {"logoutUris": ["x"], "policyGroup": {"id": "p", "location": "l"}, "newer": {"deep": 1}},
    "extendedParameters": {"team": {"values": ["blue"]}, "tier": {"values": ["1"]}},
    "clientAuthentication": {"clientSecret": {"enabled": True}, "encryptedSecret": "OBF:1"},
    "jwksSettings": {"jwks": '{"keys": [{"kty": "oct", "k": "private"}]}'},
    "future": {"a": 1, "b": 2},
}
# The server encrypts anew for every reading.
CURRENT = {
    **ORIGINAL,
    "modificationDate": "1",
    "clientAuth": {"type": "SECRET", "encryptedSecret": "OBF:2", "secondarySecrets": [], "newer": 1},
    "clientAuthentication": {"clientSecret": {"enabled": True}, "encryptedSecret": "OBF:2"},
}


def merge(edited: dict[str, Any]) -> ClientDocument:
    return merged(ORIGINAL, edited, CURRENT)


def test_without_an_edit_the_current_document_stays() -> None:
    assert merge(ORIGINAL) == CURRENT


def test_what_was_printed_and_came_back_changes_nothing() -> None:
    assert merge(displayable(ORIGINAL)) == CURRENT


def test_one_edited_field() -> None:
    assert merge(with_value(ORIGINAL, "oidcPolicy.policyGroup.id", "q")) == {
        **CURRENT,
        "oidcPolicy": {**ORIGINAL["oidcPolicy"], "policyGroup": {"id": "q", "location": "l"}},  # type: ignore[dict-item]
    }


def test_an_absent_known_field_is_removed_and_an_unknown_one_stays() -> None:
    document = merge({"clientId": "a", "name": "B", "clientAuth": {"type": "SECRET"}})
    assert document == {
        "clientId": "a",
        "name": "B",
        "clientAuth": {"type": "SECRET", "encryptedSecret": "OBF:2", "secondarySecrets": [], "newer": 1},
        "oidcPolicy": {"policyGroup": {"location": "l"}, "newer": {"deep": 1}},
        "clientAuthentication": CURRENT["clientAuthentication"],
        "future": {"a": 1, "b": 2},
    }


def test_a_nulled_unknown_member_is_removed() -> None:
    assert "future" not in merge(with_value(ORIGINAL, "future", None))
    assert merge(with_value(ORIGINAL, "future.a", None))["future"] == {"b": 2}
    assert "clientAuthentication" not in merge(with_value(ORIGINAL, "clientAuthentication", None))


def test_names_inside_a_mapping_can_go() -> None:
    document = merge(with_value(ORIGINAL, "extendedParameters.team", None))
    assert document["extendedParameters"] == {"tier": {"values": ["1"]}}


def test_a_new_secret_replaces_nothing_else() -> None:
    document = merge(with_value(ORIGINAL, "clientAuth.secret", Secret("new-secret-value")))
    assert document["clientAuth"]["secret"] == Secret("new-secret-value")
    assert document["clientAuth"]["newer"] == 1


def test_a_secret_that_was_given_encrypted_is_taken() -> None:
    document = merge(with_value(ORIGINAL, "clientAuth.encryptedSecret", "OBF:other"))
    assert document["clientAuth"]["encryptedSecret"] == "OBF:other"


@pytest.mark.parametrize("auth", [None, {"type": "NONE"}])
def test_the_secret_goes_with_the_method(auth: dict[str, Any] | None) -> None:
    edited = {**ORIGINAL, "clientAuth": auth}
    document = merge(edited)
    assert "encryptedSecret" not in (document.get("clientAuth") or {})
    changed = merge(with_value(ORIGINAL, "clientAuth.type", "CERTIFICATE"))
    assert changed["clientAuth"] == {"type": "CERTIFICATE", "newer": 1}


def test_the_secret_stays_between_the_two_methods_that_have_one() -> None:
    document = merge(with_value(ORIGINAL, "clientAuth.type", "CLIENT_SECRET_JWT"))
    assert document["clientAuth"]["encryptedSecret"] == "OBF:2"


def test_nobodys_document_is_changed() -> None:
    before = repr((ORIGINAL, CURRENT))
    merge(with_value(ORIGINAL, "clientAuth.type", "CERTIFICATE"))
    assert repr((ORIGINAL, CURRENT)) == before
