"""How a session gets the services of one environment. Everything heavy is imported where it is first needed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ocm_tui.core.http.oauth2 import OAuth2ClientCredentials
    from ocm_tui.core.http.types import HTTP, HTTPClientConfig
    from ocm_tui.core.oci.service import OciService
    from ocm_tui.core.provisioning.service import Provisioning
    from ocm_tui.core.session import Session

__all__ = ["connect_server", "oci_service"]


def connect_server(
    session: "Session",
    config: "HTTPClientConfig",
    account: str,
    *,
    oauth2: "OAuth2ClientCredentials | None" = None,
    token_url: str = "",
) -> "HTTP":
    """Give the session the client service of one server; the HTTP client it talks through is returned."""
    from ocm_tui.core.clients.pingfederate.adapter import PingFederate
    from ocm_tui.core.clients.service import ClientService
    from ocm_tui.core.http.client import UnifiedHTTPClient
    from ocm_tui.core.session import ServerTarget

    http: HTTP = UnifiedHTTPClient(config, session.log)
    if oauth2 is not None:
        from ocm_tui.core.http.oauth2 import AuthorisedHTTP, TokenSource

        token_config = replace(config, base_url=oauth2.token_url, target="token", auth=oauth2.basic)
        http = AuthorisedHTTP(http, TokenSource(UnifiedHTTPClient(token_config, session.log), oauth2))
    session.http = http
    session.server = ServerTarget(config.base_url, account, config.tls, config.deadline, token_url)
    session.clients = ClientService(PingFederate(http, concurrency=max(config.max_connections // 2, 1)), session.policy)
    session.make_provisioning = lambda: _provisioning(session, config.max_connections)
    session.closers.append(session.clients.close)
    return http


def _provisioning(session: "Session", concurrency: int) -> "Provisioning":
    from ocm_tui.core.provisioning.service import Provisioning

    return Provisioning(
        session.require_clients(),
        session.log,
        environment=session.environment,
        state_directory=session.state_directory,
        cache_directory=session.cache_directory,
        inventory=(session.inventory,) if session.inventory is not None else (),
        concurrency=concurrency,
        open_registry=session.require_registry if session.make_registry is not None else None,
    )


def oci_service(
    session: "Session", config_file: Path, *, chosen_by: str, checked: Sequence[str], **endpoints: Any
) -> "OciService":
    """The OCI profiles of a file; `endpoints` are those of `OciEndpoints`."""
    from ocm_tui.core.oci.endpoints import OciEndpoints
    from ocm_tui.core.oci.service import OciService

    reached = OciEndpoints(**endpoints)
    return OciService(config_file, session.log, chosen_by=chosen_by, checked=checked, endpoints=reached)
