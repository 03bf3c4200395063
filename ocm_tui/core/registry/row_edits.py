"""A row as a person edits it: the fields that an upsert sets, what is wrong with each, and the entry they make.

The hash of the client's secret is not among them, and neither is the status: an upsert leaves both as they are.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from ocm_tui.core.errors import Conflict, UsageError
from ocm_tui.core.registry.addresses import GIVEN_KEY, given_if_different, normalise
from ocm_tui.core.registry.model import DEFAULT_RATE_LIMIT, RegistryClient, RegistryEntry, derived_id
from ocm_tui.core.registry.ports import Guard
from ocm_tui.core.registry.values import checked
from ocm_tui.core.text import clean

__all__ = ["EDITABLE", "Fields", "edited_fields", "entry_of", "id_of", "normalised_from", "only_if_still", "problems"]

Fields = Mapping[str, Any]  # plain JSON values under the registry's names

EDITABLE: Final = ("client_id", "client_code", "bap_id", "bap_uri", "allowed_ips", "rate_limit", "metadata")
_STAND_IN: Final = "x"  # for the code of an entry that is made to check one other field
_NOBODY: Final = UUID(int=0)


def edited_fields(row: RegistryClient | None) -> dict[str, Any]:
    """Every field that can be edited; of a row that there is not yet, with its defaults.

    `allowed_ips` are the operator's own texts where the row keeps them.
    """
    if row is None:
        return {
            **dict.fromkeys(("client_id", "client_code", "bap_id", "bap_uri")),
            "allowed_ips": [],
            "rate_limit": DEFAULT_RATE_LIMIT,
            "metadata": {},
        }
    return {
        "client_id": str(row.client_id),
        "client_code": row.client_code or None,
        "bap_id": row.bap_id,
        "bap_uri": row.bap_uri,
        "allowed_ips": _given(row) or list(row.allowed_ips),
        "rate_limit": row.rate_limit,
        "metadata": {name: value for name, value in row.metadata.items() if name != GIVEN_KEY},
    }


def _given(row: RegistryClient) -> list[str]:
    """The texts beside the networks, if they still say the same: whoever wrote the networks may not know of them."""
    given = row.metadata.get(GIVEN_KEY)
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        return []
    try:
        return given if normalise(given) == row.allowed_ips else []
    except UsageError:
        return []


def normalised_from(fields: Fields) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The networks as the registry will hold them, and the texts that they come from if those say something else.

    UsageError names the text that is no network.
    """
    texts = fields["allowed_ips"]
    if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
        raise UsageError("allowed_ips is a list of networks", hint="such as 10.0.0.0/8 and 192.0.2.7, one a line")
    return normalise(texts), given_if_different(texts)


def id_of(fields: Fields, server_base_url: str) -> UUID | None:
    """The one that was entered; else derived from the server's URL and the code; None when neither can be."""
    try:
        if fields["client_id"] is not None:
            return UUID(str(fields["client_id"]))
    except ValueError:
        return None
    code = fields["client_code"]
    return derived_id(server_base_url, code) if server_base_url and code else None


def problems(fields: Fields, *, server_base_url: str = "") -> dict[str, str]:
    """What the registry would refuse, a sentence for each field that is wrong. Safe to show."""
    found = {name: problem for name in EDITABLE if (problem := _problem(name, fields))}
    if "client_code" not in found and id_of(fields, server_base_url) is None:
        given = fields["client_id"] is not None
        found["client_id"] = (
            "It is no UUID: such as 6f1c8a52-7c51-4f0e-9d57-0b1f2f3f4a5b"
            if given
            else "It is needed here: it can be derived only where a `server` is configured"
        )
    return found


def _problem(name: str, fields: Fields) -> str:
    """By the rules that the registry has: an entry that says this field only is checked."""
    if name == "client_id":
        return ""
    if name == "metadata" and GIVEN_KEY in fields["metadata"]:
        return f"{GIVEN_KEY} is kept by the registry itself: change allowed_ips"
    probe = RegistryEntry(client_id=_NOBODY, client_code=_STAND_IN)
    try:
        if name == "allowed_ips":
            normalised_from(fields)
        elif name == "client_code":
            checked(replace(probe, client_code=fields[name] or ""))
        else:
            checked(replace(probe, **{name: fields[name]}))
    except UsageError as error:
        return _sentence(name, error)
    return ""


def _sentence(name: str, error: UsageError) -> str:
    """Without the entry that it is about: the field's row says that."""
    _, found, said = error.title.rpartition(f": {name} ")
    said = f"{name} {said}" if found else error.title.removeprefix(f"{name}: ")
    return clean(f"{said}: {error.hint}" if error.hint else said, 300)


def entry_of(fields: Fields, row: RegistryClient | None, *, server_base_url: str = "") -> RegistryEntry:
    """What an upsert is to say; UsageError when `problems` has any. Networks that were not edited stay with the texts
    beside them, whatever those are."""
    wrong = problems(fields, server_base_url=server_base_url)
    if row is not None:
        wrong.pop("client_id", None)
    if wrong:
        raise UsageError(next(iter(wrong.values())))
    client_id = row.client_id if row is not None else id_of(fields, server_base_url)
    assert client_id is not None  # or it would have been a problem
    networks, given = normalised_from(fields)
    metadata = dict(fields["metadata"])
    if row is not None and fields["allowed_ips"] == edited_fields(row)["allowed_ips"]:
        networks, given = row.allowed_ips, ()
        metadata |= {GIVEN_KEY: row.metadata[GIVEN_KEY]} if GIVEN_KEY in row.metadata else {}
    return checked(
        RegistryEntry(
            client_id=client_id,
            client_code=fields["client_code"],
            bap_id=fields["bap_id"],
            bap_uri=fields["bap_uri"],
            allowed_ips=networks,
            given_ips=given,
            rate_limit=fields["rate_limit"],
            metadata=metadata,
        )
    )


def only_if_still(seen: RegistryClient | None) -> Guard:
    """Refuses to overwrite any other row than the one that was seen; Conflict has the one that is there."""

    def guard(now: RegistryClient | None) -> None:
        if now == seen:
            return
        if now is None:
            raise Conflict("The row was deleted meanwhile: nothing was written.")
        name = clean(now.client_code or now.client_id, 80)
        if seen is None:
            hint = "edit that one, or give this one another client_id"
            raise Conflict(f"{name} is registered under this client_id already.", theirs=now, hint=hint)
        raise Conflict(f"{name} was changed meanwhile: nothing was written.", theirs=now, hint="read it again")

    return guard
