"""Clients as rows for people, as documents for files, and as `ocm-tui/clients/v1` for machines."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ocm_tui.core.clients.document_text import yaml_text
from ocm_tui.core.clients.documents import displayable
from ocm_tui.core.clients.model import ClientRow
from ocm_tui.core.secret import LONG, known_secrets
from ocm_tui.core.text import clean, ellipsis
from ocm_tui.headless.formats.documents import document
from ocm_tui.headless.formats.text import GREEN, GREY, table

if TYPE_CHECKING:
    from ocm_tui.core.provisioning.model import ClientState

__all__ = ["clients_json", "clients_table", "item", "yaml_text"]

_GRANTS: Final = {
    "AUTHORIZATION_CODE": "code",
    "CLIENT_CREDENTIALS": "credentials",
    "REFRESH_TOKEN": "refresh",
    "RESOURCE_OWNER_CREDENTIALS": "password",
}
_LONGEST: Final = 60


def item(stored: Mapping[str, Any], state: "ClientState" = "unknown") -> dict[str, Any]:
    """One element of `items`; secrets are masked. A missing client is as declared, and has no document."""
    row = ClientRow.of(stored)
    return {
        "client_id": row.client_id,
        "name": row.name,
        "enabled": row.enabled,
        "grant_types": list(row.grant_types),
        "state": state,
        "document": None if state == "missing" else displayable(stored),
    }


def clients_json(stored: Sequence[Mapping[str, Any]], *, reveal: bool = False, **members: Any) -> str:
    return document("clients", {**members, "items": [item(one) for one in stored]}, reveal=reveal)


def clients_table(rows: Sequence[ClientRow], states: Sequence["ClientState"] = (), *, color: bool) -> str:
    """Enabled ones have a full mark, disabled ones an empty one; the words say the same.

    `states` are those of the rows; there is no column when none of them is known.
    """
    known = any(state != "unknown" for state in states)
    cells = [
        (
            "● enabled" if row.enabled else "○ disabled",
            *((states[index],) if known else ()),
            clean(row.client_id, 200),
            ellipsis(clean(row.name), _LONGEST) if row.name != row.client_id else "",
            clean(row.auth_type.lower().replace("_", " "), _LONGEST),
            clean(" ".join(_GRANTS.get(grant, grant.lower()) for grant in row.grant_types), _LONGEST),
            clean(row.token_manager, _LONGEST) or "default",
            clean(row.modified.partition("T")[0], 20),
        )
        for index, row in enumerate(rows)
    ]
    text = table(
        ("Status", *(("State",) if known else ()), "Client", "Name", "Auth", "Grants", "Token manager", "Modified"),
        cells,
        paints=[GREEN if row.enabled else GREY for row in rows],
        color=color,
    )
    return known_secrets.scrub(text, shortest=LONG)
