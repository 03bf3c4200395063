"""A clone: everything that is not one client's own, and nothing that is secret."""

import json

from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.clients.clone import clone_of
from ocm_tui.core.clients.documents import READ_ONLY, displayable
from ocm_tui.core.clients.fields import FIELDS, with_value

_PRIVATE = json.dumps({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB", "d": "the-private-part"}]})
_PUBLIC = json.dumps({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]})
STORED = {
    "clientId": "orders-api",
    "name": "Orders",
    "enabled": False,
    "description": "kept",
    "modificationDate": "2025-01-01T00:00:00Z",
    "creationDate": "2024-01-01T00:00:00Z",
    "clientSecretChangedTime": "2024-01-01T00:00:00Z",
    "clientAuth": {
        "type": "SECRET",
        "encryptedSecret": "OBF:AES:the-secret",
        "secondarySecrets": [{"secret": "the-former-secret", "expiryTime": "2026-01-01T00:00:00Z"}],
    },
    "extendedParameters": {"owner": {"values": ["orders@example.com"]}, "api_password": {"values": ["the-password"]}},
    "somethingNew": {"deep": [1, 2]},
}


def test_identity_secrets_and_dates_are_left_out() -> None:
    clone = clone_of(STORED)
    assert clone == {
        "enabled": False,
        "description": "kept",
        "clientAuth": {"type": "SECRET"},
        "extendedParameters": {"owner": {"values": ["orders@example.com"]}},
        "somethingNew": {"deep": [1, 2]},
    }


def test_private_keys_go_and_public_ones_stay() -> None:
    settings = {"jwksUrl": None, "jwks": _PRIVATE}
    assert clone_of({"clientId": "a", "jwksSettings": settings}) == {"jwksSettings": {"jwksUrl": None}}
    assert clone_of({"clientId": "a", "jwksSettings": {"jwks": _PUBLIC}}) == {"jwksSettings": {"jwks": _PUBLIC}}


_VALUES = st.one_of(st.none(), st.booleans(), st.text(max_size=8), st.lists(st.text(max_size=4), max_size=3))


@given(st.dictionaries(st.sampled_from([spec.path for spec in FIELDS]), _VALUES, max_size=12))
def test_whatever_the_document_nothing_masked_is_in_the_clone(fields: dict[str, object]) -> None:
    document: dict[str, object] = {}
    for path, value in fields.items():
        document = with_value(document, path, value)
    clone = clone_of(document)
    assert displayable(clone) == clone
    assert not clone.keys() & (READ_ONLY | {"clientId", "name"})
