"""The one place where ports meet adapters. Everything heavy is imported where it is first needed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ocm_tui.core.errors import OcmError
from ocm_tui.wiring import connect_server, oci_service

if TYPE_CHECKING:
    import argparse

    from ocm_tui.config.environment import EnvironmentConfig
    from ocm_tui.core.exchanges.history import HistoryReader
    from ocm_tui.core.registry.service import ClientRegistry
    from ocm_tui.core.session import Session

__all__ = [
    "configured_session",
    "load_environment",
    "open_history",
    "open_session",
]


@asynccontextmanager
async def open_session(options: "argparse.Namespace") -> "AsyncIterator[Session]":
    """The environment that the options name, with everything that serves it; closed again at the end.

    Raises ConfigError and UsageError before anything is sent.
    """
    if options.demo:
        everything = options.check and not (options.check_only or options.check_skip)
        from ocm_tui.demo_session import demo_session, started_demo

        session = await demo_session(started_demo(), oci_soon=everything)
    else:
        environment, warnings = load_environment(options.config, options.env)
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
    from ocm_tui.core.exchanges.history import FILE_NAME, HistoryReader

    return HistoryReader(state_dir() / FILE_NAME)


async def configured_session(environment: "EnvironmentConfig", warnings: Sequence[str] = ()) -> "Session":
    """A server whose secrets or files are missing does not keep the rest from working: `server_problem` says why."""
    from ocm_tui.config.connect import server_http_config
    from ocm_tui.config.locations import cache_dir, ensure_private_directory, state_dir
    from ocm_tui.core.clients.policy import WritePolicy
    from ocm_tui.core.exchanges.history import FILE_NAME, HistoryWriter
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
        history = HistoryWriter(ensure_private_directory(session.state_directory) / FILE_NAME)
    except OcmError as error:
        session.warnings.append(f"no history is kept: {error.title}")
    else:
        session.log.subscribe(history)
        session.closers.append(lambda: asyncio.to_thread(history.close))
        session.ailments += [lambda: history.problem, lambda: history.notice]
    if environment.oci is not None:
        oci = environment.oci
        session.make_oci = lambda: oci_service(
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


async def _registry(session: "Session", environment: "EnvironmentConfig") -> "ClientRegistry":
    from ocm_tui.config.connect import registry_addresses
    from ocm_tui.config.locations import ensure_private_directory, state_dir
    from ocm_tui.core.registry.opening import open_registry

    addresses = await asyncio.to_thread(registry_addresses, environment, state_dir())
    if addresses.database is None:
        ensure_private_directory(addresses.file.parent)
    base_url = environment.server.base_url if environment.server is not None else ""
    return await open_registry(addresses, policy=session.policy, server_base_url=base_url)


def load_environment(config: Path | None, env: str | None) -> "tuple[EnvironmentConfig, list[str]]":
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
