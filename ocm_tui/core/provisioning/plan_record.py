"""A plan as plain JSON values and back, complete: what a saved plan and the journal hold.

Reading trusts nothing: ValueError names the first member that is not what it has to be.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, cast, get_args
from uuid import UUID

from ocm_tui.core.clients.documents import displayable, guarded
from ocm_tui.core.clients.fields import get_value
from ocm_tui.core.clients.model import ClientDocument
from ocm_tui.core.provisioning.inventory_registry import registry_problems
from ocm_tui.core.provisioning.model import (
    Action,
    Change,
    FieldDrift,
    Moved,
    Plan,
    RowChange,
    SecretDeclaration,
    SecretSource,
    SecretUse,
)
from ocm_tui.core.secret import Secret

__all__ = ["from_record", "secret_in", "to_record"]

Value = TypeVar("Value")

_MOST_SECRET_CHARACTERS: Final = 4096
_JWKS: Final = "jwksSettings.jwks"
_AUTH_HOLDERS: Final = ("clientAuth", "clientAuthentication")


def to_record(plan: Plan) -> dict[str, Any]:
    return {
        "environment": plan.environment,
        "base_url": plan.base_url,
        "inventory": list(plan.inventory),
        "created_at": plan.created_at,
        "changes": [_change_record(change) for change in plan.changes],
        "unmanaged": list(plan.unmanaged),
        "warnings": list(plan.warnings),
        "server_version": plan.server_version,
        "requests": plan.requests,
    }


def from_record(record: Any) -> Plan:
    plan = _object(record, "plan")
    return Plan(
        environment=_text(plan, "environment"),
        base_url=_text(plan, "base_url"),
        inventory=_texts(plan, "inventory"),
        created_at=_text(plan, "created_at"),
        changes=_each(plan, "changes", _change),
        unmanaged=_texts(plan, "unmanaged"),
        warnings=_texts(plan, "warnings"),
        server_version=_text(plan, "server_version"),
        requests=_count(plan, "requests"),
    )


def secret_in(document: Mapping[str, Any]) -> str | None:
    """The path of something secret that a plan must not hold: a plaintext secret, or a private key."""
    safe = guarded(document)
    for holder in _AUTH_HOLDERS:
        former = get_value(safe, f"{holder}.secondarySecrets")
        entries = [get_value(safe, holder), *(former if isinstance(former, list) else ())]
        if any(isinstance(entry, Mapping) and isinstance(entry.get("secret"), Secret) for entry in entries):
            return f"{holder}.secret"
    keys = get_value(document, _JWKS)
    return _JWKS if keys and get_value(displayable({"jwksSettings": {"jwks": keys}}), _JWKS) != keys else None


def _change_record(change: Change) -> dict[str, Any]:
    declaration = change.declaration
    return {
        "client_id": change.client_id,
        "action": change.action,
        "fields": [[drift.path, drift.before, drift.after, drift.moved] for drift in change.fields],
        "reasons": list(change.reasons),
        "desired": change.desired,
        "seen": change.seen,
        "secret": change.secret,
        "declaration": None
        if declaration is None
        else {
            "source": declaration.source,
            "argument": declaration.argument,
            "deliver": declaration.deliver,
            "length": declaration.length,
            "version": declaration.version,
        },
        "place": change.place,
        "row": None
        if change.row is None
        else {"client_id": change.row.client_id, "declared": dict(change.row.declared), "seen": change.row.seen},
    }


def _change(record: Any) -> Change:
    change = _object(record, "changes")
    desired, declaration = change.get("desired"), change.get("declaration")
    client_id = _text(change, "client_id")
    if not client_id.strip():
        raise ValueError("client_id is empty")
    action = cast("Action", _one_of(change, "action", get_args(Action)))
    if action in {"create", "update"} and desired is None:
        raise ValueError(f"desired is missing from a change with the action {action}")
    return Change(
        client_id=client_id,
        action=action,
        fields=_each(change, "fields", _drift),
        reasons=_texts(change, "reasons"),
        desired=None if desired is None else ClientDocument(_object(desired, "desired")),
        seen=_optional_text(change, "seen"),
        secret=cast("SecretUse | None", _one_of(change, "secret", (*get_args(SecretUse), None))),
        declaration=None if declaration is None else _declaration(_object(declaration, "declaration")),
        place=_text(change, "place"),
        row=None if change.get("row") is None else _row(_object(change["row"], "row")),
    )


def _row(record: dict[str, Any]) -> RowChange:
    client_id, declared = _text(record, "client_id"), _object(record.get("declared"), "declared")
    UUID(client_id)  # ValueError, as everything here
    wrong = next(iter(registry_problems(declared)), None)
    if wrong is not None:
        raise ValueError(f"registry.{wrong[0][0]} {wrong[1]}")
    return RowChange(client_id, declared, _optional_text(record, "seen"))


def _declaration(record: dict[str, Any]) -> SecretDeclaration:
    length = _count(record, "length")
    if length > _MOST_SECRET_CHARACTERS:
        raise ValueError(f"length is {length}")
    return SecretDeclaration(
        source=cast("SecretSource", _one_of(record, "source", get_args(SecretSource))),
        argument=_text(record, "argument"),
        deliver=_optional_text(record, "deliver"),
        length=length,
        version=_count(record, "version"),
    )


def _drift(record: Any) -> FieldDrift:
    if not isinstance(record, list) or len(record) != 4 or not isinstance(record[0], str):
        raise ValueError("fields are not what they have to be")
    path, before, after, moved = record
    if moved not in (*get_args(Moved), None):
        raise ValueError("moved is not what it has to be")
    return FieldDrift(path, before, after, moved)


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{name} is not an object")  # noqa: TRY004  # the file is wrong, not the caller
    return value


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is not a text")  # noqa: TRY004
    return value


def _optional_text(record: Mapping[str, Any], name: str) -> str | None:
    return None if record.get(name) is None else _text(record, name)


def _count(record: Mapping[str, Any], name: str) -> int:
    value = record.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name} is not a number")
    return value


def _one_of(record: Mapping[str, Any], name: str, values: tuple[Any, ...]) -> Any:
    value = record.get(name)
    if value not in values:
        raise ValueError(f"{name} is not what it has to be")
    return value


def _each(record: Mapping[str, Any], name: str, read: Callable[[Any], Value]) -> tuple[Value, ...]:
    items = record.get(name)
    if not isinstance(items, list):
        raise ValueError(f"{name} is not a list")  # noqa: TRY004
    return tuple(read(item) for item in items)


def _texts(record: Mapping[str, Any], name: str) -> tuple[str, ...]:
    texts = _each(record, name, lambda item: item)
    if not all(isinstance(text, str) for text in texts):
        raise ValueError(f"{name} are not texts")
    return texts
