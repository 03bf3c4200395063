"""Edits written back: only what differs changes, every other byte stays, and the file declares what was meant."""

import copy
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ocm_tui.core.errors import UsageError
from ocm_tui.core.provisioning.inventory import InvalidInventory, load_inventory
from ocm_tui.core.provisioning.inventory_edit import edited_inventory, inventory_without, save_inventory
from ocm_tui.core.provisioning.inventory_layers import folded
from ocm_tui.core.provisioning.inventory_own import meaning, own_words
from ocm_tui.core.provisioning.inventory_splice import plainly_equal
from ocm_tui.simulator.inventory import demo_inventory
from tests.unit.config.support import as_plain_user
from tests.unit.core.provisioning.inventory_support import written

EXAMPLE = Path(__file__).parents[4] / "examples" / "client-inventory.yaml"

TEXT = """\
# Who owns this: team orders
version: 1
defaults:
  grantTypes: [CLIENT_CREDENTIALS]
  clientAuth: {type: SECRET}      # for all
templates:
  web: {requireDpop: true, oidcPolicy: {logoutMode: NONE, pingAccessLogoutCapable: true}}
clients:
  # the first
  - clientId: a   # comment of a
    description: "Größe 1 😀"   # comment of the description

    # above the scopes
    restrictScopes: true
    restrictedScopes:
      - openid    # always
      # the next is for reports
      - reports:read
      - profile
    oidcPolicy:
      policyGroup: {id: default}   # which policy
      logoutUris: [https://a.example.com, https://b.example.com]
    # where it comes from
    secret: keep

  - {clientId: b, template: web, restrictScopes: true, restrictedScopes: [openid]}   # in one line

  - clientId: c
    template: web
    description: |-
      several
      lines
    environments:
      dev:
        enabled: false     # not yet
      prod: {enabled: true}
# the end
"""
IN_ONE_LINE = "  - {clientId: b, template: web, restrictScopes: true, restrictedScopes: [openid]}   # in one line"
SEVERAL = ["    description: |-", "      several", "      lines"]


def edit(path: Path, client_id: str, change: Callable[[dict[str, Any]], Any], environment: str = "dev") -> str:
    """The text after the change of what the client declares."""
    declared = {one.client_id: one.document for one in load_inventory([path], environment=environment).clients}
    document = copy.deepcopy(declared[client_id])
    change(document)
    old, new = edited_inventory(path, client_id, document, environment=environment)
    assert old == path.read_bytes().decode()
    return new


def changed_lines(old: str, new: str) -> tuple[list[str], list[str]]:
    before, after = old.splitlines(), new.splitlines()
    while before and after and before[0] == after[0]:
        before.pop(0)
        after.pop(0)
    while before and after and before[-1] == after[-1]:
        before.pop()
        after.pop()
    return before, after


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path, TEXT)


