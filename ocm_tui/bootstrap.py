"""The one place where ports meet adapters. Everything heavy is imported where it is first needed."""

import asyncio
import gc
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocm_tui.core.errors import ExitCode, OcmError

if TYPE_CHECKING:
    import argparse

    from ocm_tui.config.environment import EnvironmentConfig
    from ocm_tui.core.exchanges.history import HistoryReader
    from ocm_tui.core.http.oauth2 import OAuth2ClientCredentials
    from ocm_tui.core.http.types import HTTP, HTTPClientConfig
    from ocm_tui.core.oci.service import OciService
    from ocm_tui.core.provisioning.service import Provisioning
    from ocm_tui.core.registry.service import ClientRegistry
    from ocm_tui.core.session import Session
    from ocm_tui.demo import Demo

__all__ = ["connect_server", "demo_configuration", "demo_session", "open_history", "open_session", "run_console"]

HISTORY_FILE = "history.sqlite3"


@asynccontextmanager
async def open_session(options: "argparse.Namespace") -> "AsyncIterator[Session]":
    """The environment that the options name, with everything that serves it; closed again at the end.

    Raises ConfigError and UsageError before anything is sent.
    """
    if options.demo:
        everything = options.check and not (options.check_only or options.check_skip)
        session = await demo_session(_start_demo(), oci_soon=everything)
    else:
        environment, warnings = _environment(options.config, options.env)
        session = await configured_session(_as_asked(environment, options), warnings)
    if options.read_only:
        session.policy.read_only = True
    try:
        yield session
    finally:
        await session.close()


def open_history(options: "argparse.Namespace") -> "HistoryReader":
    """The exchange history of this machine; contacts nobody, and needs no configuration."""
    del options
    from ocm_tui.config.locations import state_dir
    from ocm_tui.core.exchanges.history import HistoryReader

    return HistoryReader(state_dir() / HISTORY_FILE)


async def configured_session(environment: "EnvironmentConfig", warnings: Sequence[str] = ()) -> "Session":
    """A server whose secrets or files are missing does not keep the rest from working: `server_problem` says why."""
    from ocm_tui.config.connect import server_http_config
    from ocm_tui.config.locations import cache_dir, ensure_private_directory, state_dir
    from ocm_tui.core.clients.policy import WritePolicy
    from ocm_tui.core.exchanges.history import HistoryWriter
    from ocm_tui.core.exchanges.log import ExchangeLog
    from ocm_tui.core.session import Session

    policy = WritePolicy(protected=environment.protected)
    if environment.read_only:
        policy.read_only, policy.read_only_because = True, "read_only in the configuration"
    session = Session(
        environment=environment.name,
        policy=policy,
        log=ExchangeLog(),
        protected=environment.protected,
        inventory=environment.inventory,
        config_file=environment.config_path,
        warnings=list(warnings),
    )
    session.state_directory, session.cache_directory = state_dir(), cache_dir()
    try:
        history = HistoryWriter(ensure_private_directory(session.state_directory) / HISTORY_FILE)
    except OcmError as error:
        session.warnings.append(f"no history is kept: {error.title}")
    else:
        session.log.subscribe(history)
        session.closers.append(lambda: asyncio.to_thread(history.close))
        session.ailments += [lambda: history.problem, lambda: history.notice]
    if environment.oci is not None:
        oci = environment.oci
        session.make_oci = lambda: _oci_service(
            session,
            oci.config_file,
            chosen_by=environment.overrides.get("oci.config_file", "oci.config_file"),
            checked=oci.check,
            object_storage=oci.endpoint or "",
        )
    if environment.registry is not None:
        session.registry_thresholds = environment.registry.thresholds
        session.make_registry = lambda: _registry(session, environment)
    if environment.server is not None:
        try:
            connection = await asyncio.to_thread(server_http_config, environment)
            connect_server(
                session,
                connection.http,
                environment.server.account,
                oauth2=connection.oauth2,
                token_url=environment.server.token_url or "",
            )
            session.rights_probe = environment.server.rights_probe
        except OcmError as error:
            session.server_problem = error
    return session


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
        return _oci_service(session, found.config_file, chosen_by="demo", checked=found.checked, **found.endpoints)

    async def registry() -> "ClientRegistry":
        from ocm_tui.demo_registry import DEMO_THRESHOLDS, open_demo_registry

        session.registry_thresholds = DEMO_THRESHOLDS
        return await open_demo_registry(demo.directory, session.policy, servers.base_url)

    session.make_oci, session.make_registry = oci, registry
    if busy:
        demo.keep_busy(http, session.policy)
    return session


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


