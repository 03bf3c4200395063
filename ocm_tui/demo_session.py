"""The demo as an environment: its session, and its configuration for the commands that look at one."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ocm_tui.wiring import connect_server, oci_service

if TYPE_CHECKING:
    from ocm_tui.core.oci.service import OciService
    from ocm_tui.core.registry.service import ClientRegistry
    from ocm_tui.core.session import Session
    from ocm_tui.demo import Demo

__all__ = ["demo_configuration", "demo_session", "started_demo"]


def started_demo() -> "Demo":
    from ocm_tui.demo import Demo

    demo = Demo()
    demo.start()
    return demo


@contextmanager
def demo_configuration() -> Iterator[Path]:
    """The demo's environment as a configuration file, for the commands that look at one."""
    demo = started_demo()
    try:
        yield demo.write_configuration(asyncio.run(demo.servers()))
    finally:
        demo.stop()


async def demo_session(demo: "Demo", *, busy: bool = False, oci_soon: bool = False) -> "Session":
    """The demo's environment, against its simulated servers. `busy` adds background traffic; with `oci_soon` the OCI
    services, and the registry's modules, are there when they are wanted."""
    from ocm_tui.core.clients.policy import WritePolicy
    from ocm_tui.core.exchanges.log import ExchangeLog
    from ocm_tui.core.http.types import BasicAuth, HTTPClientConfig
    from ocm_tui.core.secret import Secret
    from ocm_tui.core.session import Session
    from ocm_tui.demo import DEMO_ENVIRONMENT

    session = Session(
        environment=DEMO_ENVIRONMENT,
        policy=WritePolicy(),
        log=ExchangeLog(session=DEMO_ENVIRONMENT),
        demo=True,
        inventory=demo.inventory,
        state_directory=demo.directory,
        closers=[demo.close],
    )
    if oci_soon:
        demo.ask_for_oci()
    try:
        _load_client_modules()  # while the servers start in their own process
        demo.write_inventory()
        if oci_soon:
            _load_registry_modules()
        servers = await demo.servers()
    except BaseException:
        await demo.close()
        raise
    auth = BasicAuth(servers.username, Secret(servers.password))
    config = HTTPClientConfig(base_url=servers.base_url, auth=auth, trust_env=False)
    http = connect_server(session, config, servers.username, token_url=servers.token_url)

    def oci() -> "OciService":
        demo.ask_for_oci()
        import ocm_tui.core.oci.service  # noqa: F401  # while they open

        if oci_soon:
            from ocm_tui.core.oci.sdk_wire import install

            threading.Thread(target=install, name="load the OCI SDK", daemon=True).start()
        found = demo.oci()
        return oci_service(session, found.config_file, chosen_by="demo", checked=found.checked, **found.endpoints)

    async def registry() -> "ClientRegistry":
        from ocm_tui.demo_registry import DEMO_THRESHOLDS, open_demo_registry

        session.registry_thresholds = DEMO_THRESHOLDS
        return await open_demo_registry(demo.directory, session.policy, servers.base_url)

    session.make_oci, session.make_registry = oci, registry
    if busy:
        demo.keep_busy(http, session.policy)
    return session


def _load_client_modules() -> None:
    import ocm_tui.core.clients.pingfederate.adapter
    import ocm_tui.core.clients.service
    import ocm_tui.core.http.client
    import ocm_tui.core.http.pool  # noqa: F401  # the first request would load it


def _load_registry_modules() -> None:
    import ocm_tui.core.registry.events.sqlite_stream
    import ocm_tui.core.registry.inspection
    import ocm_tui.core.registry.memory_cache
    import ocm_tui.core.registry.service
    import ocm_tui.core.registry.sqlite_store
    import ocm_tui.core.registry.status  # noqa: F401
