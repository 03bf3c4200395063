"""What one layer may say: known fields with possible values, and the inventory's own members in their shape."""

from collections.abc import Mapping
from typing import Any, Final

from ocm_tui.core.clients.checks import field_problem
from ocm_tui.core.clients.fields import FIELDS, FieldSpec
from ocm_tui.core.positioned.positions import NodePath
from ocm_tui.core.positioned.problems import shown_key
from ocm_tui.core.provisioning.inventory_layers import SPECIAL, Layer
from ocm_tui.core.provisioning.inventory_problems import Report
from ocm_tui.core.provisioning.inventory_registry import REGISTRY_KEYS, registry_problems
from ocm_tui.core.provisioning.inventory_rules import CODES
from ocm_tui.core.provisioning.inventory_secrets import SECRET_KEYS, secret_problems

__all__ = ["allowed_codes", "check_codes", "check_layer"]


def _tree() -> dict[str, Any]:
    """The field table by names: a FieldSpec, or what is inside."""
    tree: dict[str, Any] = {}
    for spec in FIELDS:
        *parents, name = spec.path.split(".")
        inner = tree
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner[name] = spec
    return tree


_TREE: Final = _tree()
_SECRETS: Final = frozenset({"secret", "encryptedSecret", "secondarySecrets"})
_NOT_HERE: Final = "a secret cannot stand in an inventory"
_FROM_ELSEWHERE: Final = "say where it comes from: `secret: {from: env, name: …}`, or generate, file, keyring, keep"
_A_MAPPING: Final = "is a mapping (`key: value` lines)"


def check_layer(layer: Layer, report: Report, *, client: bool) -> bool:
    """Tell everything that is wrong with the layer and its overlays; whether nothing is."""
    before = len(report.errors)
    checker = _Checker(layer, report)
    checker.fields((), layer.data, _TREE, skip=_own_members(client=client))
    checker.own_members()
    if "environments" in layer.data:
        _check_overlays(layer, report)
    return len(report.errors) == before


def allowed_codes(value: Any) -> frozenset[str]:
    return frozenset(item for item in value if isinstance(item, str)) if isinstance(value, list) else frozenset()


def check_codes(layer: Layer, name: str, report: Report) -> None:
    """`allow:` is a list of the codes of warnings."""
    codes = layer.data.get(name)
    if codes is None:
        return
    if not isinstance(codes, list):
        report.error(layer.place(name), f"{layer.label}: allow is a list of codes", "such as [redirect-uris]")
        return
    for index, code in enumerate(codes):
        if code not in CODES:
            hint = report.meant(str(code), CODES) or f"one of {', '.join(CODES)}"
            report.error(layer.place(name, index), f"{layer.label}: allow names no warning that there is", hint)


def _own_members(*, client: bool) -> frozenset[str]:
    return _CLIENT_MEMBERS if client else _SHARED_MEMBERS


_CLIENT_MEMBERS: Final = frozenset(SPECIAL)
_SHARED_MEMBERS: Final = _CLIENT_MEMBERS - {"template"}
_OVERLAY_MEMBERS: Final = _SHARED_MEMBERS - {"environments"}


def _check_overlays(layer: Layer, report: Report) -> None:
    environments = layer.data["environments"]
    if environments is None:
        return
    if not isinstance(environments, Mapping):
        hint = "environments: {prod: {enabled: false}}"
        report.error(layer.place("environments"), f"{layer.label}: environments {_A_MAPPING}", hint)
        return
    for name, data in environments.items():
        if isinstance(data, Mapping):
            overlay = Layer(layer.document, (*layer.path, "environments", name), data, layer.label)
            checker = _Checker(overlay, report)
            checker.fields((), data, _TREE, skip=_OVERLAY_MEMBERS)
            checker.own_members()
            if "clientId" in data:
                text = "clientId is the same in every environment"
                report.error(overlay.place("clientId", key=True), f"{layer.label}: {text}", "remove it")
        elif data is not None:
            text = f"environments.{shown_key(name).strip('`')} {_A_MAPPING}"
            report.error(layer.place("environments", name), f"{layer.label}: {text}")


