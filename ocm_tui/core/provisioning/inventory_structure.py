"""One inventory file taken apart: version, defaults, templates and clients, each with its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ocm_tui.core.positioned.marked import PositionedDocument
from ocm_tui.core.positioned.problems import shown_key
from ocm_tui.core.provisioning.inventory_fields import allowed_codes, check_codes
from ocm_tui.core.provisioning.inventory_layers import Layer
from ocm_tui.core.provisioning.inventory_problems import Report
from ocm_tui.core.text import clean

__all__ = ["InventoryFile", "taken_apart"]

_VERSION: Final = 1
_KEYS: Final = ("version", "name_policy", "allow", "defaults", "templates", "clients")
_POLICIES: Final = ("client_id", "keep")
_LONGEST_ID: Final = 120


@dataclass(slots=True)
class InventoryFile:
    """`clients` in their order, those without a usable clientId left out."""

    document: PositionedDocument
    defaults: Layer
    templates: dict[str, Layer] = field(default_factory=dict)
    clients: list[tuple[str, Layer]] = field(default_factory=list)
    allow: frozenset[str] = frozenset()
    keep_names: bool = False


def taken_apart(document: PositionedDocument, report: Report) -> InventoryFile | None:
    """What can be used of it; everything else is reported. None when the document is no mapping."""
    data = document.data
    if not isinstance(data, Mapping):
        what = "nothing is in it" if data is None else "this is something else"
        text = f"an inventory is a mapping with `version: 1` and `clients`, and {what}"
        report.error(document.place(), text)
        return None
    top = Layer(document, (), data, "inventory")
    _refuse_unknown(top, report)
    _check_version(top, report)
    defaults = _mapping(top, "defaults", report)
    file = InventoryFile(document, Layer(document, ("defaults",), defaults, "defaults"))
    for name in _mapping(top, "templates", report):
        if template := _template(top, name, report):
            file.templates[name] = template
    file.clients = _clients(top, report)
    policy = data.get("name_policy")
    if policy not in (None, *_POLICIES):
        report.error(top.place("name_policy"), f"name_policy is {' or '.join(_POLICIES)}")
    file.keep_names = policy == "keep"
    check_codes(top, "allow", report)
    file.allow = allowed_codes(data.get("allow"))
    return file


def _refuse_unknown(top: Layer, report: Report) -> None:
    for name in top.data:
        if name not in _KEYS:
            hint = report.meant(name, _KEYS) or f"one of {', '.join(_KEYS)}"
            if name == "environments":
                hint = "put it into `defaults`, a template or a client"
            report.error(top.place(name, key=True), f"unknown key {shown_key(name)}", hint)


def _check_version(top: Layer, report: Report) -> None:
    version = top.data.get("version")
    if type(version) is not int or version != _VERSION:
        said = f"`version` is {clean(version, 40)}" if "version" in top.data else "`version` is missing"
        report.error(top.place("version"), f"{said}; it must be {_VERSION}", f"version: {_VERSION}")


def _mapping(top: Layer, name: str, report: Report) -> Mapping[str, Any]:
    value = top.data.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        report.error(top.place(name), f"`{name}` is a mapping (`key: value` lines)")
        return {}
    return value


def _template(top: Layer, name: str, report: Report) -> Layer | None:
    value = top.data["templates"][name]
    label = f"template {clean(name, _LONGEST_ID)}"
    if value is not None and not isinstance(value, Mapping):
        report.error(top.place("templates", name), f"{label} is a mapping (`key: value` lines)")
        return None
    return Layer(top.document, ("templates", name), value or {}, label)


def _clients(top: Layer, report: Report) -> list[tuple[str, Layer]]:
    clients = top.data.get("clients")
    if not isinstance(clients, list):
        if "clients" in top.data or not top.data.get("templates"):  # a file of templates only needs none
            said = "is not a list" if "clients" in top.data else "is missing"
            report.error(top.place("clients"), f"`clients` {said}; it lists the clients", "clients: []")
        return []
    found: list[tuple[str, Layer]] = []
    for index, client in enumerate(clients):
        path = ("clients", index)
        if not isinstance(client, Mapping):
            text = f"clients[{index}] is a mapping that begins with clientId"
            report.error(top.document.place(path), text, "- clientId: orders-api")
            continue
        client_id = client.get("clientId")
        if isinstance(client_id, str) and client_id.strip() and client_id.isprintable():
            found.append((client_id, Layer(top.document, path, client, clean(client_id, _LONGEST_ID))))
        else:
            _refuse_id(Layer(top.document, path, client, f"clients[{index}]"), client_id, report)
    return found


def _refuse_id(layer: Layer, client_id: Any, report: Report) -> None:
    if client_id is None:
        report.error(layer.place(), f"{layer.label} has no clientId", "- clientId: orders-api")
    elif isinstance(client_id, str):
        text = "is empty" if not client_id.strip() else "holds a character that cannot be printed"
        report.error(layer.place("clientId"), f"{layer.label}: clientId {text}")
    else:
        report.error(layer.place("clientId"), f"{layer.label}: clientId is a text", "put it in quotes")
