"""What the API only shows: scopes, token managers, policies, settings, the cluster."""

from collections.abc import Callable
from typing import Any, Final

from ocm_tui.simulator.bodies import matching, parameters
from ocm_tui.simulator.clients_api import not_found
from ocm_tui.simulator.company import Company, link
from ocm_tui.simulator.documents import Documents, date_text
from ocm_tui.simulator.wire import Answer, Request, problem, reply

__all__ = ["Cluster", "ReferenceApi"]

_OPENID: Final = {"name": "openid", "description": "Sign in", "dynamic": False}


class ReferenceApi:
    """Each method is one operation: the request and the id of its path in, the answer out."""

    def __init__(self, company: Company, documents: Documents, version: str) -> None:
        self._company, self._documents = company, documents
        self._version = version
        self._lists: dict[str, Callable[[], list[dict[str, Any]]]] = {
            "token managers": lambda: company.token_managers,
            "descriptors": lambda: company.descriptors,
            "policies": lambda: company.policies,
            "detail types": lambda: company.authorization_detail_types,
            "request policies": lambda: company.request_policies,
            "exchange policies": lambda: company.token_exchange_policies,
            "extended properties": lambda: company.extended_properties,
            "common scopes": lambda: company.scopes,
            "exclusive scopes": lambda: company.exclusive_scopes,
            "common groups": lambda: company.scope_groups,
            "exclusive groups": lambda: company.exclusive_scope_groups,
        }

    def version(self, _: Request, __: str) -> Answer:
        return reply({"version": self._version})

    def server_settings(self, _: Request, __: str) -> Answer:
        return self._shown(self._company.server_settings())

    def token_manager_settings(self, _: Request, __: str) -> Answer:
        return self._shown({"defaultAccessTokenManagerRef": link("jwt")})

    def openid_settings(self, _: Request, __: str) -> Answer:
        return self._shown(self._company.openid_settings)

    def all_of(self, name: str) -> Callable[[Request, str], Answer]:
        return lambda _, __: self._shown({"items": self._lists[name]()})

    def one_of(self, name: str, key: str = "id") -> Callable[[Request, str], Answer]:
        def read(_: Request, identifier: str) -> Answer:
            found = next((one for one in self._lists[name]() if one[key] == identifier), None)
            return not_found(identifier) if found is None else self._shown(found)

        return read

    def page_of(self, name: str) -> Callable[[Request, str], Answer]:
        """Paged, filtered and sorted by name, with the total."""

        def read(request: Request, _: str) -> Answer:
            given = parameters(request)
            items = self._lists[name]()
            if name == "common scopes" and given.get("includeDefaultOpenId", "").lower() == "true":
                items = [_OPENID, *items]
            page, total = matching(items, given, lambda one: str(one["name"]))
            return reply({"items": page, "totalItems": total})

        return read

    def _shown(self, value: Any) -> Answer:
        return reply(self._documents.located(value))


class Cluster:
    """A console and two engines, or a standalone server, which refuses every call about a cluster."""

    def __init__(
        self, documents: Documents, version: str, edited: int, clock: Callable[[], int], *, clustered: bool
    ) -> None:
        self._documents, self._version, self._clock = documents, version, clock
        self._clustered = clustered
        self._edited = self._replicated = edited

    def touched(self) -> None:
        """The configuration has changed, and the engines do not know yet."""
        self._edited = max(self._clock(), self._replicated + 1)

    def status(self, _: Request, __: str) -> Answer:
        if not self._clustered:
            return _standalone()
        behind = self._edited > self._replicated
        engines = [self._node(index, "CLUSTERED_ENGINE", behind=behind) for index in (2, 3)]
        return reply(
            {
                "nodes": [self._node(1, "CLUSTERED_CONSOLE", behind=False), *engines],
                "lastConfigUpdateTime": date_text(self._edited),
                "lastReplicationTime": date_text(self._replicated),
                "replicationRequired": behind,
                "mixedMode": False,
                "currentNodeIndex": 1,
            }
        )

    def replicate(self, _: Request, __: str) -> Answer:
        if not self._clustered:
            return _standalone()
        self._replicated = max(self._clock(), self._edited)
        return reply({"resultId": "success", "message": "Configuration was replicated to the cluster."})

    def settings(self, _: Request, __: str) -> Answer:
        if not self._clustered:
            return _standalone()
        log = {"replicateLogSettingsOnSave": False} if self._documents.release >= (13, 0) else {}
        return reply({"replicateConnectionsOnSave": False, "replicateClientsOnSave": False, **log})

    def admin_node(self, _: Request, __: str) -> Answer:
        return reply(self._console()) if self._clustered else _standalone()

    def _node(self, index: int, mode: str, *, behind: bool) -> dict[str, Any]:
        node: dict[str, Any] = {
            "address": f"10.20.0.{10 + index}:7600",
            "index": index,
            "mode": mode,
            "nodeGroup": "",
            "version": self._version,
            "nodeTags": "",
            "configurationTimestamp": date_text(self._replicated if behind else self._edited),
            "replicationStatus": "OUT_OF_DATE" if behind else "SUCCEEDED",
        }
        if mode == "CLUSTERED_CONSOLE" and self._documents.release >= (12, 1):
            node["adminConsoleInfo"] = self._console()
        return node

    def _console(self) -> dict[str, Any]:
        return {
            "consoleRole": "ACTIVE",
            "consoleRoleLastUpdateDate": date_text(self._replicated),
            "configSyncStatus": "NONE",
        }


def _standalone() -> Answer:
    return problem(403, "forbidden", "The operation is not permitted: this server is not part of a cluster.")