CHANGES: list[tuple[str, Callable[[dict[str, Any]], Any], list[str], list[str]]] = [
    (
        "a",
        lambda one: one.update(description="new"),
        ['    description: "Größe 1 😀"   # comment of the description'],
        ["    description: new   # comment of the description"],
    ),
    (
        "a",
        lambda one: one.update(description="yes: no"),
        ['    description: "Größe 1 😀"   # comment of the description'],
        ['    description: "yes: no"   # comment of the description'],
    ),
    ("a", lambda one: one.pop("description"), ['    description: "Größe 1 😀"   # comment of the description'], []),
    ("a", lambda one: one.update(enabled=False), [], ["    enabled: false"]),
    ("a", lambda one: one["restrictedScopes"].append("email"), [], ["      - email"]),
    ("a", lambda one: one["restrictedScopes"].insert(1, "email"), [], ["      - email"]),
    ("a", lambda one: one["restrictedScopes"].remove("profile"), ["      - profile"], []),
    ("a", lambda one: one["restrictedScopes"].remove("reports:read"), ["      - reports:read"], []),
    (
        "a",
        lambda one: one["restrictedScopes"].remove("openid"),
        ["      - openid    # always"],
        [],
    ),
    (
        "a",
        lambda one: one["oidcPolicy"]["policyGroup"].update(id="customers"),
        ["      policyGroup: {id: default}   # which policy"],
        ["      policyGroup: {id: customers}   # which policy"],
    ),
    (
        "a",
        lambda one: one["oidcPolicy"]["logoutUris"].insert(0, "https://c.example.com"),
        ["      logoutUris: [https://a.example.com, https://b.example.com]"],
        ["      logoutUris: [https://c.example.com, https://a.example.com, https://b.example.com]"],
    ),
    (
        "a",
        lambda one: one["oidcPolicy"].pop("policyGroup"),
        ["      policyGroup: {id: default}   # which policy"],
        [],
    ),
    (
        "a",
        lambda one: one["clientAuth"].update(type="CLIENT_SECRET_JWT"),
        [],
        ["    clientAuth: {type: CLIENT_SECRET_JWT}"],
    ),
    (
        "a",
        lambda one: one["grantTypes"].append("REFRESH_TOKEN"),
        [],
        ["    grantTypes: [CLIENT_CREDENTIALS, REFRESH_TOKEN]"],
    ),
    (
        "b",
        lambda one: (one["restrictedScopes"].append("email"), one.update(enabled=False)),
        [IN_ONE_LINE],
        [IN_ONE_LINE.replace("[openid]", "[openid, email], enabled: false")],
    ),
    (
        "b",
        lambda one: (one.pop("restrictedScopes"), one.pop("restrictScopes")),
        [IN_ONE_LINE],
        ["  - {clientId: b, template: web}   # in one line"],
    ),
    (
        "b",
        lambda one: one["oidcPolicy"].update(logoutMode="OIDC_BACK_CHANNEL"),
        [IN_ONE_LINE],
        [IN_ONE_LINE.replace("[openid]", "[openid], oidcPolicy: {logoutMode: OIDC_BACK_CHANNEL}")],
    ),
    ("c", lambda one: one.pop("requireDpop"), [], ["    requireDpop: null"]),
    ("c", lambda one: one["oidcPolicy"].pop("logoutMode"), [], ["    oidcPolicy: {logoutMode: null}"]),
    ("c", lambda one: one.update(description="one"), SEVERAL, ["    description: one"]),
    (
        "c",
        lambda one: one.update(description="several\nmore\n"),
        SEVERAL,
        ["    description: |", "      several", "      more"],
    ),
    (
        "c",
        lambda one: one.update(enabled=True),
        ["        enabled: false     # not yet"],
        ["        enabled: true     # not yet"],
    ),
    ("c", lambda one: one.pop("enabled"), ["      dev:", "        enabled: false     # not yet"], []),
]


@pytest.mark.parametrize(("client_id", "change", "before", "after"), CHANGES)
def test_changes(
    path: Path, client_id: str, change: Callable[[dict[str, Any]], Any], before: list[str], after: list[str]
) -> None:
    assert changed_lines(TEXT, edit(path, client_id, change)) == (before, after)


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_line_ends_and_a_byte_order_mark_stay(tmp_path: Path, start: str) -> None:
    path = tmp_path / "inventory.yaml"
    path.write_bytes((start + TEXT.replace("\n", "\r\n")).encode())
    for client_id, change, before, after in CHANGES:
        new = edit(path, client_id, change)
        assert new.startswith(start)
        assert new.count("\n") == new.count("\r\n")
        assert changed_lines(TEXT, new.removeprefix(start)) == (before, after)


def test_nothing_changed_changes_nothing(path: Path) -> None:
    for client_id in "abc":
        assert edit(path, client_id, lambda _: None) == TEXT


def test_ids_are_found_in_any_case(path: Path) -> None:
    document = load_inventory([path], environment="dev").clients[0].document
    old, new = edited_inventory(path, "A", {**document, "enabled": False}, environment="dev")
    assert changed_lines(old, new) == ([], ["    enabled: false"])


def test_an_environment_without_an_overlay_changes_the_client(path: Path) -> None:
    new = edit(path, "c", lambda one: one.update(enabled=False), "elsewhere")
    assert changed_lines(TEXT, new) == ([], ["    enabled: false"])
    assert edit(path, "c", lambda one: one.update(enabled=False), "prod").count("prod: {enabled: false}") == 1


# Adding and removing


def test_add(path: Path) -> None:
    document = {
        "clientId": "d",
        "grantTypes": ["CLIENT_CREDENTIALS"],
        "clientAuth": {"type": "SECRET"},
        "enabled": False,
    }
    old, new = edited_inventory(path, "d", {**document, "name": "d"}, environment="dev", extra={"secret": "keep"})
    before, after = changed_lines(old, new)
    assert (before, after) == ([], ["", "  - clientId: d", "    enabled: false", "    secret: keep"])
    assert new.endswith("    secret: keep\n# the end\n")


