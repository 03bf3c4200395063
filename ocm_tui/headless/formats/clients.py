"""Clients as rows for people, as documents for files, and as `ocm-tui/clients/v1` for machines."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ocm_tui.core.clients.documents import displayable
from ocm_tui.core.clients.model import ClientRow
from ocm_tui.core.secret import LONG, known_secrets
from ocm_tui.core.text import clean, clean_lines, ellipsis
from ocm_tui.headless.formats.documents import document
from ocm_tui.headless.formats.text import GREEN, GREY, table

__all__ = ["clients_json", "clients_table", "item", "yaml_text"]

# Nothing has been compared with an inventory: what is unknown is said.
_STATE: Final = "unknown"

_GRANTS: Final = {
    "AUTHORIZATION_CODE": "code",
    "CLIENT_CREDENTIALS": "credentials",
    "REFRESH_TOKEN": "refresh",
    "RESOURCE_OWNER_CREDENTIALS": "password",
}
_LONGEST: Final = 60


def item(stored: Mapping[str, Any]) -> dict[str, Any]:
    """One element of `items`; secrets are masked."""
    row = ClientRow.of(stored)
    return {
        "client_id": row.client_id,
        "name": row.name,
        "enabled": row.enabled,
        "grant_types": list(row.grant_types),
        "state": _STATE,
        "document": displayable(stored),
    }


def clients_json(stored: Sequence[Mapping[str, Any]], *, reveal: bool = False, **members: Any) -> str:
    return document("clients", {**members, "items": [item(one) for one in stored]}, reveal=reveal)


def clients_table(rows: Sequence[ClientRow], *, color: bool) -> str:
    """Enabled ones have a full mark, disabled ones an empty one; the words say the same."""
    cells = [
        (
            "● enabled" if row.enabled else "○ disabled",
            clean(row.client_id, 200),
            ellipsis(clean(row.name), _LONGEST) if row.name != row.client_id else "",
            clean(row.auth_type.lower().replace("_", " "), _LONGEST),
            clean(" ".join(_GRANTS.get(grant, grant.lower()) for grant in row.grant_types), _LONGEST),
            clean(row.token_manager, _LONGEST) or "default",
            clean(row.modified.partition("T")[0], 20),
        )
        for row in rows
    ]
    text = table(
        ("Status", "Client", "Name", "Auth", "Grants", "Token manager", "Modified"),
        cells,
        paints=[GREEN if row.enabled else GREY for row in rows],
        color=color,
    )
    return known_secrets.scrub(text, shortest=LONG)


def yaml_text(stored: Mapping[str, Any]) -> str:
    """The document as a file that `--file` takes; secrets are masked, and a mask means "leave it as it is"."""
    import yaml

    shown = known_secrets.scrub_document(displayable(stored))
    text: str = yaml.safe_dump(shown, allow_unicode=True, sort_keys=False, width=120)
    if clean_lines(text) == text:
        return text
    escaped: str = yaml.safe_dump(shown, allow_unicode=False, sort_keys=False, width=120)
    return escaped
