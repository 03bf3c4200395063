"""What the rest of the log tells about a failure."""

import json
from typing import Any

from ocm_tui.core.diagnosis.knowledge import known_from
from ocm_tui.core.exchanges.model import Exchange, Message
from tests.unit.core.exchanges.examples import exchange


def answered(number: int, path: str, body: Any, **more: Any) -> Exchange:
    text = json.dumps(body)
    return exchange(
        number, path=path, response=Message((("Content-Type", "application/json"),), text, len(text)), **more
    )


FAILED = exchange(50, status=422, method="PUT", path="/oauth/clients/x")


def test_versions_lists_and_clients_are_learnt() -> None:
    known = known_from(
        FAILED,
        [
            answered(1, "/version", {"version": "12.1.0.4"}),
            answered(2, "/oauth/accessTokenManagers", {"items": [{"id": "jwt"}, {"id": "opaque"}]}),
            answered(3, "/oauth/authServerSettings/scopes/commonScopes", {"items": [{"name": "a"}], "totalItems": 1}),
            answered(4, "/oauth/clients/x", {"clientId": "x", "enabled": False}),
            answered(5, "/oauth/clients?page=1&numberPerPage=500", {"items": [{"clientId": "y"}]}),
            FAILED,
        ],
    )
    assert known.server_version == "12.1.0.4"
    assert known.choices == {"token_managers": ("jwt", "opaque"), "scopes": ("a",)}
    assert known.client_ids == frozenset({"x", "y"})
    assert known.clients["x"]["enabled"] is False
    assert FAILED not in known.neighbours


def test_a_list_that_is_not_complete_tells_nothing() -> None:
    path = "/oauth/authServerSettings/scopes/commonScopes"
    page = {"items": [{"name": "a"}], "totalItems": 9}
    assert known_from(FAILED, [answered(1, path, page)]).choices == {}
    assert known_from(FAILED, [answered(1, f"{path}?filter=a", {"items": [{"name": "a"}]})]).choices == {}
    full = {"items": [{"name": "a"}, {"name": "b"}]}
    assert known_from(FAILED, [answered(1, f"{path}?page=1&numberPerPage=2", full)]).choices == {}
    assert known_from(FAILED, [answered(1, f"{path}?page=2", full)]).choices == {}
    cut = exchange(1, path=path, response=Message((), '{"items": [{"name": "a"}', 900, True))
    assert known_from(FAILED, [cut]).choices == {}


def test_what_was_deleted_is_not_there() -> None:
    seen = answered(1, "/oauth/clients/x", {"clientId": "x"})
    gone = exchange(2, method="DELETE", path="/oauth/clients/x", status=204, response=Message())
    assert known_from(FAILED, [seen, gone]).client_ids is None


def test_what_came_later_proves_nothing_about_before() -> None:
    assert known_from(FAILED, [answered(99, "/oauth/clients/x", {"clientId": "x"})]).client_ids is None


def test_another_environment_is_another_server() -> None:
    other = answered(
        1, "/version", {"version": "9.9.0.0"}, url="https://pf.other.example.com:9999/pf-admin-api/v1/version"
    )
    assert (
        known_from(FAILED, [other]).server_version == "9.9.0.0"
    )  # of the same session: its token endpoint, its server
    foreign = exchange(50, status=422, id="elsewhere-1")
    assert known_from(foreign, [other]).server_version is None


def test_a_secret_is_no_document() -> None:
    secret = answered(1, "/oauth/clients/x/clientAuth/clientSecret", {"encryptedSecret": "***0a1b2c"})
    revoked = exchange(
        2,
        method="DELETE",
        path="/oauth/clients/x/clientAuth/clientSecret/secondarySecrets",
        status=204,
        response=Message(),
    )
    client = answered(3, "/oauth/clients/x", {"clientId": "x", "enabled": True})
    assert known_from(FAILED, [secret]).clients == {}
    assert known_from(FAILED, [client, secret, revoked]).clients == {"x": {"clientId": "x", "enabled": True}}
