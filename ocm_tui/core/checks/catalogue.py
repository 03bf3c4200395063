"""Every check there is, in the order of reports: a check comes after what it needs."""

from typing import Final

from ocm_tui.core.checks.configuration import configuration
from ocm_tui.core.checks.inventory import inventory
from ocm_tui.core.checks.model import Check
from ocm_tui.core.checks.registry import cache, consistency, database, stream
from ocm_tui.core.checks.server import accepts_account, answers, supported_version
from ocm_tui.core.checks.tls import certificate, server_showed_one

__all__ = ["CHECKS"]

CHECKS: Final = (
    Check(id="config", title="Configuration is loaded", run=configuration),
    Check(id="server.reachable", title="Server answers", run=answers, needs=("config",)),
    Check(
        id="server.authenticated",
        title="Server accepts the account",
        run=accepts_account,
        needs=("server.reachable",),
    ),
    Check(
        id="server.version",
        title="Server version is supported",
        run=supported_version,
        needs=("server.authenticated",),
    ),
    Check(
        id="server.tls",
        title="TLS certificate stays valid",
        run=certificate,
        needs=("server.reachable",),
        runs_despite=server_showed_one,
    ),
    Check(id="inventory", title="Inventory is readable", run=inventory),
    Check(id="registry.database", title="Registry database answers", run=database),
    Check(id="registry.cache", title="Registry cache answers", run=cache),
    Check(id="registry.stream", title="Client events are consumed", run=stream),
    Check(
        id="registry.consistency",
        title="Cache agrees with the registry",
        run=consistency,
        needs=("registry.database", "registry.cache"),
    ),
)