def test_add_with_a_template(path: Path) -> None:
    template = {"requireDpop": True, "oidcPolicy": {"logoutMode": "NONE", "pingAccessLogoutCapable": True}}
    document = {"clientId": "d", "name": "d", "grantTypes": ["CLIENT_CREDENTIALS"], "clientAuth": {"type": "SECRET"}}
    old, new = edited_inventory(path, "d", {**document, **template}, environment="dev", template="web")
    assert changed_lines(old, new) == ([], ["", "  - clientId: d", "    template: web"])


RS = "grantTypes: [ACCESS_TOKEN_VALIDATION]"
OTHER = f"{{clientId: x, {RS}}}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("clients: []\n", f"clients:\n  - clientId: d\n    {RS}\n"),
        ("clients: []   # none yet\n", f"clients:\n  - clientId: d\n    {RS}   # none yet\n"),
        (f"clients:\n- {OTHER}", f"clients:\n- {OTHER}\n- clientId: d\n  {RS}"),
        (f"clients: [{OTHER}]\n", f"clients: [{OTHER}, {{clientId: d, {RS}}}]\n"),
    ],
)
def test_add_to_any_list(tmp_path: Path, before: str, after: str) -> None:
    path = written(tmp_path, f"version: 1\n{before}")
    document = {"clientId": "d", "name": "d", "grantTypes": ["ACCESS_TOKEN_VALIDATION"]}
    assert edited_inventory(path, "d", document, environment="dev")[1] == f"version: 1\n{after}"


def test_remove(path: Path) -> None:
    without = {client_id: inventory_without(path, client_id, environment="dev")[1] for client_id in "abc"}
    assert without["a"] == TEXT[: TEXT.index("  - clientId: a")] + TEXT[TEXT.index("  - {clientId: b") :]
    assert without["b"] == TEXT[: TEXT.index("\n" + IN_ONE_LINE)] + TEXT[TEXT.index("\n  - clientId: c") :]
    assert without["c"] == TEXT[: TEXT.index("\n  - clientId: c")] + TEXT[TEXT.index("# the end") :]


def test_remove_all(tmp_path: Path) -> None:
    path = written(
        tmp_path, "version: 1\nclients:\n  - {clientId: x, grantTypes: [ACCESS_TOKEN_VALIDATION]}  # x\n# end\n"
    )
    assert inventory_without(path, "x", environment="dev")[1] == "version: 1\nclients:\n  []  # x\n# end\n"


def test_remove_what_is_not_there(path: Path) -> None:
    with pytest.raises(UsageError, match="does not declare nobody"):
        inventory_without(path, "nobody", environment="dev")


# Anchors, aliases, templates of other files

ANCHORED = """\
version: 1
clients:
  - &base
    clientId: a
    grantTypes: &grants [CLIENT_CREDENTIALS]
    clientAuth: &auth {type: SECRET}
    description: &words some words
  - <<: *base
    clientId: b
  - {clientId: c, grantTypes: *grants, clientAuth: *auth, description: *words}
"""


@pytest.mark.parametrize(
    ("client_id", "change", "before", "after"),
    [
        ("b", lambda one: one.update(description="other"), [], ["    description: other"]),
        ("b", lambda one: one.pop("description"), [], ["    description: null"]),
        ("b", lambda one: one["clientAuth"].update(type="NONE"), None, None),
        (
            "c",
            lambda one: one.update(description="other"),
            ["  - {clientId: c, grantTypes: *grants, clientAuth: *auth, description: *words}"],
            ["  - {clientId: c, grantTypes: *grants, clientAuth: *auth, description: other}"],
        ),
        (
            "c",
            lambda one: one["clientAuth"].update(type="CLIENT_SECRET_JWT"),
            ["  - {clientId: c, grantTypes: *grants, clientAuth: *auth, description: *words}"],
            ["  - {clientId: c, grantTypes: *grants, clientAuth: {type: CLIENT_SECRET_JWT}, description: *words}"],
        ),
        ("a", lambda one: one.update(description="other"), None, None),
        ("a", lambda one: one.pop("description"), None, None),
        ("a", lambda one: one.update(enabled=False), None, None),
    ],
)
def test_anchors(
    tmp_path: Path,
    client_id: str,
    change: Callable[[dict[str, Any]], Any],
    before: list[str] | None,
    after: list[str] | None,
) -> None:
    """An edit that others would take part in is refused; the others' own use of a value is theirs to change."""
    path = written(tmp_path, ANCHORED)
    if before is None:
        with pytest.raises(UsageError):
            edit(path, client_id, change)
    else:
        assert changed_lines(ANCHORED, edit(path, client_id, change)) == (before, after)


