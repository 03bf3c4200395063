"""Checks of what clients refer to: unknown ids name the field, the place and what is near; what is unknown is said."""

from collections.abc import Sequence
from typing import Any

import pytest

from ocm_tui.core.clients.model import NamedChoice
from ocm_tui.core.clients.pingfederate.choices import named_choices
from ocm_tui.core.errors import Forbidden
from ocm_tui.core.provisioning.comparison import Comparison
from ocm_tui.core.provisioning.references import References, read_references
from tests.unit.core.provisioning.declaring import declared, inventory

LISTS = {
    "token_managers": ["jwt", "opaque"],
    "scopes": ["orders:read", "orders:write"],
    "exclusive_scopes": ["audit:read"],
    "scope_groups": ["warehouse"],
    "oidc_policies": ["customers"],
    "extended_properties": ["owner"],
}


class Lists:
    """The server's lists; those that are `forbidden` cannot be read."""

    def __init__(self, *forbidden: str, **lists: Sequence[NamedChoice]) -> None:
        self._forbidden, self._lists = forbidden, lists

    def __getattr__(self, name: str) -> Any:
        async def read() -> Sequence[NamedChoice]:
            if name in self._forbidden:
                raise Forbidden("the server does not permit it (403)", status=403)
            return self._lists.get(name, [NamedChoice(one) for one in LISTS[name]])

        return read


async def references(*forbidden: str, **lists: Sequence[NamedChoice]) -> References:
    return await read_references(Lists(*forbidden, **lists))


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        (
            {"defaultAccessTokenManagerRef": {"id": "jtw"}},
            (
                "defaultAccessTokenManagerRef.id: the server has no access token manager `jtw` "
                "(client-inventory.yaml:3:5); did you mean `jwt`?"
            ),
        ),
        (
            {"restrictedScopes": ["orders:read", "orders:raed"]},
            (
                "restrictedScopes[1]: the server has no scope `orders:raed` (client-inventory.yaml:3:5); "
                "did you mean `orders:read`?"
            ),
        ),
        (
            {"exclusiveScopes": ["orders:read"]},
            "exclusiveScopes[0]: the server has no exclusive scope `orders:read` (client-inventory.yaml:3:5)",
        ),
        (
            {"oidcPolicy": {"policyGroup": {"id": "customer"}}},
            (
                "oidcPolicy.policyGroup.id: the server has no OpenID Connect policy `customer` "
                "(client-inventory.yaml:3:5); did you mean `customers`?"
            ),
        ),
        (
            {"extendedParameters": {"owmer": {"values": ["x"]}}},
            (
                "extendedParameters.owmer: the server has no extended property `owmer` "
                "(client-inventory.yaml:3:5); did you mean `owner`?"
            ),
        ),
    ],
)
async def test_a_reference_to_nothing_blocks(members: dict[str, Any], reason: str) -> None:
    client = declared("orders", **members)
    comparison = Comparison(inventory(client), {}, references=await references())
    [change] = comparison.rest()
    assert (change.action, change.reasons) == ("blocked", (reason,))
    assert change.fields


async def test_what_exists_is_no_problem() -> None:
    client = declared(
        "orders",
        defaultAccessTokenManagerRef={"id": "jwt"},
        restrictedScopes=["openid", "orders:read", "warehouse"],
        exclusiveScopes=["audit:read"],
        oidcPolicy={"policyGroup": {"id": "customers"}},
        extendedParameters={"owner": {"values": ["x"]}},
    )
    assert list((await references()).problems(client, client.document)) == []
    empty = declared("orders", defaultAccessTokenManagerRef={}, restrictedScopes=None, oidcPolicy={"policyGroup": None})
    assert list((await references()).problems(empty, empty.document)) == []


async def test_an_unchanged_client_is_not_checked() -> None:
    client = declared("orders", restrictedScopes=["gone"])
    comparison = Comparison(inventory(client), {}, references=await references())
    change = comparison.take(client.document)
    assert change is not None
    assert (change.action, change.reasons) == ("unchanged", ())


@pytest.mark.parametrize(
    ("forbidden", "unchecked"),
    [
        (["scopes"], "scope"),
        (["scope_groups"], "scope, exclusive scope"),
        (["token_managers", "oidc_policies"], "access token manager, OpenID Connect policy"),
        ([*LISTS], "access token manager, scope, exclusive scope, OpenID Connect policy, extended property"),
    ],
)
async def test_a_list_that_cannot_be_read_blocks_nothing_and_is_said(forbidden: list[str], unchecked: str) -> None:
    read = await references(*forbidden)
    why = "the server does not permit it (403)"
    assert read.warnings == (f"references are not checked ({unchecked}), the server decides: {why}",)
    client = declared("orders", restrictedScopes=["no"], defaultAccessTokenManagerRef={"id": "no"})
    assert len(list(read.problems(client, client.document))) == 2 - ("scope" in unchecked) - ("token" in unchecked)


async def test_a_reserved_token_manager_is_a_warning() -> None:
    managers = named_choices(
        [
            {"id": "jwt", "accessControlSettings": {"restrictClients": False, "allowedClients": []}},
            {
                "id": "partner",
                "accessControlSettings": {"restrictClients": True, "allowedClients": [{"id": "acme"}, {}, None]},
            },
        ]
    )
    partner: dict[str, Any] = {"defaultAccessTokenManagerRef": {"id": "partner"}}
    clients = [declared("acme", **partner), declared("globex", **partner), declared("plain")]
    comparison = Comparison(inventory(*clients), {}, references=await references(token_managers=managers))
    assert [change.action for change in comparison.rest()] == ["create"] * 3
    assert comparison.warnings == [
        "access token manager partner serves only the clients that it names, and not: globex"
    ]


def test_hostile_ids_are_quoted_safely() -> None:
    known = References({"scopes": frozenset({"a"})})
    client = declared("orders", restrictedScopes=["\x1b[2J" + "x" * 5000])
    [problem] = known.problems(client, client.document)
    assert "\x1b" not in problem
    assert len(problem) < 300