class _Checker:
    def __init__(self, layer: Layer, report: Report) -> None:
        self._layer = layer
        self._report = report

    def fields(
        self,
        path: tuple[str, ...],
        data: Mapping[str, Any],
        tree: Mapping[str, Any],
        skip: frozenset[str] = frozenset(),
    ) -> None:
        for name, value in data.items():
            if name in skip:
                continue
            known = tree.get(name)
            if known is None:
                self._unknown(path, name)
            elif value is None:
                continue
            elif isinstance(known, FieldSpec):
                self._value(known, (*path, name), value)
            elif isinstance(value, Mapping):
                self.fields((*path, name), value, known)
            else:
                self._not_a_mapping((*path, name), known)

    def own_members(self) -> None:
        data = self._layer.data
        if data.get("secret") is not None:
            self._secret(data["secret"])
        if data.get("registry") is not None:
            self._registry(data["registry"])
        if "allow" in data:
            check_codes(self._layer, "allow", self._report)

    def _value(self, spec: FieldSpec, path: tuple[str, ...], value: Any) -> None:
        if spec.read_only or spec.secret:
            self._foreign(spec, path)
            return
        problem = field_problem(spec, value)
        if problem is not None:
            self._error(path, f"{spec.path} {problem[0]}", problem[1] or _quoting_hint(spec, value))
        elif spec.path == "extendedParameters":
            self._parameters(value)
        elif spec.path == "clientAuthentication":
            self._several_methods(path, value)

    def _foreign(self, spec: FieldSpec, path: tuple[str, ...]) -> None:
        if path[-1] == "secret":
            self._error(path, f"{spec.path}: {_NOT_HERE}", _FROM_ELSEWHERE, key=True)
        elif spec.secret:
            text = f"{spec.path} is the server's own: it stays there as it is"
            self._error(path, text, "remove it, and say `secret: {from: keep}`", key=True)
        else:
            self._error(path, f"{spec.path} is the server's own and cannot be declared", "remove it", key=True)

    def _parameters(self, parameters: Mapping[str, Any]) -> None:
        for name, value in parameters.items():
            path = ("extendedParameters", name)
            values = value.get("values", []) if isinstance(value, Mapping) and value.keys() <= {"values"} else None
            if value is not None and (not isinstance(values, list) or not all(isinstance(one, str) for one in values)):
                text = f"extendedParameters.{shown_key(name).strip('`')} is a mapping with a list of texts"
                self._error(path, text, 'write {values: ["…"]}, with quotes around numbers')

    def _several_methods(self, path: tuple[str, ...], methods: Mapping[str, Any]) -> None:
        for name in methods:
            if name in _SECRETS:
                self._error((*path, name), f"clientAuthentication.{name}: {_NOT_HERE}", _FROM_ELSEWHERE, key=True)

    def _secret(self, secret: Any) -> None:
        for path, text, hint in secret_problems(secret):
            self._error(("secret", *path), f"{'.'.join(('secret', *path))} {text}", hint)
        self._unknown_keys("secret", secret, SECRET_KEYS)

    def _registry(self, registry: Any) -> None:
        if not isinstance(registry, Mapping):
            self._error(("registry",), f"registry {_A_MAPPING}", "such as {bap_id: orders, rate_limit: 100}")
            return
        for path, text, hint in registry_problems(registry):
            self._error(("registry", *path), f"registry.{path[0]} {text}", hint)
        self._unknown_keys("registry", registry, REGISTRY_KEYS)

    def _unknown_keys(self, name: str, data: Any, known: tuple[str, ...]) -> None:
        for key in data if isinstance(data, Mapping) else ():
            if key not in known:
                hint = self._report.meant(key, known) or f"one of {', '.join(known)}"
                self._error((name, key), f"unknown key {shown_key(key)} in {name}", hint, key=True)

    def _unknown(self, path: tuple[str, ...], name: str) -> None:
        dotted = ".".join((*path, name))
        hint = self._report.meant_field(dotted) or ("" if path else self._report.meant(name, SPECIAL))
        if not path and name == "template":
            hint = "only a client has a template"
        elif not path and name == "environments":
            hint = "one environment holds no others"
        inside = f" in {'.'.join(path)}" if path else ""
        self._error((*path, name), f"unknown field {shown_key(name)}{inside}", hint, key=True)

    def _not_a_mapping(self, path: tuple[str, ...], tree: Mapping[str, Any]) -> None:
        name = ".".join(path)
        example = f"{path[-1]}: {{id: …}}" if "id" in tree else f"with members such as {', '.join(list(tree)[:2])}"
        self._error(path, f"{name} {_A_MAPPING}", example)

    def _error(self, path: NodePath, message: str, hint: str = "", *, key: bool = False) -> None:
        self._report.error(self._layer.place(*path, key=key), f"{self._layer.label}: {message}", hint)


def _quoting_hint(spec: FieldSpec, value: Any) -> str:
    """YAML takes an unquoted yes for true and 4711 for a number."""
    if isinstance(value, bool) and {"YES", "NO"} <= set(spec.values):
        return f'write "{"YES" if value else "NO"}", with the quotes'
    if isinstance(value, bool | int | float) and spec.kind in {"text", "long_text", "enum", "reference"}:
        return "put it in quotes"
    if isinstance(value, list) and spec.kind == "set":
        return "put each item in quotes"
    return ""