def test_a_client_that_others_build_on_is_not_removed(tmp_path: Path) -> None:
    path = written(tmp_path, ANCHORED)
    with pytest.raises(UsageError, match="elsewhere stands for it"):
        inventory_without(path, "a", environment="dev")


def test_templates_of_other_files(tmp_path: Path) -> None:
    base = written(
        tmp_path, "version: 1\ntemplates: {rs: {grantTypes: [ACCESS_TOKEN_VALIDATION], enabled: true}}\n", "b.yaml"
    )
    path = written(tmp_path, "version: 1\nclients:\n  - {clientId: a, template: rs}\n")
    document = {"clientId": "a", "name": "a", "grantTypes": ["ACCESS_TOKEN_VALIDATION"], "enabled": False}
    with pytest.raises(InvalidInventory, match="no such template"):
        edited_inventory(path, "a", document, environment="dev")
    new = edited_inventory(path, "a", document, environment="dev", others=[path, base])[1]
    assert new.endswith("{clientId: a, template: rs, enabled: false}\n")


# What cannot be done, and says why

LISTED = "    grantTypes:\n      - CIBA\n      # why\n      - IMPLICIT\n"


@pytest.mark.parametrize(
    ("fields", "change", "words"),
    [
        ("    grantTypes: [CIBA]\n", {"clientId": "b"}, "a clientId never changes"),
        ("    grantTypes: [CIBA]\n", {"name": "b"}, "cannot be edited so that it declares just this"),
        ("    grantTypes: [CIBA]\n", {"grantTypes": []}, "would not be a good one"),
        ("    grantTypes: [CIBA]\n", {"nothing": 1}, "would not be a good one"),
        ("    grantTypes: [CIBA]\n", {"clientAuth": {"type": "SECRET", "secret": "x"}}, "would not be a good one"),
        ("    grantTypes: [\n      CIBA,  # why\n    ]\n", {"grantTypes": ["IMPLICIT"]}, "a comment inside"),
        (LISTED, {"grantTypes": ["EXTENSION"]}, "a comment inside"),
        ("    grantTypes: # why\n      - CIBA\n", {"grantTypes": ["EXTENSION"]}, "a comment stands between"),
        ("    grantTypes: [CIBA]\n    ? description\n    : x\n", {"description": "y"}, "a key with `\\?`"),
    ],
)
def test_refusals(tmp_path: Path, fields: str, change: dict[str, Any], words: str) -> None:
    path = written(tmp_path, f"version: 1\nallow: [redirect-uris]\nclients:\n  - clientId: a\n{fields}")
    with pytest.raises(UsageError, match=words) as caught:
        edit(path, "a", lambda one: one.update(change))
    assert caught.value.title != "x"


def test_no_list_to_add_to(tmp_path: Path) -> None:
    path = written(tmp_path, "version: 1\ntemplates: {a: {}}\n")
    with pytest.raises(UsageError, match="has no list of clients"):
        edited_inventory(path, "x", {"grantTypes": ["ACCESS_TOKEN_VALIDATION"]}, environment="dev")


def test_an_inventory_that_is_wrong_already(tmp_path: Path) -> None:
    path = written(tmp_path, "version: 1\nclients: [{clientId: a, unknown: 1}]\n")
    with pytest.raises(InvalidInventory, match="unknown field"):
        edited_inventory(path, "a", {"grantTypes": ["CIBA"]}, environment="dev")


