"""The administrative API: who may ask, which operation is meant, and who carries it out."""

import time
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple
from urllib.parse import unquote

from ocm_tui.simulator.accounts import Accounts
from ocm_tui.simulator.bodies import Rejected
from ocm_tui.simulator.clients_api import ClientsApi
from ocm_tui.simulator.company import Company
from ocm_tui.simulator.documents import Documents, date_text
from ocm_tui.simulator.population import Population, epoch
from ocm_tui.simulator.reference_api import Cluster, ReferenceApi
from ocm_tui.simulator.settings import Release, SimulatorSettings, release_of
from ocm_tui.simulator.store import ClientStore
from ocm_tui.simulator.tokens import TokenEndpoint
from ocm_tui.simulator.vault import Vault
from ocm_tui.simulator.wire import BASE_PATH, TOKEN_PATH, Answer, Request, problem

__all__ = ["Api"]

Operation = Callable[[Request, str], Answer]
_NO_PAGE: Final = b"<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head><body>Not found.</body></html>\n"
_ANY: Final = "*"


def _now() -> int:
    return time.time_ns() // 1_000_000


class _Route(NamedTuple):
    method: str
    pattern: tuple[str, ...]  # segments of the path; "*" is the id
    operation: Operation
    since: Release = (0, 0)
    changes: bool = False


class Api:
    """Answers one request at a time; every answer is complete before the next request is looked at.

    `clock` tells milliseconds since the epoch.
    """

    def __init__(
        self, settings: SimulatorSettings, accounts: Accounts, base_url: str, clock: Callable[[], int] = _now
    ) -> None:
        self.release, self.version = release_of(settings.server_version)
        edited = epoch(settings.seed)
        documents = Documents(
            release=self.release,
            directory_storage=settings.storage == "directory",
            quirks=settings.quirks,
            base_url=base_url,
            vault=Vault(settings.seed),
        )
        company = Company(self.release, settings.secret_retention_minutes, date_text(edited))
        population = Population(settings.clients, settings.seed, documents, clock)
        self.store = ClientStore(population, documents, clock)
        self._accounts, self._clock = accounts, clock
        self._tokens = TokenEndpoint(self.store, company, accounts, base_url.removesuffix(BASE_PATH), clock)
        self._cluster = Cluster(documents, self.version, edited, clock, clustered=settings.cluster)
        clients = ClientsApi(self.store, documents, company, clock)
        reference = ReferenceApi(company, documents, self.version)
        routes = (*_client_routes(clients), *_reference_routes(reference), *_cluster_routes(self._cluster))
        self._routes: dict[int, list[_Route]] = {}
        for route in routes:
            if route.since <= self.release:
                self._routes.setdefault(len(route.pattern), []).append(route)

    def answer(self, request: Request) -> Answer:
        try:
            if request.path == TOKEN_PATH:
                return self._tokens.answer(request)
            if not request.path.startswith(BASE_PATH + "/"):
                return Answer(404, _NO_PAGE, content_type="text/html;charset=utf-8")
            self._admit(request)
            return self._operate(request)
        except Rejected as rejected:
            return rejected.answer

    def _admit(self, request: Request) -> None:
        role = self._accounts.role_of(request.headers.get("authorization", ""), self._clock() / 1000)
        if role is None:
            raise Rejected(problem(401, "invalid_credentials", "The credentials you provided were not recognized."))
        if not request.headers.get("x-xsrf-header", "").strip():
            raise Rejected(Answer(403))
        if role == "auditor" and request.method not in {"GET", "HEAD"}:
            raise Rejected(problem(403, "forbidden", "Your account may not change the configuration."))

    def _operate(self, request: Request) -> Answer:
        segments = [unquote(part) for part in request.path[len(BASE_PATH) + 1 :].split("/")]
        methods = []
        for route in self._routes.get(len(segments), ()):
            if all(wanted in (given, _ANY) for wanted, given in zip(route.pattern, segments, strict=True)):
                if route.method == request.method:
                    identifier = next((g for w, g in zip(route.pattern, segments, strict=True) if w == _ANY), "")
                    answer = route.operation(request, identifier)
                    if route.changes and answer.status < 300:
                        self._cluster.touched()
                    return answer
                methods.append(route.method)
        if methods:
            return Answer(405, headers=(("Allow", ", ".join(sorted(set(methods)))),))
        return problem(404, "resource_not_found", "The resource is not found.")


def _route(method: str, path: str, operation: Operation, since: Release = (0, 0), *, changes: bool = False) -> _Route:
    return _Route(method, tuple(path.split("/")), operation, since, changes)


def _client_routes(api: ClientsApi) -> Iterator[_Route]:
    secret = "oauth/clients/*/clientAuth/clientSecret"  # noqa: S105  # a path
    yield _route("GET", "oauth/clients", api.list)
    yield _route("POST", "oauth/clients", api.create, changes=True)
    yield _route("GET", "oauth/clients/*", api.read)
    yield _route("PUT", "oauth/clients/*", api.replace, changes=True)
    yield _route("DELETE", "oauth/clients/*", api.delete, changes=True)
    yield _route("GET", secret, api.read_secret)
    yield _route("PUT", secret, api.replace_secret, changes=True)
    yield _route("DELETE", f"{secret}/secondarySecrets", api.revoke_former_secrets, (12, 3), changes=True)


def _reference_routes(api: ReferenceApi) -> Iterator[_Route]:
    yield _route("GET", "version", api.version)
    yield _route("GET", "extendedProperties", api.all_of("extended properties"))
    yield _route("GET", "oauth/accessTokenManagers/settings", api.token_manager_settings)
    yield _route("GET", "oauth/openIdConnect/settings", api.openid_settings)
    yield _route("GET", "oauth/authServerSettings", api.server_settings)
    for path, name in (
        (
            "oauth/accessTokenManagers/descriptors",
            "descriptors",
        ),  # first: it is not the id of a manager
        ("oauth/accessTokenManagers", "token managers"),
        ("oauth/openIdConnect/policies", "policies"),
        ("oauth/authorizationDetailTypes", "detail types"),
        ("oauth/cibaServerPolicy/requestPolicies", "request policies"),
        ("oauth/tokenExchange/processor/policies", "exchange policies"),
    ):
        yield _route("GET", path, api.all_of(name))
        yield _route("GET", f"{path}/*", api.one_of(name))
    for path, name in (
        ("commonScopes", "common scopes"),
        ("exclusiveScopes", "exclusive scopes"),
        ("commonScopeGroups", "common groups"),
        ("exclusiveScopeGroups", "exclusive groups"),
    ):
        yield _route("GET", f"oauth/authServerSettings/scopes/{path}", api.page_of(name))
        yield _route("GET", f"oauth/authServerSettings/scopes/{path}/*", api.one_of(name, "name"))


def _cluster_routes(cluster: Cluster) -> Iterator[_Route]:
    yield _route("GET", "cluster/status", cluster.status)
    yield _route("POST", "cluster/replicate", cluster.replicate)
    yield _route("GET", "cluster/settings", cluster.settings, (12, 0))
    yield _route("GET", "cluster/adminNode/status", cluster.admin_node, (12, 1))
