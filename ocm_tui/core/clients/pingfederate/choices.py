"""What forms may offer: ids and names from the server's lists."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from ocm_tui.core.clients.model import NamedChoice

__all__ = ["described_choices", "named_choices", "scope_choices"]

_PAGE_SIZE: Final = 500


def named_choices(items: Iterable[Mapping[str, Any]]) -> Sequence[NamedChoice]:
    """Of `{id, name}`; one without an id cannot be referred to."""
    return [
        NamedChoice(item["id"], _label(item.get("name"), item["id"]), _allowed(item.get("accessControlSettings")))
        for item in items
        if isinstance(item.get("id"), str) and item["id"]
    ]


def described_choices(items: Iterable[Mapping[str, Any]]) -> Sequence[NamedChoice]:
    """Of `{name, description}`: the name is what a document refers to."""
    return [
        NamedChoice(item["name"], _label(item.get("description"), item["name"]))
        for item in items
        if isinstance(item.get("name"), str) and item["name"]
    ]


async def scope_choices(fetch: Callable[[int, int], Awaitable[Mapping[str, Any]]]) -> Sequence[NamedChoice]:
    """Of `{name, description}`, all pages of `fetch(page, size)`; `totalItems` may be missing, paging ignored."""
    scopes: dict[str, NamedChoice] = {}
    page = 1
    while True:
        answer = await fetch(page, _PAGE_SIZE)
        items = answer.get("items") or []
        known = len(scopes)
        for choice in described_choices(items):
            scopes.setdefault(choice.id, choice)
        total = answer.get("totalItems")
        if len(items) != _PAGE_SIZE or len(scopes) == known or (isinstance(total, int) and len(scopes) >= total):
            return list(scopes.values())
        page += 1


def _allowed(settings: Any) -> frozenset[str] | None:
    """Of `{restrictClients, allowedClients: [{id}]}`, which access token managers have."""
    if not isinstance(settings, Mapping) or settings.get("restrictClients") is not True:
        return None
    links = settings.get("allowedClients")
    ids = (link.get("id") for link in links if isinstance(link, Mapping)) if isinstance(links, list) else ()
    return frozenset(one for one in ids if isinstance(one, str))


def _label(words: Any, name: str) -> str:
    return words if isinstance(words, str) and words != name else ""
