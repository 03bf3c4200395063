"""A saved plan comes back as it was, private and whole; everything else is refused with a sentence."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.errors import UsageError
from ocm_tui.core.provisioning.model import Change, FieldDrift, Plan, SecretDeclaration
from ocm_tui.core.provisioning.plan_file import decoded_plan, encoded_plan, read_plan, write_plan
from ocm_tui.core.provisioning.plan_json import plan_json
from ocm_tui.core.secret import Secret

CREATE = Change(
    client_id="orders",
    action="create",
    fields=(FieldDrift("grantTypes", None, ["CIBA"], "inventory"), FieldDrift("enabled", None, False)),
    desired=ClientDocument({"clientId": "orders", "name": "Örders \u2028 \udcff"}),
    secret="set",
    declaration=SecretDeclaration("file", "/run/secrets/orders", "keyring:oauth/orders", 64, 3),
    place="inventory.yaml:7:3",
)
UPDATE = Change(
    client_id="stock",
    action="update",
    fields=(FieldDrift("description", "a", "b", "both"),),
    desired=ClientDocument({"clientId": "stock"}),
    seen="abc",
    secret="keep",
)
DELETE = Change(client_id="old", action="delete", seen="def")
BLOCKED = Change(client_id="bad", action="blocked", reasons=("no such scope",), desired=ClientDocument({}))
PLAN = Plan(
    environment="dev",
    base_url="https://pf.example.com/pf-admin-api/v1",
    inventory=("inventory.yaml",),
    created_at="2026-01-31T12:00:00.000Z",
    changes=(CREATE, UPDATE, BLOCKED, DELETE),
    unmanaged=("legacy",),
    warnings=("careful",),
    server_version="12.1.0.4",
    requests=7,
)


def test_a_plan_comes_back_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "a plan.json"
    write_plan(file, PLAN)
    assert read_plan(file) == PLAN
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["a plan.json"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=5), json_values, max_size=4), json_values, st.text(max_size=20))
def test_any_document_comes_back(desired: dict[str, Any], value: Any, words: str) -> None:
    desired = {name: one for name, one in desired.items() if name not in {"clientAuth", "jwksSettings"}}
    change = Change(
        client_id=f"x{words}",
        action="update",
        fields=(FieldDrift(words, value, None),),
        reasons=(words,),
        desired=ClientDocument(desired),
    )
    plan = Plan(
        environment=words, base_url="", inventory=(), created_at="", changes=(change,), warnings=(words,), requests=1
    )
    assert decoded_plan(encoded_plan(plan)) == plan


def test_layout_and_order_may_change_and_no_value_may(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    write_plan(file, PLAN)
    saved = json.loads(file.read_text())
    file.write_text(json.dumps(dict(reversed(saved.items())), indent=4))
    assert read_plan(file) == PLAN
    saved["plan"]["changes"][0]["desired"]["enabled"] = True
    file.write_text(json.dumps(saved))
    with pytest.raises(UsageError, match=r"plan\.json was changed since it was made$"):
        read_plan(file)


def test_a_later_plan_replaces_a_plan_and_nothing_else(tmp_path: Path) -> None:
    file, link, inventory = tmp_path / "plan.json", tmp_path / "link", tmp_path / "inventory.yaml"
    write_plan(file, PLAN)
    file.chmod(0o644)
    link.symlink_to(file)
    write_plan(link, Plan(environment="prod", base_url="", inventory=(), created_at="", changes=()))
    assert link.is_symlink()
    assert (read_plan(file).environment, stat.S_IMODE(file.stat().st_mode)) == ("prod", 0o600)
    inventory.write_text("version: 1\n")
    with pytest.raises(UsageError, match="it exists, and is not a saved plan"):
        write_plan(inventory, PLAN)
    assert inventory.read_text() == "version: 1\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["inventory.yaml", "link", "plan.json"]


def test_places_where_no_plan_can_be(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path, tmp_path / "none" / "plan", pipe, Path("/dev/null"), Path("a\0b")):
        with pytest.raises(UsageError, match="cannot be written to"):
            write_plan(path, PLAN)
        with pytest.raises(UsageError, match="cannot be read"):
            read_plan(path)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_a_file_that_may_not_be_replaced_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "plan.json"
    write_plan(file, PLAN)

    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(UsageError, match="no space left on device"):
        write_plan(file, Plan(environment="prod", base_url="", inventory=(), created_at="", changes=()))
    assert read_plan(file) == PLAN
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def _with(**members: Any) -> bytes:
    """The plan with other members, and a digest that fits."""
    from ocm_tui.core.provisioning.plan_file import _digest

    saved = json.loads(encoded_plan(PLAN))
    saved["plan"] |= members
    return json.dumps(saved | {"digest": _digest(saved["plan"])}).encode()


WHOLE = encoded_plan(PLAN)


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (b"", "it is not a saved plan"),
        (b"\xff\xfe\x00", "it is not a saved plan"),
        (b"version: 1\nclients: []\n", "it is not a saved plan"),
        (b"[" * 100_000, "it is not a saved plan"),
        (b"[]", "it is not a saved plan"),
        (b'{"schema": "ocm-tui/plan/v1", "changes": []}', "it is not a saved plan"),
        (b'{"schema": ["ocm-tui/plan-file/v1"]}', "it is not a saved plan"),
        (b'{"schema": "ocm-tui/plan-file/v2", "anything": 1}', "it is of version 2, and this program reads version 1"),
        (WHOLE[:-20], "it is damaged"),
        (WHOLE.replace(b'"orders"', b'"0rders"'), "it was changed since it was made"),
        (b'{"schema": "ocm-tui/plan-file/v1"}', "it was changed since it was made"),
        (_with(changes=None), "it is damaged"),
        (_with(changes=[7]), "it is damaged"),
        (_with(changes=[{"client_id": "a"}]), "it is damaged"),
        (_with(requests=True), "it is damaged"),
        (_with(unmanaged=[1]), "it is damaged"),
        (_with(environment=None), "it is damaged"),
    ],
)
def test_what_is_no_plan_is_refused(data: bytes, title: str) -> None:
    with pytest.raises(UsageError) as caught:
        decoded_plan(data)
    assert (caught.value.title, caught.value.exit_code) == (title, 2)
    assert caught.value.hint


@pytest.mark.parametrize(
    "member",
    [
        {"action": "rename"},
        {"client_id": " "},
        {"desired": None},
        {"desired": []},
        {"secret": "print"},
        {"declaration": {"source": "shell", "argument": "", "deliver": None, "length": 1, "version": 1}},
        {"declaration": {"source": "env", "argument": "", "deliver": None, "length": 10**9, "version": 1}},
        {"fields": [["a", 1, 2]]},
        {"fields": [["a", 1, 2, "nobody"]]},
        {"seen": 1},
        {"place": None},
        {"reasons": "no"},
    ],
)
def test_a_change_that_makes_no_sense_is_refused(member: dict[str, Any]) -> None:
    change = json.loads(encoded_plan(PLAN))["plan"]["changes"][0] | member
    with pytest.raises(UsageError, match="it is damaged"):
        decoded_plan(_with(changes=[change]))


PRIVATE = '{"keys": [{"kty": "oct", "k": "planted-private"}]}'


@pytest.mark.parametrize(
    "document",
    [
        {"clientAuth": {"type": "SECRET", "secret": "planted"}},
        {"clientAuth": {"type": "SECRET", "secret": Secret("planted-secret")}},
        {"clientAuth": {"secondarySecrets": [{"secret": "planted"}]}},
        {"clientAuthentication": {"secret": "planted"}},
        {"jwksSettings": {"jwks": PRIVATE}},
    ],
)
def test_no_plan_holds_a_secret(tmp_path: Path, document: dict[str, Any]) -> None:
    change = Change(client_id="orders", action="update", desired=ClientDocument(document))
    plan = Plan(environment="dev", base_url="", inventory=(), created_at="", changes=(change,))
    with pytest.raises(UsageError, match=r"orders: .* holds a secret") as caught:
        write_plan(tmp_path / "plan.json", plan)
    assert "planted" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_the_report_has_the_members_of_the_contract() -> None:
    report = plan_json(PLAN)
    assert {"environment", "inventory", "summary", "changes"} <= report.keys()
    assert report["summary"] == {"create": 1, "update": 1, "delete": 1, "unchanged": 0, "blocked": 1}
    assert report["changes"][0] == {
        "client_id": "orders",
        "action": "create",
        "fields": [
            {"path": "grantTypes", "before": None, "after": ["CIBA"], "moved": "inventory"},
            {"path": "enabled", "before": None, "after": False, "moved": None},
        ],
        "reasons": [],
        "state": "missing",
        "secret": "set",
        "place": "inventory.yaml:7:3",
    }
    assert json.loads(json.dumps(report)) == report