# Any edit

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
lists = st.lists(
    st.sampled_from(["openid", "profile", "a: b", "#x", "-", "yes", "1", ""]) | texts, max_size=4, unique=True
)
flags = st.booleans() | st.none()
documents = st.fixed_dictionaries(
    {},
    optional={
        "description": texts,
        "enabled": flags,
        "requireDpop": flags,
        "restrictedScopes": lists,
        "exclusiveScopes": lists,
        "oidcPolicy": st.fixed_dictionaries(
            {},
            optional={
                "logoutMode": st.sampled_from(["NONE", "OIDC_BACK_CHANNEL"]),
                "logoutUris": lists,
                "policyGroup": st.fixed_dictionaries({}, optional={"id": texts}),
            },
        ),
        "extendedParameters": st.dictionaries(texts, st.fixed_dictionaries({"values": lists}), max_size=2),
        "cibaPollingInterval": st.integers(0, 3600),
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents, st.sampled_from("abc"), st.sampled_from(["dev", "prod", "x"]))
def test_any_edit(path: Path, fields: dict[str, Any], client_id: str, environment: str) -> None:
    """It is done, and then declares just that; or a comment would be lost. `edited_inventory` proves the rest."""
    head = {
        "clientId": client_id,
        "name": client_id,
        "grantTypes": ["CLIENT_CREDENTIALS"],
        "clientAuth": {"type": "SECRET"},
    }
    wanted = meaning({**head, **fields})
    try:
        new = edited_inventory(path, client_id, wanted, environment=environment)[1]
    except UsageError as error:
        assert "comment" in error.title  # noqa: PT017
        return
    again = written(path.parent, new, "again.yaml")
    found = {one.client_id: one.document for one in load_inventory([again], environment=environment).clients}
    assert plainly_equal(meaning(found[client_id]), wanted)
    assert edited_inventory(again, client_id, wanted, environment=environment)[1] == new


mappings = st.recursive(
    st.sampled_from([1, True, "a"]) | st.lists(st.integers(0, 2), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3),
    max_leaves=8,
).filter(lambda value: isinstance(value, dict))


@given(mappings, mappings, mappings, mappings)
def test_own_words(base: Any, own: Any, overlay: Any, wanted: Any) -> None:
    new_own, new_overlay = own_words(base, own, overlay, wanted)
    assert plainly_equal(folded(folded(base, new_own), new_overlay), wanted)
    settled = folded(folded(base, own), overlay)
    assert own_words(base, own, overlay, settled) == (own, overlay)


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_every_client_of_the_example(environment: str) -> None:
    for client in load_inventory([EXAMPLE], environment=environment).clients:
        old, new = edited_inventory(EXAMPLE, client.client_id, client.document, environment=environment)
        assert old == new
        without = inventory_without(EXAMPLE, client.client_id, environment=environment)[1]
        assert without.count("\n") < old.count("\n")
        flipped = {**client.document, "enabled": client.document.get("enabled") is False}
        old, new = edited_inventory(EXAMPLE, client.client_id, flipped, environment=environment)
        assert len(changed_lines(old, new)[1]) == 1


def test_every_client_of_the_demo(tmp_path: Path) -> None:
    path = written(tmp_path, demo_inventory())
    for client in load_inventory([path], environment="demo").clients:
        document = {**client.document, "description": "another one"}
        old, new = edited_inventory(path, client.client_id, document, environment="demo")
        before, after = changed_lines(old, new)
        assert len(before) <= 1
        assert after == ["    description: another one"]


# Saving


def test_save(path: Path) -> None:
    path.chmod(0o640)
    save_inventory(path, TEXT, TEXT + "# more\n")
    assert path.read_text(encoding="utf-8") == TEXT + "# more\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_save_follows_a_link(path: Path) -> None:
    link = path.parent / "link.yaml"
    link.symlink_to(path.name)
    save_inventory(link, TEXT, "version: 1\nclients: []\n")
    assert link.is_symlink()
    assert path.read_text() == "version: 1\nclients: []\n"


def test_save_refuses_a_file_that_changed(path: Path) -> None:
    path.write_text(TEXT + "# theirs\n", encoding="utf-8")
    with pytest.raises(UsageError, match="has changed since it was read"):
        save_inventory(path, TEXT, TEXT + "# mine\n")
    assert path.read_text(encoding="utf-8").endswith("# theirs\n")
    path.unlink()
    with pytest.raises(UsageError, match="cannot be written"):
        save_inventory(path, TEXT, TEXT)


def test_save_refuses_what_is_read_only(tmp_path: Path) -> None:
    path = written(tmp_path, TEXT)
    path.chmod(0o444)
    with as_plain_user(), pytest.raises(UsageError, match=r"read-only|cannot be written"):
        save_inventory(path, TEXT, TEXT + "# mine\n")
    assert path.read_text(encoding="utf-8") == TEXT
