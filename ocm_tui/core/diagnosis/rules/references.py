"""Names of things on the server: does it have what the client names, and what was probably meant?"""

import difflib
from collections.abc import Mapping
from typing import Final

from ocm_tui.core.diagnosis.case import quoted
from ocm_tui.core.diagnosis.excerpts import path_parts
from ocm_tui.core.diagnosis.model import Finding
from ocm_tui.core.diagnosis.rules.suspect import Suspect

__all__ = ["unknown_reference"]

# Lists on the server that the table of fields does not name.
_CHOICES: Final = {"extendedParameters": "extended_properties"}


def unknown_reference(suspect: Suspect) -> Finding | None:
    value = suspect.value
    name = _CHOICES.get(suspect.inside.partition(".")[0]) or (suspect.spec.choices if suspect.spec else None)
    if name == "extended_properties":
        value = path_parts(suspect.inside)[1] if "." in suspect.inside else None
    elif suspect.spec is None or (suspect.spec.kind != "reference" and suspect.spec.choices is None):
        return None
    if isinstance(value, Mapping):
        value = value.get("id")
    if not isinstance(value, str):
        return None
    known = suspect.case.knowledge.choices.get(name) if name else None
    if known is not None and value in known:
        return None
    code = "unknown-scope" if name in {"scopes", "exclusive_scopes"} else "unknown-reference"
    what = _WHAT.get(name or "", f"nothing that {suspect.path} may name")
    near = next(iter(difflib.get_close_matches(value, known or (), n=1, cutoff=0.5)), None)
    if known is None:
        title = f"{suspect.path} is {quoted(value)}, and the server has no {what} of that name"
        advice = "create it on the server first, or name one that exists"
        return suspect.finding(code, title, suggestion=advice, rank=30)
    title = f"{suspect.path} is {quoted(value)}, and the server has no such {what}"
    some = ", ".join(quoted(one) for one in list(known)[:8])
    advice = f"the nearest that exists is {quoted(near)}" if near else f"it has {some}" if some else "it has none"
    if name == "scopes" and value in (suspect.case.knowledge.choices.get("exclusive_scopes") or ()):
        title = f"{suspect.path} is {quoted(value)}, which is an exclusive scope"
        advice, near = "move it to exclusiveScopes", None
    elif name == "exclusive_scopes" and value in (suspect.case.knowledge.choices.get("scopes") or ()):
        title = f"{suspect.path} is {quoted(value)}, which is a common scope"
        advice, near = "move it to restrictedScopes, with restrictScopes: true", None
    in_form = None if name == "extended_properties" else near
    return suspect.finding(code, title, confidence="sure", value=in_form, suggestion=advice, rank=20)


_WHAT: Final = {
    "scopes": "common scope",
    "exclusive_scopes": "exclusive scope",
    "token_managers": "access token manager",
    "oidc_policies": "OpenID Connect policy",
    "extended_properties": "extended property",
    "": "object",
}
