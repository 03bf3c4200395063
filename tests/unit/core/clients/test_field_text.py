from typing import Any

import pytest

from ocm_tui.core.clients.fields import FIELDS, field, parse_assignment, parse_value, value_text
from ocm_tui.core.errors import UsageError
from ocm_tui.core.secret import Secret


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("enabled=false", "enabled", False),
        ("enabled=YES", "enabled", True),
        ("enabled = on", "enabled", True),
        ("enabled=", "enabled", None),
        ("name=Orders = more", "name", "Orders = more"),
        ('name="null"', "name", "null"),
        ('description=" x "', "description", " x "),
        ("description=null", "description", None),
        ("grantTypes=client-credentials, refresh_token,CLIENT_CREDENTIALS", "grantTypes",
         ["CLIENT_CREDENTIALS", "REFRESH_TOKEN"]),
        ('redirectUris=["https://a/x,y"]', "redirectUris", ["https://a/x,y"]),
        ("redirectUris=https://a, https://b", "redirectUris", ["https://a", "https://b"]),
        ("redirectUris=[]", "redirectUris", []),
        ("clientAuth.type=private_key_jwt", "clientAuth.type", "PRIVATE_KEY_JWT"),
        ("refreshRolling=dont roll", "refreshRolling", "DONT_ROLL"),
        ("cibaPollingInterval=0", "cibaPollingInterval", 0),
        ("persistentGrantExpirationTime=-1", "persistentGrantExpirationTime", -1),
        ("defaultAccessTokenManagerRef=jwt", "defaultAccessTokenManagerRef.id", "jwt"),
        ("defaultAccessTokenManagerRef.id=jwt", "defaultAccessTokenManagerRef.id", "jwt"),
        ('defaultAccessTokenManagerRef={"id": "jwt"}', "defaultAccessTokenManagerRef.id", "jwt"),
        ("defaultAccessTokenManagerRef=", "defaultAccessTokenManagerRef.id", None),
        ("extendedParameters.team=a, b", "extendedParameters.team", {"values": ["a", "b"]}),
        ('extendedParameters.x.y=["a,b"]', "extendedParameters.x.y", {"values": ["a,b"]}),
        ('extendedParameters.team={"values": ["a"]}', "extendedParameters.team", {"values": ["a"]}),
        ("extendedParameters.team=", "extendedParameters.team", None),
        ('extendedParameters={"team": {"values": []}}', "extendedParameters", {"team": {"values": []}}),
        ("future.flag=true", "future.flag", True),
        ('future="text"', "future", "text"),
        ("future=", "future", None),
        ("future=null", "future", None),
        ('tags=[{"id": "t"}]', "tags", [{"id": "t"}]),
    ],
)  # fmt: skip
def test_assignments(text: str, path: str, value: Any) -> None:
    assert parse_assignment(text) == (path, value)


@pytest.mark.parametrize(
    ("text", "title", "hint"),
    [
        ("enabled", "path=value", "enabled=false"),
        ("=x", "path=value", ""),
        ("enabled=maybe", "enabled is true or false, not “maybe”", ""),
        ("grantTypes=CLIENT_CREDENTALS", "no value of grantTypes", "CLIENT_CREDENTIALS"),
        ("grantTypes=[1]", "grantTypes holds texts", ""),
        ("grantTypes=[]", "at least one", ""),
        ("grantTypes=", "cannot be empty", ""),
        ("redirectUris=[oops", "redirectUris: not JSON", "a, b"),
        ("redirectUris=" + "[" * 100_000, "redirectUris: not JSON", ""),
        ("name= ", "name cannot be empty", ""),
        ("clientId=other", "clientId never changes", "rename"),
        ("modificationDate=2020", "is the server's", ""),
        ("clientAuth.secret=hunter2hunter2", "cannot be given as text", "rotate-secret"),
        ("cibaPollingInterval=3601", "at most 3600", ""),
        ("cibaPollingInterval=1.5", "whole number", ""),
        ("persistentGrantExpirationTime=-2", "at least -1", ""),
        ("future=text", "unknown field “future”", "JSON"),
        ("enabeld=x", "unknown field", "enabled"),
        ("redirectUris[0]=x", "one item", "whole list"),
        ("extendedParameters.team=[1]", "list of texts", ""),
        ("defaultAccessTokenManagerRef={\"x\": 1}", "is an id", ""),
        ("dpopProofSettings=[1]", "JSON object", ""),
        ("cibaDeliveryMode=push", "no value of cibaDeliveryMode", "POLL"),
    ],
)  # fmt: skip
def test_refusals_say_what_would_be_right(text: str, title: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_assignment(text)
    assert title in caught.value.title
    assert hint in caught.value.hint


def test_a_refused_secret_is_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        parse_assignment("clientAuth.secret=hunter2hunter2")
    assert "hunter2" not in f"{caught.value} {caught.value.hint} {caught.value.detail}"


def test_hostile_text_is_cleaned() -> None:
    with pytest.raises(UsageError) as caught:
        parse_assignment("enabled=\x1b]0;owned\x07")
    assert "\x1b" not in caught.value.title


@pytest.mark.parametrize("value", ["null", '"quoted"', " ends ", "plain", "a, b", "ünïcode"])
def test_texts_survive_an_input(value: str) -> None:
    spec = field("name")
    assert spec is not None
    shown = value_text(value)
    assert parse_value(spec, shown) == value


@pytest.mark.parametrize("value", [["a", "b"], ["a,b"], ["[x"], [" a"], ['"'], ["null"], [""]])
def test_lists_survive_an_input(value: list[str]) -> None:
    spec = field("redirectUris")
    assert spec is not None
    assert parse_value(spec, value_text(value)) == value


def test_value_text_of_other_kinds() -> None:
    assert value_text(None) == ""
    assert value_text(True) == "true"
    assert value_text(5) == "5"
    assert value_text({"a": 1}) == '{"a": 1}'
    assert "geheim" not in value_text(Secret("geheim-geheim"))


def test_every_enum_value_can_be_written_in_lower_case() -> None:
    for spec in FIELDS:
        if spec.kind == "enum" and not spec.read_only:
            assert [parse_value(spec, value.lower()) for value in spec.values] == list(spec.values)
