from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocm_tui.core.clients.changes import created, deleted, updated
from ocm_tui.core.clients.difference import DiffLine, FieldChange, difference, difference_lines, not_stored, same
from ocm_tui.core.clients.fields import FIELDS, with_value
from ocm_tui.core.secret import MASK, Secret

WRITABLE = [spec for spec in FIELDS if not spec.secret and spec.kind != "mapping" and spec.path != "jwksSettings.jwks"]
NOTHING: list[Any] = [None, "", [], {}]

words = st.text("abcäß. /:*", min_size=1, max_size=6)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x", "y"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c.d"]), inner, max_size=3),
    max_leaves=6,
)


def _values(kind: str, values: tuple[str, ...]) -> st.SearchStrategy[Any]:
    one = st.sampled_from(values) if values else words
    return {
        "bool": st.booleans(),
        "integer": st.integers(-1, 3),
        "set": st.lists(one, unique=True, max_size=3),
        "list": st.lists(st.fixed_dictionaries({"id": one}), max_size=2),
    }.get(kind, one)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    document: dict[str, Any] = {"clientId": "a"}
    for spec in draw(st.lists(st.sampled_from(WRITABLE), max_size=8)):
        value = draw(_values(spec.kind, spec.values) | st.sampled_from(NOTHING))
        document = with_value(document, spec.path, value)
    for name in draw(st.lists(st.sampled_from(["future", "other"]), max_size=2)):
        document[name] = draw(json_values)
    for name in draw(st.lists(st.sampled_from(["team", "a.b"]), max_size=2)):
        document = with_value(document, f"extendedParameters.{name}", {"values": draw(st.lists(words, max_size=2))})
    return document


def _without_nothing(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nothing(inner) for name, inner in value.items() if inner not in NOTHING}
    return value


def _reversed_sets(document: dict[str, Any]) -> dict[str, Any]:
    for spec in FIELDS:
        node: Any = document
        for name in spec.path.split("."):
            node = node.get(name) if isinstance(node, dict) else None
        if spec.kind == "set" and isinstance(node, list):
            document = with_value(document, spec.path, node[::-1])
    return document


@settings(deadline=None)
@given(documents())
def test_a_document_does_not_differ_from_itself(document: dict[str, Any]) -> None:
    assert difference(document, document) == []


@settings(deadline=None)
@given(documents(), documents())
def test_order_of_sets_and_nothings_do_not_matter(before: dict[str, Any], after: dict[str, Any]) -> None:
    changes = [change.path for change in difference(before, after)]
    assert [change.path for change in difference(_reversed_sets(before), after)] == changes
    assert [change.path for change in difference(_without_nothing(before), after)] == changes


@settings(max_examples=300, deadline=None)
@given(documents(), documents())
def test_applying_the_changes_leaves_no_difference(before: dict[str, Any], after: dict[str, Any]) -> None:
    for change in difference(before, after):
        before = with_value(before, change.path, change.after)
    assert same(before, after)


@settings(deadline=None)
@given(documents(), documents())
def test_a_difference_is_symmetric(before: dict[str, Any], after: dict[str, Any]) -> None:
    forth = {change.path: (change.before, change.after) for change in difference(before, after)}
    assert {change.path: (change.after, change.before) for change in difference(after, before)} == forth


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"creationDate": "1", "modificationDate": "1", "replicationStatus": "REPLICATED"}, {"modificationDate": "2"}),
        ({"clientSecretChangedTime": "1"}, {}),
        ({"clientAuth": {"encryptedSecret": "OBF:1"}}, {"clientAuth": {"encryptedSecret": "OBF:2"}}),
        (
            {"clientAuth": {"secondarySecrets": [{"encryptedSecret": "1", "expiryTime": "t"}]}},
            {"clientAuth": {"secondarySecrets": [{"encryptedSecret": "2", "expiryTime": "t"}]}},
        ),
        (
            {"defaultAccessTokenManagerRef": {"id": "jwt", "location": "x"}},
            {"defaultAccessTokenManagerRef": {"id": "jwt"}},
        ),
        ({"oidcPolicy": {"policyGroup": {}}}, {}),
        ({"clientAuth": {"type": "NONE"}}, {"clientAuth": None}),
        ({"enabled": True, "bypassApprovalPage": False, "refreshRolling": "SERVER_DEFAULT"}, {}),
        ({"persistentGrantExpirationTime": 0, "persistentGrantExpirationType": "SERVER_DEFAULT"}, {}),
        ({"refreshTokenRollingIntervalTimeUnit": "", "persistentGrantIdleTimeoutTimeUnit": "DAYS"}, {}),
        ({"tags": [{"id": "a"}, {"id": "b"}]}, {"tags": [{"id": "b"}, {"id": "a"}]}),
        ({"extendedParameters": {"team": {"values": []}}}, {}),
        ({"extendedParameters": {"a": {"values": ["2", "1"]}}}, {"extendedParameters": {"a": {"values": ["1", "2"]}}}),
        ({"clientAuth": {"type": "SECRET", "clientCertSubjectDn": "CN=x"}}, {"clientAuth": {"type": "SECRET"}}),
        (
            {"clientAuth": {"type": "CERTIFICATE", "enforceReplayPrevention": True}},
            {"clientAuth": {"type": "CERTIFICATE"}},
        ),
        ({"offlineAccessRequireConsentPrompt": "YES"}, {}),
    ],
)
def test_the_same_in_other_words(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert difference(before, after) == []


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({"enabled": True}, {"enabled": False}, [("enabled", True, False)]),
        ({"enabled": False}, {}, [("enabled", False, None)]),
        ({"bypassApprovalPage": 0}, {"bypassApprovalPage": False}, [("bypassApprovalPage", 0, False)]),
        (
            {"persistentGrantExpirationTime": 0},
            {"persistentGrantExpirationType": "OVERRIDE_SERVER_DEFAULT"},
            [
                ("persistentGrantExpirationType", None, "OVERRIDE_SERVER_DEFAULT"),
                ("persistentGrantExpirationTime", 0, None),
            ],
        ),
        (
            {"future": {"a": 1, "b": [1, 2]}},
            {"future": {"b": [2, 1]}},
            [("future.a", 1, None), ("future.b", [1, 2], [2, 1])],
        ),
        (
            {},
            {"extendedParameters": {"a.b": {"values": ["1"]}}},
            [("extendedParameters.a.b", None, {"values": ["1"]})],
        ),
        ({"redirectUris": ["a", "b"]}, {"redirectUris": ["b", "c"]}, [("redirectUris", ["a", "b"], ["b", "c"])]),
        (
            {"clientAuth": {"type": "CERTIFICATE", "clientCertSubjectDn": "CN=x"}},
            {"clientAuth": {"type": "SECRET", "clientCertSubjectDn": "CN=y"}},
            [("clientAuth.type", "CERTIFICATE", "SECRET"), ("clientAuth.clientCertSubjectDn", "CN=x", "CN=y")],
        ),
        (
            {"extendedParameters": {"a": ["1"]}},
            {"extendedParameters": {"a": {"values": ["1"]}}},
            [("extendedParameters.a", ["1"], {"values": ["1"]})],
        ),
    ],
)
def test_differences(before: dict[str, Any], after: dict[str, Any], changes: list[tuple[str, Any, Any]]) -> None:
    assert difference(before, after) == [FieldChange(*change) for change in changes]


