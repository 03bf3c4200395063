from typing import Any

import pytest

from ocm_tui.core.clients.model import ServerInfo
from ocm_tui.core.clients.pingfederate.versions import SINCE, refuse_unknown
from ocm_tui.core.errors import UsageError


@pytest.mark.parametrize(
    ("document", "version", "refused"),
    [
        ({"oidcPolicy": {"postLogoutRedirectUris": []}}, "11.3.2.1", "12.0"),
        ({"oidcPolicy": {"postLogoutRedirectUris": ["x"]}}, "12.0.0.9", None),
        ({"enableCookielessAuthenticationApi": False}, "12.0.0.9", "12.1"),
        ({"refreshTokenRollingIntervalTimeUnit": "HOURS"}, "12.1.0.4", None),
        ({"lockoutMaxMaliciousActions": 3}, "12.1.0.4", "12.2"),
        ({"oidcPolicy": {"userInfoResponseSigningAlgorithm": "RS256"}}, "12.1.0.4", "12.2"),
        ({"tags": []}, "13.0.0.0", "13.1"),
        ({"tags": []}, "13.1.0.5", None),
        ({"requireDpop": True}, "11.2.9", "11.3"),
        ({"tags": []}, "unreadable", None),
        ({"tags": []}, "14", None),
        ({"future": 1}, "11.3.0.0", None),
        ({"oidcPolicy": None}, "11.3.0.0", None),
    ],
)
def test_fields_are_gated(document: dict[str, Any], version: str, refused: str | None) -> None:
    if refused is None:
        refuse_unknown(document, ServerInfo(version))
        return
    with pytest.raises(UsageError) as caught:
        refuse_unknown(document, ServerInfo(version))
    assert f"needs version {refused}" in caught.value.title
    assert version in caught.value.title


def test_what_the_server_sent_itself_is_never_refused() -> None:
    document = {"tags": [{"id": "new"}], "oidcPolicy": {"logoutMode": "NONE"}}
    refuse_unknown(document, ServerInfo("11.3"), stored={"tags": None})
    with pytest.raises(UsageError, match="requireDpop"):
        refuse_unknown({**document, "requireDpop": True}, ServerInfo("11.2"), stored=document)


def test_every_gate_is_of_a_release_that_exists() -> None:
    assert set(SINCE.values()) == {(11, 3), (12, 0), (12, 1), (12, 2), (13, 1)}
