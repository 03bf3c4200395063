import json
import re

import pytest

from ocm_tui.core.provisioning.model import Change, FieldDrift
from ocm_tui.headless.formats.plan import plan_document, plan_text
from tests.unit.headless.plans import plan_of, plan_of_everything

ANSI = re.compile("\x1b\\[[0-9;]*m")
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


def test_the_text_says_what_changes_who_moved_and_why_not() -> None:
    text = plan_text(plan_of_everything())
    assert not CONTROL.search(text)
    new, orders, back, evil, dropped, about = text.split("\n\n")
    assert new.splitlines() == [
        "+ new-api  create  inventory.yaml:4:5",
        "    secret: set, from the variable NEW_API_SECRET",
        "    enabled",
        "      + true",
        "    grantTypes",
        "      + CLIENT_CREDENTIALS",
    ]
    assert orders.splitlines()[:6] == [
        "~ orders-api  update  inventory.yaml:9:5",
        "    the former secret dies at once",
        "    secret: rotate, version 3, generated, delivered to file:secrets/orders-api",
        "    redirectUris  (changed on both sides)",
        "      - https://old.example.com",
        "    description  (changed on the server)",
    ]
    assert orders.splitlines()[-6:] == [
        "    enabled  (changed in the inventory)",
        "      - false",
        "      + true",
        "    name",
        "      - a",
        "      + b",
    ]
    assert back.splitlines()[:2] == ["+ came-back  create", "    it was deleted on the server"]
    assert evil.startswith("■ evil-[/x] ")
    assert "  blocked  inventory.yaml:20:5\n    defaultAccessTokenManagerRef: there is no token manager" in evil
    assert dropped.splitlines()[0] == "- dropped  delete"
    assert about.splitlines()[0].startswith("warning: the list of scopes could not be read ")
    assert about.splitlines()[1:] == [
        "not declared, and left alone: 2 clients of the server",
        "dev: 2 to create, 1 to update, 1 to delete, 1 unchanged, 1 blocked",
    ]


def test_nothing_to_do_is_said() -> None:
    text = plan_text(plan_of(Change(client_id="a", action="unchanged")))
    assert text.splitlines() == [
        "No changes: dev is as the inventory declares it.",
        "",
        "dev: 0 to create, 0 to update, 0 to delete, 1 unchanged, 0 blocked",
    ]


def test_colour_adds_nothing_but_colour() -> None:
    plain, coloured = plan_text(plan_of_everything()), plan_text(plan_of_everything(), color=True)
    assert ANSI.sub("", coloured) == plain
    assert "\x1b[32m+ CLIENT_CREDENTIALS\x1b[0m" in coloured
    assert not CONTROL.search(ANSI.sub("", coloured))


def test_the_document_has_the_members_of_the_contract() -> None:
    document = json.loads(plan_document(plan_of_everything()))
    assert (next(iter(document)), document["schema"]) == ("schema", "ocm-tui/plan/v1")
    assert document["environment"] == "dev"
    assert {"inventory", "summary", "changes"} <= document.keys()
    assert document["summary"] == {"create": 2, "update": 1, "delete": 1, "unchanged": 1, "blocked": 1}
    change = next(one for one in document["changes"] if one["client_id"] == "orders-api")
    assert {"client_id", "action", "fields", "reasons"} <= change.keys()
    assert change["fields"][0] == {
        "path": "redirectUris",
        "before": ["https://old.example.com", "https://a"],
        "after": ["https://a"],
        "moved": "both",
    }


@pytest.mark.parametrize("color", [False, True])
def test_a_line_is_one_line_whatever_a_value_holds(color: bool) -> None:
    change = Change(client_id="a\nb", action="update", fields=(FieldDrift("x\ny", "1\n2", {"k": "\x1b[2J"}),))
    lines = ANSI.sub("", plan_text(plan_of(change), color=color)).splitlines()
    assert lines[:4] == ["~ a␊b  update", "    x␊y", "      - 1␊2", '      + {"k": "\\u001b[2J"}']
