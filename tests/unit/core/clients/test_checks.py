from typing import Any

import pytest

from ocm_tui.core.clients.checks import refuse_malformed
from ocm_tui.core.clients.documents import displayable, new_document
from ocm_tui.core.clients.ids import checked_client_id
from ocm_tui.core.errors import UsageError
from ocm_tui.core.secret import Secret

GOOD = new_document("a", secret=Secret("a-good-secret"))


@pytest.mark.parametrize(
    ("change", "title", "hint"),
    [
        ({"clientId": None}, "clientId is missing", ""),
        ({"clientId": 5}, "clientId is not a text", ""),
        ({"clientId": " "}, "client id is empty", ""),
        ({"clientId": "\ud800"}, "not valid text", ""),
        ({"name": ""}, "name is missing", ""),
        ({"grantTypes": []}, "grantTypes is missing", ""),
        ({"grantTypes": "CLIENT_CREDENTIALS"}, "grantTypes is a list of texts", ""),
        ({"grantTypes": ["client_credentials"]}, "grantTypes cannot be", "did you mean CLIENT_CREDENTIALS?"),
        ({"enabled": "yes"}, "enabled is true or false", ""),
        ({"cibaPollingInterval": True}, "cibaPollingInterval is a whole number", ""),
        ({"cibaPollingInterval": 4000}, "cibaPollingInterval is out of range", "from 0 to 3600"),
        ({"redirectUris": [1]}, "redirectUris is a list of texts", ""),
        ({"defaultAccessTokenManagerRef": {"id": 5}}, "defaultAccessTokenManagerRef.id is a text", ""),
        ({"extendedParameters": []}, None, ""),  # an empty list is absence
        ({"extendedParameters": ["x"]}, "extendedParameters is an object", ""),
        ({"clientAuth": {"type": "SECRET", "encryptedSecret": "***"}}, "clientAuth.encryptedSecret is masked", "***"),
        ({"clientAuth": {"type": "SECRET", "secret": ["x"]}}, "clientAuth.secret is a text", ""),
        ({"future": {"any": [1, None]}}, None, ""),
    ],
)
def test_what_no_server_takes(change: dict[str, Any], title: str | None, hint: str) -> None:
    document = {**GOOD, **change}
    if title is None:
        refuse_malformed(document)
        return
    with pytest.raises(UsageError) as caught:
        refuse_malformed(document)
    assert title in caught.value.title
    assert hint in caught.value.hint


def test_a_key_set_with_masked_keys_is_refused() -> None:
    shown = displayable({**GOOD, "clientAuth": {}, "jwksSettings": {"jwks": '{"keys": [{"k": "private"}]}'}})
    with pytest.raises(UsageError, match=r"jwksSettings\.jwks is masked"):
        refuse_malformed(shown)


def test_what_the_server_stores_itself_is_not_judged() -> None:
    stored = {**GOOD, "refreshRolling": "", "logoUrl": None, "cibaDeliveryMode": "CARRIER_PIGEON", "enabled": "odd"}
    refuse_malformed(stored, stored=stored)
    with pytest.raises(UsageError):
        refuse_malformed({**stored, "cibaDeliveryMode": "PIGEON"}, stored=stored)


@pytest.mark.parametrize("client_id", ["a", "..", "a/b%2F", "ünï code", "x" * 5000])
def test_any_text_is_a_client_id(client_id: str) -> None:
    assert checked_client_id(client_id) == client_id