def _oci_service(
    session: "Session", config_file: Path, *, chosen_by: str, checked: Sequence[str], **endpoints: Any
) -> "OciService":
    """The OCI profiles of a file; `endpoints` are those of `OciEndpoints`."""
    from ocm_tui.core.oci.endpoints import OciEndpoints
    from ocm_tui.core.oci.service import OciService

    reached = OciEndpoints(**endpoints)
    return OciService(config_file, session.log, chosen_by=chosen_by, checked=checked, endpoints=reached)


async def _registry(session: "Session", environment: "EnvironmentConfig") -> "ClientRegistry":
    from ocm_tui.config.connect import registry_addresses
    from ocm_tui.config.locations import ensure_private_directory, state_dir
    from ocm_tui.core.registry.opening import open_registry

    addresses = await asyncio.to_thread(registry_addresses, environment, state_dir())
    if addresses.database is None:
        ensure_private_directory(addresses.file.parent)
    base_url = environment.server.base_url if environment.server is not None else ""
    return await open_registry(addresses, policy=session.policy, server_base_url=base_url)


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


def _environment(config: Path | None, env: str | None) -> "tuple[EnvironmentConfig, list[str]]":
    """The environment, and what is worth a warning in the file that it comes from."""
    from ocm_tui.config.loading import load_configuration

    configuration = load_configuration(config)
    return configuration.environment(env), [str(warning) for warning in configuration.warnings]


def _as_asked(environment: "EnvironmentConfig", options: "argparse.Namespace") -> "EnvironmentConfig":
    """`--concurrency`, of the commands that have it, is this run's `server.concurrency`."""
    at_once: int | None = getattr(options, "concurrency", None)
    if at_once is None or environment.server is None:
        return environment
    return replace(environment, server=replace(environment.server, concurrency=at_once))


def _new_demo() -> "Demo":
    from ocm_tui.demo import Demo

    return Demo()


def _start_demo() -> "Demo":
    demo = _new_demo()
    demo.start()
    return demo


@contextmanager
def demo_configuration() -> Iterator[Path]:
    """The demo's environment as a configuration file, for the commands that look at one."""
    demo = _start_demo()
    try:
        yield demo.write_configuration(asyncio.run(demo.servers()))
    finally:
        demo.stop()


def run_console(
    *, demo: bool, config: Path | None = None, env: str | None = None, read_only: bool = False, no_color: bool = False
) -> int:
    """The console, until it is left: its exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write("error: the console needs a terminal\nhint: `ocm-tui --check` and the other commands do not\n")
        return ExitCode.USAGE
    if no_color:
        os.environ["NO_COLOR"] = "1"
    for stale in ("COLUMNS", "LINES"):
        os.environ.pop(stale, None)  # of whoever started us: believed, they would hide every resize of the terminal
    gc.disable()  # until the first frame is out: a sixth of the time to it would go into looking at modules
    servers: Demo | None = None
    configured: tuple[EnvironmentConfig, list[str]] | None = None
    try:
        if demo:
            servers = _new_demo()
        else:
            configured = _environment(config, env)
        return _console(servers, configured, read_only=read_only)
    except OcmError as error:
        from ocm_tui.headless.boundary import error_text

        sys.stderr.write(error_text(error) + "\n")
        return error.exit_code
    finally:
        if servers is not None:
            servers.stop()


def _console(demo: "Demo | None", configured: "tuple[EnvironmentConfig, list[str]] | None", *, read_only: bool) -> int:
    from ocm_tui.tui.run import run

    async def opened() -> "Session":
        if configured is None:
            assert demo is not None
            demo.start()  # now that the first frame is out; they start while their client's modules are loaded
            session = await demo_session(demo, busy=True)
        else:
            session = await configured_session(*configured)
        session.policy.read_only = session.policy.read_only or read_only
        return session

    if configured is None:
        return run(opened, environment="demo", protected=False, demo=True)
    from ocm_tui.config.locations import state_dir

    environment = configured[0]
    return run(
        opened,
        environment=environment.name,
        protected=environment.protected,
        demo=False,
        report_directory=state_dir(),
    )
