"""The action table and everything that is made from it."""

import inspect
from collections import Counter
from pathlib import Path

import pytest

from ocm_tui.tui.actions import Action, actions_of, all_actions
from ocm_tui.tui.app import OcmApp
from ocm_tui.tui.keys_table import keys_table
from ocm_tui.tui.screens.apply import ApplyScreen
from ocm_tui.tui.screens.client_form import ClientForm
from ocm_tui.tui.screens.clients import ClientsScreen
from ocm_tui.tui.screens.conflict import ConflictScreen
from ocm_tui.tui.screens.dead_letters import DeadLettersScreen
from ocm_tui.tui.screens.log import LogScreen
from ocm_tui.tui.screens.log_compare import CompareScreen
from ocm_tui.tui.screens.log_minimise import MinimiseScreen
from ocm_tui.tui.screens.oci import OciScreen
from ocm_tui.tui.screens.oci_form import OciForm
from ocm_tui.tui.screens.registry import RegistryScreen
from ocm_tui.tui.screens.registry_form import RegistryForm

_OWNERS = {
    "app": OcmApp,
    "clients": ClientsScreen,
    "log": LogScreen,
    "compare": CompareScreen,
    "minimise": MinimiseScreen,
    "apply": ApplyScreen,
    "form": ClientForm,
    "conflict": ConflictScreen,
    "oci": OciScreen,
    "registry": RegistryScreen,
    "registry_form": RegistryForm,
    "letters": DeadLettersScreen,
    "oci_form": OciForm,
}
# Over a pane: the app's keys do not work there.
_ALONE = {"form", "oci_form", "registry_form", "letters", "conflict", "compare", "minimise"}
_README = Path(__file__).parents[3] / "README.md"


@pytest.mark.parametrize("action", all_actions(), ids=lambda action: action.id)
def test_every_action_has_a_handler_and_words(action: Action) -> None:
    assert callable(getattr(_OWNERS[action.pane], f"action_{action.verb}"))
    assert action.title
    assert action.help
    assert not action.help.endswith(".")


@pytest.mark.parametrize(
    "pane",
    [
        *("clients", "log", "apply", "form", "conflict", "compare", "minimise"),
        *("oci", "oci_form", "registry", "registry_form", "letters"),
    ],
)
def test_no_two_actions_share_a_key(pane: str) -> None:
    """But a pane may have its own way of doing what the app does: the same verb, on the same key."""
    own = {action.verb: action.keys for action in actions_of(pane)}
    shared = [] if pane in _ALONE else [one for one in actions_of("app") if own.get(one.verb) != one.keys]
    keys = Counter(key for action in (*actions_of(pane), *shared) for key in action.keys)
    assert [key for key, count in keys.items() if count > 1] == []


def test_ids_are_unique() -> None:
    assert len({action.id for action in all_actions()}) == len(all_actions())


@pytest.mark.parametrize("pane", ["clients", "log", "apply", "oci", "registry"])
def test_writes_are_guarded(pane: str) -> None:
    """Every write of a pane goes through `allowed`, which names the same action."""
    for action in actions_of(pane):
        if action.kind != "look":
            method = getattr(_OWNERS[pane], f"action_{action.verb}")
            source = inspect.getsource(inspect.unwrap(method))
            assert f'@allowed("{action.id}")' in source, action.id


def test_the_readme_shows_the_keys() -> None:
    assert keys_table() in _README.read_text(encoding="utf-8"), "run python -m ocm_tui.tui.keys_table"
