"""The inventory: YAML files that declare clients, read with every doubt and folded into one list.

    version: 1
    defaults: {…}                     # for every client of this file
    templates: {web: {…}}             # for the clients that name it, in any file of the inventory
    clients: [{clientId: …, template: web, …}]

Every problem of every file is told, each with its file, line, column and dotted key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocm_tui.core.clients.documents import has_secret
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.positioned.marked import PositionedDocument
from ocm_tui.core.positioned.problems import in_order
from ocm_tui.core.provisioning.inventory_fields import allowed_codes, check_layer
from ocm_tui.core.provisioning.inventory_files import ReadText, read_inventories, text_of_file
from ocm_tui.core.provisioning.inventory_layers import Layer, Origins, fields_of_layer, folded
from ocm_tui.core.provisioning.inventory_problems import InvalidInventory, Report
from ocm_tui.core.provisioning.inventory_rules import findings
from ocm_tui.core.provisioning.inventory_secrets import SecretReader
from ocm_tui.core.provisioning.inventory_structure import InventoryFile, taken_apart
from ocm_tui.core.provisioning.model import DeclaredClient, Inventory, SecretDeclaration

__all__ = ["InvalidInventory", "InventoryReader", "read_inventory", "taken_together"]


def read_inventory(
    paths: Sequence[Path], *, environment: str, report: Report | None = None, read: ReadText = text_of_file
) -> Inventory:
    """As `inventory_loading.load_inventory`, of these files as `read` gives their text."""
    report = report or Report()
    return taken_together(paths, read_inventories(paths, report, read), environment, report)


def taken_together(
    paths: Sequence[Path], documents: Sequence[PositionedDocument], environment: str, report: Report
) -> Inventory:
    files = [file for document in documents if (file := taken_apart(document, report)) is not None]
    clients = InventoryReader(files, environment, report).clients()
    if report.errors:
        raise InvalidInventory(report.errors, report.warnings)
    return Inventory(tuple(paths), clients, in_order(report.warnings))


@dataclass(frozen=True, slots=True)
class Base:
    """What clients of one file and one template have in common. Layers from the first word to the last."""

    layers: tuple[Layer, ...]
    last_first: tuple[Layer, ...]
    document: Mapping[str, Any]
    registry: Mapping[str, Any]
    allow: frozenset[str]
    secret: bool
    good: bool


class InventoryReader:
    """The clients of files that were taken apart. What is wrong goes to `report`."""

    def __init__(self, files: Sequence[InventoryFile], environment: str, report: Report) -> None:
        self.files = files
        self._environment = environment
        self._report = report
        self._secrets = SecretReader(report)
        self._good: dict[int, bool] = {}
        self._templates = self._all_templates()
        self._bases: dict[tuple[int, str | None], Base | None] = {}
        self._first: dict[str, tuple[str, Layer]] = {}

    def clients(self) -> tuple[DeclaredClient, ...]:
        for file in self.files:
            self._checked(file.defaults)
        clients: list[DeclaredClient] = []
        for number, file in enumerate(self.files):
            for client_id, layer in file.clients:
                self._refuse_second(client_id, layer)
                good = check_layer(layer, self._report, client=True)
                base = self.base(number, layer)
                if good and base is not None and base.good:
                    clients.append(self._client(client_id, layer, base, file))
        return tuple(clients)

    def _all_templates(self) -> dict[str, Layer]:
        templates: dict[str, Layer] = {}
        for file in self.files:
            for name, layer in file.templates.items():
                first = templates.setdefault(name, layer)
                if first is not layer:
                    text = f"{layer.label} is declared twice; the first is in {_spot(first)}"
                    self._report.error(layer.place(key=True), text)
                self._checked(layer)
        return templates

    def _checked(self, layer: Layer) -> bool:
        """Whether a shared layer is good; its problems are told once."""
        if id(layer) not in self._good:
            self._good[id(layer)] = check_layer(layer, self._report, client=False)
            if "clientId" in layer.data:
                self._good[id(layer)] = False
                self._report.error(layer.place("clientId", key=True), f"{layer.label}: clientId belongs to a client")
        return self._good[id(layer)]

    def _refuse_second(self, client_id: str, layer: Layer) -> None:
        folded_id = client_id.casefold()
        first_id, first = self._first.setdefault(folded_id, (client_id, layer))
        if first is not layer:
            spelling = "" if first_id == client_id else f" as {first_id}"
            text = f"clientId {layer.label} is declared twice; the first{spelling} is in {_spot(first)}"
            hint = "" if first_id == client_id else "upper and lower case are the same to the server"
            self._report.error(layer.place("clientId"), text, hint)

    def base(self, number: int, client: Layer) -> "Base | None":
        """What a client of file `number` builds on; None, and a problem, when its template is not there."""
        name = client.data.get("template")
        if name is not None and (not isinstance(name, str) or name not in self._templates):
            known = f"one of {', '.join(self._templates)}" if self._templates else "no file declares templates"
            hint = (self._report.meant(name, self._templates) if isinstance(name, str) else "") or known
            self._report.error(client.place("template"), f"{client.label}: there is no such template", hint)
            return None
        if (number, name) not in self._bases:
            template = None if name is None else self._templates[name]
            self._bases[number, name] = self._made(self.files[number], template)
        return self._bases[number, name]

    def _made(self, file: InventoryFile, template: Layer | None) -> Base:
        shared = [layer for layer in (file.defaults, template) if layer is not None]
        good = all(self._checked(layer) for layer in shared)
        if not good:
            return Base((), (), {}, {}, file.allow, secret=False, good=False)
        layers = tuple(part for layer in shared for part in layer.with_overlay(self._environment))
        document: dict[str, Any] = {}
        registry: dict[str, Any] = {}
        allow = file.allow
        for layer in layers:
            document = folded(document, fields_of_layer(layer))
            registry = folded(registry, layer.data.get("registry") or {})
            allow |= allowed_codes(layer.data.get("allow"))
        secret = any("secret" in layer.data for layer in layers)
        return Base(layers, layers[::-1], document, registry, allow, secret=secret, good=True)

    def _client(self, client_id: str, layer: Layer, base: Base, file: InventoryFile) -> DeclaredClient:
        own = layer.with_overlay(self._environment)
        document, registry, allow, secret = base.document, base.registry, base.allow, base.secret
        for part in own:
            document = folded(document, fields_of_layer(part))
            registry = folded(registry, part.data.get("registry") or {}) if "registry" in part.data else registry
            allow = allow | allowed_codes(part.data["allow"]) if "allow" in part.data else allow
            secret = secret or "secret" in part.data
        client = _Client(client_id, Origins(own[::-1], base.last_first), allow, self._report)
        settled = client.named(document, keep=file.keep_names)
        client.judge(settled)
        declaration = self._secrets.read(client_id, (*base.layers, *own)) if secret else None
        return DeclaredClient(
            client_id,
            ClientDocument(settled),
            layer.place(),
            client.origins.where,
            client.used(declaration, settled),
            registry,
            keep_name="name" not in settled,
        )


@dataclass(frozen=True, slots=True)
class _Client:
    """The last look at one client, when all that was said about it is known."""

    client_id: str
    origins: Origins
    allow: frozenset[str]
    report: Report

    def named(self, document: Mapping[str, Any], *, keep: bool) -> dict[str, Any]:
        """With clientId and name in front, the name as the policy has it."""
        name = document.get("name")
        if not keep and name not in (None, self.client_id):
            text = "name is replaced by the clientId"
            self._warn("name", "name", text, "remove it, or say `name_policy: keep` at the top of the file")
        head: dict[str, Any] = {"clientId": self.client_id}
        if name or not keep:
            head["name"] = name if keep else self.client_id
        return {**head, **{key: value for key, value in document.items() if key not in {"clientId", "name"}}}

    def judge(self, document: Mapping[str, Any]) -> None:
        if not document.get("grantTypes"):
            place = self.origins.in_client("grantTypes")
            self.report.error(place, f"{self.origins.own[-1].label}: grantTypes are missing", "at least one")
            return
        for finding in findings(document):
            if finding.code:
                self._warn(finding.code, finding.path, finding.message, finding.hint)
            else:
                place = self.origins.in_client(finding.path)
                self.report.error(place, f"{self.origins.own[-1].label}: {finding.message}", finding.hint)

    def used(self, declaration: SecretDeclaration | None, document: Mapping[str, Any]) -> SecretDeclaration | None:
        """Only a client that signs in with one has a secret; defaults may name one for all that do."""
        if declaration is None or has_secret(document):
            return declaration
        if any("secret" in layer.data for layer in self.origins.own):
            text = "the secret is not used: the client's authentication method has none"
            self._warn("unused-secret", "secret", text, "remove it, or say `secret: null`")
        return None

    def _warn(self, code: str, path: str, message: str, hint: str) -> None:
        if code in self.allow:
            return
        silence = f"`allow: [{code}]` silences this"
        place = self.origins.in_client(path)
        text = f"{self.origins.own[-1].label}: {message}"
        self.report.warning(place, text, f"{hint}; {silence}" if hint else silence)


def _spot(layer: Layer) -> str:
    place = layer.place()
    return f"{place.path}:{place.line}"
