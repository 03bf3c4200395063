"""What is known beside a failed exchange: from the rest of the log, and from the server if it may be asked."""

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ocm_tui.core.diagnosis.case import Case
from ocm_tui.core.diagnosis.model import Knowledge
from ocm_tui.core.errors import NotFound, OcmError
from ocm_tui.core.exchanges.model import Exchange

if TYPE_CHECKING:
    from ocm_tui.core.clients.service import ClientService
    from ocm_tui.core.session import Session

__all__ = ["RULES_DIRECTORY", "gather_knowledge", "known_from", "with_user_rules"]

RULES_DIRECTORY: Final = "rules"  # beside the configuration file
_MOST_NEIGHBOURS: Final = 2000
_NEAR_NAMES: Final = 200

# The lists of the API: the end of the path, the choices that they are, and the member that names one.
_LISTS: Final = (
    ("/oauth/accessTokenManagers", "token_managers", "id"),
    ("/oauth/openIdConnect/policies", "oidc_policies", "id"),
    ("/scopes/commonScopes", "scopes", "name"),
    ("/scopes/exclusiveScopes", "exclusive_scopes", "name"),
    ("/extendedProperties", "extended_properties", "name"),
)


async def gather_knowledge(
    session: "Session", exchange: Exchange, *, ask: bool = True, neighbours: Sequence[Exchange] | None = None
) -> Knowledge:
    """What this session knows. With `ask` the server is read from (a few GETs, never more) where that can help.

    Never raises an OcmError: what cannot be found out stays unknown. `neighbours` is the session's log unless given.
    """
    known = known_from(exchange, session.log.snapshot() if neighbours is None else neighbours)
    if session.config_file is not None:
        known = with_user_rules(known, session.config_file.parent / RULES_DIRECTORY)
    if ask and session.clients is not None and session.server_problem is None:
        known = await _asked(session.clients, exchange, known)
    return known


def with_user_rules(knowledge: Knowledge, directory: Path) -> Knowledge:
    """With the rules in `directory`, and a sentence for each file of it that is not usable. Reads files."""
    from ocm_tui.core.diagnosis.user_rules import load_rules, rule_files

    rules, problems = load_rules(rule_files(directory))
    return replace(knowledge, user_rules=rules, problems=problems)


# --- from the log ---------------------------------------------------------------------------------------------------


def known_from(exchange: Exchange, others: Sequence[Exchange]) -> Knowledge:
    """What the successes around `exchange` tell about the same server. `others` oldest first; pure."""
    near = [one for one in others[-_MOST_NEIGHBOURS:] if one.id != exchange.id and _same_server(one, exchange)]
    version: str | None = None
    choices: dict[str, tuple[str, ...]] = {}
    wanted = Case(exchange, Knowledge()).client_id
    clients = _Clients(wanted)
    for one in near:
        if one.status is None or not 200 <= one.status < 300 or one.target != "server":
            continue
        case = Case(one, Knowledge())
        if one.method == "GET":
            version = _version(case) or version
            choices |= _listed(case)
        if one.started_at <= exchange.started_at:
            clients.note(case)
    return Knowledge(
        server_version=version,
        choices=choices,
        clients=clients.documents,
        client_ids=frozenset(clients.ids) if clients.ids else None,
        neighbours=near,
        now=time.time(),
    )


def _same_server(one: Exchange, exchange: Exchange) -> bool:
    """The same host, or another one in the same session: the history holds those of all environments."""
    session = one.id.rpartition("-")[0]
    return _host(one) == _host(exchange) or bool(session and session == exchange.id.rpartition("-")[0])


def _host(exchange: Exchange) -> str:
    return exchange.url.partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]


def _version(case: Case) -> str | None:
    value = (case.answer or {}).get("version") if case.url.path.endswith("/version") else None
    return value if isinstance(value, str) else None


def _listed(case: Case) -> dict[str, tuple[str, ...]]:
    """The ids in a list that is certainly complete: a page of more is worth nothing, nor is a filtered one."""
    path = case.url.path
    name, key = next(((name, key) for end, name, key in _LISTS if path.endswith(end)), ("", ""))
    if not name or "filter" in case.query or case.query.get("page", "1") != "1":
        return {}
    answer = case.answer or {}
    items, total, size = answer.get("items"), answer.get("totalItems"), case.query.get("numberPerPage")
    if not isinstance(items, list) or (isinstance(total, int) and total > len(items)):
        return {}
    if total is None and size is not None and (not size.isdigit() or len(items) >= int(size)):
        return {}
    return {name: tuple(str(item[key]) for item in items if isinstance(item, dict) and key in item)}


