"""The normal form: equal for every spelling, unequal for every meaningful change, and one opinion with `difference`."""

from typing import Any

import pytest
from hypothesis import given, settings

from ocm_tui.core.clients.difference import difference
from ocm_tui.core.clients.fields import FIELDS, with_value
from ocm_tui.core.clients.meaning import DROPPED_BY_SERVER, RULED_BY_DEFAULT
from ocm_tui.core.provisioning.normal import normal, place_of
from tests.unit.core.clients.test_difference import documents

OVERRIDE = "OVERRIDE_SERVER_DEFAULT"
# Where the normal form sees less than a difference: what no server uses, and what it never shows.
UNSEEN = {*RULED_BY_DEFAULT, *DROPPED_BY_SERVER, "allowExclusiveScopes", "clientId"}
ZEROS = {"persistentGrantExpirationTime", "persistentGrantIdleTimeout"}


def test_every_ruler_is_a_field_that_is_ruled_by_nobody() -> None:
    paths = {spec.path for spec in FIELDS}
    rulers = {**DROPPED_BY_SERVER, **RULED_BY_DEFAULT}
    assert {*rulers, *(ruler.path for ruler in rulers.values())} <= paths
    assert not {ruler.path for ruler in rulers.values()} & rulers.keys()


def test_what_the_table_says_is_governed_means_nothing_under_a_default() -> None:
    governed = {spec.path: spec.governed_by for spec in FIELDS if spec.governed_by}
    assert governed.items() <= {path: ruler.path for path, ruler in RULED_BY_DEFAULT.items()}.items()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"description": ""}, {"description": None}),
        ({"redirectUris": ["b", "a", "b"]}, {"redirectUris": ["a", "b"]}),
        ({"redirectUris": []}, {}),
        ({"enabled": True, "refreshRolling": "SERVER_DEFAULT"}, {}),
        ({"refreshTokenRollingIntervalTimeUnit": ""}, {"refreshTokenRollingIntervalTimeUnit": "HOURS"}),
        ({"persistentGrantExpirationTimeUnit": "DAYS"}, {"persistentGrantExpirationTimeUnit": None}),
        ({"persistentGrantExpirationTime": 0}, {"persistentGrantExpirationTime": None}),
        ({"persistentGrantExpirationTime": 30}, {}),
        (
            {"persistentGrantIdleTimeoutType": "INDEFINITE_EXPIRY", "persistentGrantIdleTimeoutTimeUnit": "HOURS"},
            {"persistentGrantIdleTimeoutType": "INDEFINITE_EXPIRY", "persistentGrantIdleTimeout": -1},
        ),
        (
            {"persistentGrantExpirationType": OVERRIDE, "persistentGrantExpirationTime": 0},
            {"persistentGrantExpirationType": OVERRIDE, "persistentGrantExpirationTime": None},
        ),
        ({"oidcPolicy": {"policyGroup": {}}}, {"oidcPolicy": None}),
        ({"oidcPolicy": {"policyGroup": {"id": "a", "location": "x"}}}, {"oidcPolicy": {"policyGroup": {"id": "a"}}}),
        ({"clientAuth": {"type": "NONE"}}, {"clientAuth": None}),
        ({"clientAuth": {"type": "SECRET", "encryptedSecret": "1"}}, {"clientAuth": {"type": "SECRET"}}),
        (
            {"clientAuth": {"type": "SECRET", "clientCertIssuerDn": "x", "enforceReplayPrevention": True}},
            {"clientAuth": {"type": "SECRET"}},
        ),
        ({"offlineAccessRequireConsentPrompt": "YES"}, {}),
        ({"extendedParameters": {"a.b": {"values": []}, "c": None}}, {}),
        ({"extendedParameters": {"a": {"values": ["2", "1"]}}}, {"extendedParameters": {"a": {"values": ["1", "2"]}}}),
        ({"tags": [{"id": "b"}, {"id": "a", "location": "x"}, {}]}, {"tags": [{"id": "a"}, {"id": "b"}]}),
        ({"dpopProofSettings": {"a": None, "b": 1}}, {"dpopProofSettings": {"b": 1}}),
        ({"allowExclusiveScopes": ["x"], "modificationDate": "1", "clientId": "a"}, {"clientId": "A"}),
        ({"cibaDeliveryMode": "POLL", "cibaPollingInterval": 3, "cibaUserCodeSupported": False}, {}),
    ],
)
def test_the_same_in_other_words(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert normal(one).owned == normal(other).owned


@pytest.mark.parametrize(
    ("one", "other", "path"),
    [
        ({"enabled": False}, {}, "enabled"),
        ({"enabled": 1}, {"enabled": True}, "enabled"),
        ({"bypassApprovalPage": 0}, {"bypassApprovalPage": False}, "bypassApprovalPage"),
        ({"grantTypes": "CIBA"}, {"grantTypes": ["CIBA"]}, "grantTypes"),
        ({"clientAuth": "SECRET"}, {}, "clientAuth"),
        ({"redirectUris": ["a", 1]}, {"redirectUris": ["a", "1"]}, "redirectUris"),
        (
            {"clientAuth": {"type": "CERTIFICATE", "clientCertIssuerDn": "x"}},
            {"clientAuth": {"type": "CERTIFICATE"}},
            "clientAuth.clientCertIssuerDn",
        ),
        (
            {"clientAuth": {"type": "OF_THE_FUTURE", "clientCertIssuerDn": "x"}},
            {"clientAuth": {"type": "OF_THE_FUTURE"}},
            "clientAuth.clientCertIssuerDn",
        ),
        ({"bypassActivationCodeConfirmationOverride": False, "deviceFlowSettingType": OVERRIDE},
         {"deviceFlowSettingType": OVERRIDE}, "bypassActivationCodeConfirmationOverride"),
        ({"clientSecretRetentionPeriodType": OVERRIDE, "clientSecretRetentionPeriod": 0},
         {"clientSecretRetentionPeriodType": OVERRIDE}, "clientSecretRetentionPeriod"),
        ({"extendedParameters": {"a.b": {"values": ["1"]}}}, {}, "extendedParameters.a.b"),
        ({"extendedParameters": {"a": ["1"]}}, {"extendedParameters": {"a": {"values": ["1"]}}},
         "extendedParameters.a"),
    ],
)  # fmt: skip
def test_one_field_is_another(one: dict[str, Any], other: dict[str, Any], path: str) -> None:
    ours, theirs = normal(one).owned, normal(other).owned
    assert {key for key in {*ours, *theirs} if ours.get(key) != theirs.get(key)} == {path}


def test_unknown_members_stand_apart() -> None:
    document = {"future": 1, "clientAuth": {"newer": 2}, "oidcPolicy": {"policyGroup": {"newest": 3}}}
    document["clientAuthentication"] = {"clientSecret": {"enabled": True}}
    form = normal(document)
    assert (form.owned, form.extra) == (
        {},
        {
            "future": 1,
            "clientAuth.newer": 2,
            "oidcPolicy.policyGroup.newest": 3,
            "clientAuthentication": {"clientSecret": {"enabled": True}},
        },
    )


def test_places_are_those_of_the_table() -> None:
    paths = ["zzz", "extendedParameters.team", "clientAuth.type", "name"]
    assert sorted(paths, key=place_of) == ["name", "extendedParameters.team", "clientAuth.type", "zzz"]


@settings(max_examples=300, deadline=None)
@given(documents(), documents())
def test_it_is_of_one_opinion_with_the_difference(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Where the difference sees none, the forms are equal; where they are equal, it sees only what nobody uses."""
    paths = {change.path for change in difference(one, other)}
    first, second = normal(one).owned, normal(other).owned
    forms = {path for path in {*first, *second} if first.get(path) != second.get(path)}
    assert {path for path in forms if not _seen_in(path, paths)} == set()
    owned = {path for path in paths if path.split(".")[0] not in normal({**one, **other}).extra}
    assert {path for path in owned - UNSEEN - ZEROS if path.split(".")[0] != "dpopProofSettings"} <= forms


def _seen_in(path: str, paths: set[str]) -> bool:
    return path in paths or any(one.startswith(f"{path}.") or path.startswith(f"{one}.") for one in paths)


@settings(deadline=None)
@given(documents())
def test_a_form_is_hashable_and_has_no_nothing_in_it(document: dict[str, Any]) -> None:
    owned = normal(document).owned
    assert hash(tuple(sorted(owned.items()))) == hash(tuple(sorted(normal(document).owned.items())))
    assert all(value not in (None, "", ()) for value in owned.values())


def test_too_deep_is_an_error_of_its_own() -> None:
    deep: Any = {}
    for _ in range(100_000):
        deep = {"a": deep}
    with pytest.raises(RecursionError):
        normal(with_value({}, "dpopProofSettings", deep))
