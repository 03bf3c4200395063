"""A check report with one of everything, hostile strings included; fixed, so that golden files can be of it."""

from pathlib import Path

from ocm_tui.core.checks.model import CheckReport, CheckResult, FailOn, Finding
from ocm_tui.core.errors import ExitCode

__all__ = ["NASTY", "report_of_everything"]

NASTY = "[/x] \x1b]0;owned\x07 \u202eevil\u202c <&\"'> 100% \x00\ufffe\n::error::not a command"


def report_of_everything(fail_on: FailOn = "fail") -> CheckReport:
    inventory = Path("/project/clients/inventory.yaml")
    return CheckReport(
        environment="dev",
        started_at="2026-01-31T12:04:31.377Z",
        duration_ms=1234.5678,
        config_file=Path("/home/ci/.config/ocm-tui/config.yaml"),
        root=Path("/project"),
        fail_on=fail_on,
        results=(
            CheckResult(
                id="config",
                title="Configuration is loaded",
                status="pass",
                duration_ms=0.1234,
                message="environment dev",
            ),
            CheckResult(
                id="server.reachable",
                title="Server answers",
                status="fail",
                duration_ms=1000.0,
                message=f"connection refused: {NASTY}",
                hint="is the server started?",
                details={"layer": "tcp", "said": NASTY},
                exit_code=ExitCode.UNREACHABLE,
            ),
            CheckResult(
                id="server.version",
                title="Server version is supported",
                status="skip",
                duration_ms=0.0,
                message="server.reachable failed",
            ),
            CheckResult(
                id="server.tls",
                title="TLS certificate stays valid",
                status="warn",
                duration_ms=12.0,
                message="the certificate expires in 12 days, on 2026-02-12",
                hint="renew the server's certificate",
            ),
            CheckResult(
                id="inventory",
                title="Inventory is readable",
                status="fail",
                duration_ms=3.5,
                message="two clients are declared twice",
                hint="mend the file",
                findings=(
                    Finding("clientId orders-api is declared twice; the first is in line 4", inventory, 9, "twice a"),
                    Finding("clientId billing is declared twice; the first is in line 5", inventory, 12, "twice b"),
                ),
            ),
        ),
    )