@dataclass
class _Clients:
    """Clients as they were last seen. Only the one that matters is read: the log of an apply holds thousands."""

    wanted: str
    ids: set[str] = field(default_factory=set)
    documents: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def note(self, case: Case) -> None:
        if not case.about_clients or case.about_secret:
            return
        client_id = case.path_client_id
        if case.exchange.method == "DELETE":
            self.ids.discard(client_id)
            self.documents.pop(client_id, None)
        elif client_id or case.exchange.method == "POST":
            client_id = client_id or case.exchange.client_id or str((case.answer or {}).get("clientId") or "")
            self.ids |= {client_id} - {""}
            if client_id == self.wanted and case.answer is not None:
                self.documents[client_id] = case.answer
        else:
            items = (case.answer or {}).get("items")
            listed = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
            self.ids |= {str(item["clientId"]) for item in listed if item.get("clientId")}
            for item in listed:
                if item.get("clientId") == self.wanted:
                    self.documents[self.wanted] = item


# --- from the server ------------------------------------------------------------------------------------------------


async def _asked(service: "ClientService", exchange: Exchange, known: Knowledge) -> Knowledge:
    """Only what the kind of failure calls for; a server that did not let us in, or did not answer, is left alone."""
    case = Case(exchange, known)
    if exchange.status in {400, 422} and not case.is_token_call:
        paths = [one.field_path for one in case.rejections]
        known = await _with_version(service, await _with_choices(service, known))
        if any(path.startswith("extendedParameters") for path in paths):
            known = await _with_properties(service, known)
        return await _with_client(service, known, case.client_id) if "clientId" in paths else known
    if case.is_token_call and exchange.status in {400, 401}:
        return await _with_client(service, await _with_choices(service, known), case.client_id)
    if exchange.status == 404 and case.path_client_id and case.is_api_error:
        return await _with_near_names(service, known, case.path_client_id)
    return known


async def _with_choices(service: "ClientService", known: Knowledge) -> Knowledge:
    found: dict[str, tuple[str, ...]] = {name: tuple(ids) for name, ids in known.choices.items()}
    with contextlib.suppress(OcmError):
        offered = await service.choices()
        for name in ("scopes", "exclusive_scopes", "token_managers", "oidc_policies"):
            choices = offered.of(name)
            if not isinstance(choices, OcmError):
                found[name] = tuple(one.id for one in choices)
    return replace(known, choices=found)


async def _with_properties(service: "ClientService", known: Knowledge) -> Knowledge:
    with contextlib.suppress(OcmError):
        names = tuple(one.id for one in await service.server.extended_properties())
        return replace(known, choices={**known.choices, "extended_properties": names})
    return known


async def _with_version(service: "ClientService", known: Knowledge) -> Knowledge:
    if known.server_version is not None:
        return known
    with contextlib.suppress(OcmError):
        return replace(known, server_version=(await service.connect()).version)
    return known


async def _with_client(service: "ClientService", known: Knowledge, client_id: str) -> Knowledge:
    """The client as the server has it now; known not to exist when it says so."""
    if not client_id:
        return known
    others = {name: document for name, document in known.clients.items() if name != client_id}
    try:
        document = await service.get(client_id)
    except NotFound:
        return replace(known, clients=others, client_ids=(known.client_ids or frozenset()) - {client_id})
    except OcmError:
        return known
    clients = {**others, client_id: document}
    return replace(known, clients=clients, client_ids=(known.client_ids or frozenset()) | {client_id})


async def _with_near_names(service: "ClientService", known: Knowledge, client_id: str) -> Knowledge:
    """Clients whose name begins in the same way: among 100,000 the server looks, not we."""
    ids = set(known.client_ids or ())
    with contextlib.suppress(OcmError):
        async with contextlib.aclosing(
            service.pages(client_id[: max(len(client_id) // 2, 3)], page_size=_NEAR_NAMES)
        ) as pages:
            async for page in pages:
                ids |= {str(one.get("clientId")) for one in page.documents}
                break
    return replace(known, client_ids=frozenset(ids))
