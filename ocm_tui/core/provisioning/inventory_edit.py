"""An edited client written back into the file that declares it: its own lines change, every other byte stays.

Whatever comes out is read again before anybody gets to see it: it must declare exactly what was asked for, and every
other client as before. Where that is not so, or where a comment would be lost, the edit is refused with the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ocm_tui.core.errors import UsageError
from ocm_tui.core.positioned.positions import NodePath
from ocm_tui.core.positioned.spans import Span, aliases_of, span_at
from ocm_tui.core.provisioning.inventory import InvalidInventory, InventoryReader, read_inventory
from ocm_tui.core.provisioning.inventory_files import distinct_files, read_inventories, text_of_file
from ocm_tui.core.provisioning.inventory_layers import Layer, fields_of_layer
from ocm_tui.core.provisioning.inventory_own import meaning, own_words
from ocm_tui.core.provisioning.inventory_problems import Report
from ocm_tui.core.provisioning.inventory_save import save_inventory
from ocm_tui.core.provisioning.inventory_splice import Splicer, plainly_equal
from ocm_tui.core.provisioning.inventory_structure import taken_apart
from ocm_tui.core.provisioning.inventory_text import block
from ocm_tui.core.provisioning.model import DeclaredClient
from ocm_tui.core.text import clean

__all__ = ["edited_inventory", "inventory_without", "save_inventory"]

_BOM: Final = "\ufeff"


def edited_inventory(
    path: Path,
    client_id: str,
    document: Mapping[str, Any],
    *,
    environment: str,
    others: Sequence[Path] = (),
    template: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> tuple[str, str]:
    """(old text, new text) of the file, in which the client then declares `document`. Blocking.

    A client that the file does not declare is added at its end, with `template` and with `extra` (its secret or
    registry). `others` are the inventory's other files: templates may be in them. InvalidInventory when the inventory
    is not a good one to begin with; UsageError says why an edit cannot be made.
    """
    edit = _Edit(path, environment, others)
    wanted = meaning(document)
    if str(wanted.get("clientId", client_id)).casefold() != client_id.casefold():
        raise UsageError("a clientId never changes", hint="a rename is a new client: add it, then remove this one")
    layer = edit.layer(client_id)
    new = edit.changed(layer, wanted) if layer else edit.added(client_id, wanted, template, extra or {})
    edit.verify(new, client_id, {**wanted, "clientId": layer.data["clientId"] if layer else client_id})
    return edit.old, new


def inventory_without(path: Path, client_id: str, *, environment: str, others: Sequence[Path] = ()) -> tuple[str, str]:
    """(old text, new text) of the file, which then does not declare the client. Blocking; errors as above."""
    edit = _Edit(path, environment, others)
    layer = edit.layer(client_id)
    if layer is None:
        raise UsageError(f"{path} does not declare {clean(client_id, 120)}")
    new = edit.removed(layer)
    edit.verify(new, client_id, None)
    return edit.old, new


@dataclass(frozen=True, slots=True)
class _Place:
    text: str
    splicer: Splicer
    clients: Span


class _Edit:
    """One edit of one file, as it is read now."""

    def __init__(self, path: Path, environment: str, others: Sequence[Path]) -> None:
        self._path = path
        self._environment = environment
        self._paths = distinct_files((path, *others))
        self.old = text_of_file(path)
        report = Report()
        documents = read_inventories(self._paths, report, self._with(self.old))
        files = [file for document in documents if (file := taken_apart(document, report)) is not None]
        self._reader = InventoryReader(files, environment, report)
        self._before = self._reader.clients()
        if report.errors:
            raise InvalidInventory(report.errors, report.warnings)
        self._file = files[0]

    def layer(self, client_id: str) -> Layer | None:
        folded_id = client_id.casefold()
        return next((layer for name, layer in self._file.clients if name.casefold() == folded_id), None)

    def changed(self, layer: Layer, wanted: Mapping[str, Any]) -> str:
        base = self._reader.base(0, layer)
        assert base is not None  # the inventory is a good one
        overlay = layer.overlay(self._environment)
        own = fields_of_layer(layer)
        fields = self._fields(wanted, own)
        over = fields_of_layer(overlay) if overlay else {}
        new_own, new_over = own_words(base.document, own, over, fields)
        new = self._with_fields(layer.data, own, new_own)
        if overlay is not None and not plainly_equal(over, new_over):
            environments = dict(layer.data["environments"])
            environments[self._environment] = self._with_fields(overlay.data, over, new_over)
            if not environments[self._environment]:
                del environments[self._environment]
            new["environments"] = environments
            if not environments:
                del new["environments"]
        place = self._place(layer.path)
        span = place.clients.items[int(layer.path[1])]
        start, end = place.splicer.region(span)
        if span.kind == "alias":
            raise UsageError("the client is an alias (`*…`) of another part of the file", hint="edit the file by hand")
        return self._spliced(place, start, end, place.splicer.mapping(span, layer.data, new))

    def added(self, client_id: str, wanted: Mapping[str, Any], template: str | None, extra: Mapping[str, Any]) -> str:
        head: dict[str, Any] = {"clientId": client_id} | ({"template": template} if template else {})
        empty = Layer(self._file.document, ("clients", len(self._file.clients)), head, clean(client_id, 120))
        base = self._reader.base(0, empty)
        if base is None:
            raise UsageError(f"there is no template {clean(template, 120)}")
        own, _ = own_words(base.document, {}, {}, self._fields(wanted, {}))
        item = {**head, **{name: value for name, value in own.items() if name != "clientId"}, **extra}
        place = self._place(("clients",))
        if place.clients.kind != "sequence":
            raise UsageError("the list of clients is an alias (`*…`)", hint="edit the file by hand")
        start, end = place.splicer.region(place.clients)
        if place.clients.items:
            return self._spliced(place, start, end, place.splicer.with_item(place.clients, item))
        newline = place.splicer.newline
        while place.text[start - 1] == " ":
            start -= 1
        return self._spliced(place, start, end, f"{newline}  - {block(item, 4, newline)}")

    def removed(self, layer: Layer) -> str:
        place = self._place(("clients",))
        start, end = place.splicer.region(place.clients)
        return self._spliced(place, start, end, place.splicer.without_item(place.clients, int(layer.path[1])))

    def verify(self, new: str, client_id: str, wanted: Mapping[str, Any] | None) -> None:
        """`wanted` None: the client must be gone. Everybody else must be as before."""
        try:
            after = read_inventory(self._paths, environment=self._environment, read=self._with(new)).clients
        except InvalidInventory as error:
            raise UsageError(f"the edited inventory would not be a good one: {error.problems[0].message}") from error
        folded_id = client_id.casefold()
        found = next((client for client in after if client.client_id.casefold() == folded_id), None)
        if (found is None) != (wanted is None) or (found and wanted and not _declares(found, wanted)):
            hint = "anchors, aliases or an unusual layout may be the reason: edit the file by hand"
            raise UsageError(f"{self._path} cannot be edited so that it declares just this", hint=hint)
        before = next((client for client in self._before if client.client_id.casefold() == folded_id), None)
        if before and found and before.registry != found.registry:
            raise UsageError(
                f"this edit of {self._path} would change the client's registry row", hint="edit it by hand"
            )
        if _others(self._before, folded_id) != _others(after, folded_id):
            raise UsageError(f"this edit of {self._path} would change other clients as well", hint="edit it by hand")

    def _fields(self, wanted: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
        """Without the name, where the policy says it: a name that is written there and ignored stays."""
        fields = {name: value for name, value in wanted.items() if name not in {"clientId", "name"}}
        if self._file.keep_names and "name" in wanted:
            fields["name"] = wanted["name"]
        elif not self._file.keep_names and "name" in own:
            fields["name"] = own["name"]
        if "clientId" in own:
            fields["clientId"] = own["clientId"]
        return fields

    @staticmethod
    def _with_fields(data: Mapping[str, Any], fields: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
        kept = {name: new.get(name, value) for name, value in data.items() if name not in fields or name in new}
        return {**kept, **{name: value for name, value in new.items() if name not in kept}}

    def _place(self, path: NodePath) -> _Place:
        text = self.old.removeprefix(_BOM)
        root = span_at(text, path)
        member = root.members.get("clients")
        if member is None:
            raise UsageError(f"{self._path} has no list of clients to edit", hint="add `clients: []` to it")
        return _Place(text, Splicer(text, aliases_of(text)), member.value)

    def _spliced(self, place: _Place, start: int, end: int, fresh: str) -> str:
        bom = _BOM if self.old.startswith(_BOM) else ""
        return f"{bom}{place.text[:start]}{fresh}{place.text[end:]}"

    def _with(self, text: str) -> Any:
        return lambda path: text if path == self._path else text_of_file(path)


def _declares(client: DeclaredClient, wanted: Mapping[str, Any]) -> bool:
    return plainly_equal(meaning(client.document), wanted)


def _others(clients: Sequence[DeclaredClient], folded_id: str) -> list[tuple[Any, ...]]:
    return [
        (client.client_id, client.document, client.secret, client.registry, client.keep_name)
        for client in clients
        if client.client_id.casefold() != folded_id
    ]