def test_a_new_secret_is_a_change_without_its_value() -> None:
    stored = {"clientAuth": {"type": "SECRET", "encryptedSecret": "OBF"}}
    for secret in ("planted-secret", Secret("planted-secret")):
        edited = {"clientAuth": {"type": "SECRET", "encryptedSecret": "OBF", "secret": secret}}
        assert difference(stored, edited) == [FieldChange("clientAuth.secret", "set", "set")]
        assert difference({}, {"clientAuth": {"secret": secret}}) == [
            FieldChange("clientAuth.secret", "not set", "set")
        ]
        assert "planted" not in repr(difference(stored, edited))
    assert same(stored, {"clientAuth": {"type": "SECRET", "secret": ""}})


def test_a_private_key_is_a_change_without_its_value() -> None:
    before, after = ({"jwksSettings": {"jwks": f'{{"keys": [{{"kty": "EC", "d": "{d}"}}]}}'}} for d in ("one", "two"))
    changes = difference(before, after)
    assert [change.path for change in changes] == ["jwksSettings.jwks"]
    assert MASK in changes[0].after
    assert "two" not in changes[0].after


def test_lines_of_a_set_are_only_what_came_and_went() -> None:
    changes = difference(
        {"redirectUris": ["https://a", "https://b"], "description": "old"},
        {"redirectUris": ["https://b", "https://c\x1b[2J"], "extendedParameters": {"team": {"values": ["x"]}}},
    )
    assert difference_lines(changes) == [
        DiffLine("@", "description"),
        DiffLine("-", "old"),
        DiffLine("@", "extendedParameters.team"),
        DiffLine("+", "x"),
        DiffLine("@", "redirectUris"),
        DiffLine("-", "https://a"),
        DiffLine("+", "https://c␛[2J"),
    ]


def test_lines_of_a_list_in_another_order_show_all_of_it() -> None:
    lines = difference_lines([FieldChange("future", ["a", "b"], ["b", "a"])])
    assert [line.text for line in lines] == ["future", "a", "b", "b", "a"]


def test_lines_are_short() -> None:
    lines = difference_lines([FieldChange("description", None, "x" * 1_000_000)])
    assert max(len(line.text) for line in lines) <= 400


def test_not_stored_looks_only_at_what_was_sent() -> None:
    sent = {"clientId": "a", "redirectUris": ["b", "a"], "clientAuth": {"type": "SECRET", "secret": "planted-secret"}}
    stored = {
        "clientId": "a",
        "redirectUris": ["a", "b"],
        "clientAuth": {"type": "SECRET", "encryptedSecret": "x"},
        "future": 1,
        "description": "filled in",
    }
    assert not_stored(sent, stored) == []
    assert not_stored(sent, {**stored, "redirectUris": ["a"]}) == [FieldChange("redirectUris", ["b", "a"], ["a"])]
    assert not_stored({**sent, "name": "a"}, stored) == [FieldChange("name", "a", None)]
    assert not_stored({**sent, "allowExclusiveScopes": ["partner:feed"]}, stored) == []


def test_changes_know_their_action() -> None:
    assert updated({"clientId": "a"}, {"clientId": "a"}).action == "unchanged"
    change = updated({"clientId": "a", "name": "x"}, {"clientId": "a", "name": "y"})
    assert (change.action, change.title) == ("update", "~ a: update, 1 field")
    assert change.lines()[0] == DiffLine(" ", change.title)
    assert created({"clientId": "a\x1b", "name": "y"}).title == "+ a␛: create, 2 fields"
    assert deleted("a").lines() == [DiffLine(" ", "- a: delete")]
