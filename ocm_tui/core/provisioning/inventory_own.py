"""What a client itself must say, so that with all it builds on it declares a certain document."""

from collections.abc import Mapping
from typing import Any, Final

from ocm_tui.core.provisioning.inventory_layers import folded
from ocm_tui.core.provisioning.inventory_splice import plainly_equal

__all__ = ["meaning", "own_words"]

_ABSENT: Final = object()


def own_words(
    base: Mapping[str, Any], own: Mapping[str, Any], overlay: Mapping[str, Any], wanted: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The client's own fields and those of its overlay, as little changed as possible.

    What the base gives already is not said; what was said without need stays. A field that the overlay decides is
    changed there, and the client's own value of it stays for the other environments.
    """
    new_own = _needed(base, own, _besides(overlay, folded(base, own), wanted))
    own_fields: dict[str, Any] = new_own if isinstance(new_own, dict) else {}
    new_overlay = _needed(folded(base, own_fields), overlay, wanted) if overlay else {}
    return own_fields, new_overlay if isinstance(new_overlay, dict) else {}


def meaning(document: Mapping[str, Any]) -> dict[str, Any]:
    """Without nulls and without objects that hold nothing: both are absence."""
    inner = {name: meaning(value) if isinstance(value, Mapping) else value for name, value in document.items()}
    return {name: value for name, value in inner.items() if value is not None and value != {}}


def _besides(overlay: Mapping[str, Any], lower: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """`wanted`, but what the overlay decides as it is without the overlay."""
    result = dict(wanted)
    for name, value in overlay.items():
        below: Any = lower.get(name, _ABSENT)
        above = result.get(name, _ABSENT)
        inside = {} if below is _ABSENT else below
        if isinstance(value, dict) and isinstance(above, Mapping) and isinstance(inside, Mapping):
            below = _besides(value, inside, above) or _ABSENT
        if below is _ABSENT:
            result.pop(name, None)
        else:
            result[name] = below
    return result


def _needed(base: Any, own: Any, wanted: Any) -> Any:
    """What has to be said over `base` to make `wanted`; _ABSENT for nothing, None to remove."""
    if wanted is _ABSENT:
        if base is not _ABSENT:
            return None
        return own if own is None or own == {} else _ABSENT
    if isinstance(wanted, Mapping):
        return _needed_members(base, own, wanted)
    if own is not _ABSENT and plainly_equal(own, wanted):
        return own
    return _ABSENT if plainly_equal(base, wanted) else wanted


def _needed_members(base: Any, own: Any, wanted: Mapping[str, Any]) -> Any:
    lower: Mapping[str, Any] = base if isinstance(base, dict) else {}
    said: Mapping[str, Any] = own if isinstance(own, dict) else {}
    result: dict[str, Any] = {}
    for name in dict.fromkeys((*said, *wanted, *lower)):
        value = _needed(lower.get(name, _ABSENT), said.get(name, _ABSENT), wanted.get(name, _ABSENT))
        if value is not _ABSENT:
            result[name] = value
    if result or not (isinstance(base, dict) or wanted):
        return result
    return result if isinstance(own, dict) and not own else _ABSENT
