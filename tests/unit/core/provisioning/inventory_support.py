"""Inventories written into a real directory, loaded, and what was said about them."""

from pathlib import Path

import pytest

from ocm_tui.core.positioned.problems import Problem
from ocm_tui.core.provisioning.inventory import InvalidInventory
from ocm_tui.core.provisioning.inventory_loading import load_inventory
from ocm_tui.core.provisioning.model import DeclaredClient, Inventory

__all__ = ["client", "loaded", "problems", "written"]

# A client that nobody has a word to say about.
GOOD = "grantTypes: [CLIENT_CREDENTIALS], clientAuth: {type: SECRET}"


def written(directory: Path, text: str, name: str = "inventory.yaml") -> Path:
    path = directory / name
    path.write_text(text, encoding="utf-8")
    return path


def loaded(directory: Path, text: str, environment: str = "dev") -> Inventory:
    return load_inventory([written(directory, text)], environment=environment)


def client(directory: Path, fields: str, *, head: str = "", environment: str = "dev") -> DeclaredClient:
    """One client of an inventory, its fields in flow style, `head` before the list."""
    inventory = loaded(directory, f"version: 1\n{head}clients:\n  - {{clientId: a, {fields}}}\n", environment)
    assert not inventory.warnings
    return inventory.clients[0]


def problems(directory: Path, text: str) -> tuple[Problem, ...]:
    path = written(directory, text)
    with pytest.raises(InvalidInventory) as caught:
        load_inventory([path], environment="dev")
    return caught.value.problems
