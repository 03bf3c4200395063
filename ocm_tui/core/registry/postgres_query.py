"""A registry query as the condition of a SELECT."""

from typing import Any, Final
from uuid import UUID

from ocm_tui.core.registry.folding import folded, translation
from ocm_tui.core.registry.model import RegistryQuery

__all__ = ["condition"]

# By the plainest of rules, whatever those of the database are: the letters of ASCII.
_TEXTS: Final = "lower(concat_ws(E'\\n', client_code, bap_id, bap_uri) COLLATE \"C\")"


def condition(query: RegistryQuery, after: UUID | None) -> tuple[str, list[Any]]:
    """Without `WHERE`, and its parameters."""
    parts, values = ["true"], list[Any]()

    def add(part: str, value: Any) -> None:
        values.append(value)
        parts.append(part.format(f"${len(values)}"))

    for word in query.words:
        looked_for = folded(word)
        texts, (others, letters) = _TEXTS, translation(looked_for)
        if others:
            values += [others, letters]
            texts = f"translate({_TEXTS}, ${len(values) - 1}, ${len(values)})"
        add(f"strpos({texts}, {{}}) > 0", looked_for)
    if query.statuses:
        add("status = ANY({}::text[])", list(query.statuses))
    if query.codes:
        add("client_code LIKE ANY({}::text[])", [_like(one) for one in query.codes])
    if query.baps:
        add("bap_id LIKE ANY({}::text[])", [_like(one) for one in query.baps])
    if query.ids:
        add("client_id = ANY({}::uuid[])", list(query.ids))
    if query.synced_before is not None:
        add("(last_synced_at IS NULL OR last_synced_at < {})", query.synced_before)
    if after is not None:
        add("client_id > {}", after)
    return " AND ".join(parts), values


def _like(glob: str) -> str:
    """Only `*` and `?` mean something."""
    for special in ("\\", "%", "_"):
        glob = glob.replace(special, f"\\{special}")
    return glob.replace("*", "%").replace("?", "_")
