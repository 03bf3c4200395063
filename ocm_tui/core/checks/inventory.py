"""Is the inventory a file that can be read as one: a mapping with `version: 1` and a list of clients, each once?"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from ocm_tui.core.checks.model import CheckContext, Finding, Verdict, failed, passed, skipped
from ocm_tui.core.errors import ConfigError
from ocm_tui.core.text import clean

__all__ = ["ReadYAML", "YAMLDocument", "inventory", "inventory_findings"]

_VERSION: Final = 1


class YAMLDocument(Protocol):
    """A parsed file that knows where its values stand: `where(path)` is (line, column), from 1."""

    @property
    def data(self) -> Any: ...

    def where(self, path: tuple[str | int, ...] = ()) -> tuple[int, int]: ...


class ReadYAML(Protocol):
    """Raises ConfigError with path and line for whatever cannot be read."""

    def __call__(self, path: Path) -> YAMLDocument: ...


async def inventory(context: CheckContext) -> Verdict:
    path = context.session.inventory
    if path is None:
        return skipped(f"not configured: environment {context.session.environment} has no inventory")
    try:
        document = await asyncio.to_thread(context.read_yaml, path)
    except ConfigError as error:
        hint = error.hint or "mend the file, or point `inventory` at the right one"
        return failed(error.title, hint, [Finding.of(error)])
    findings = inventory_findings(document, path)
    if findings:
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        return failed(f"{path}:{findings[0].line}: {findings[0].message}{more}", "mend the file", findings)
    count = len(document.data["clients"])
    return passed(f"{path} declares {count} {'client' if count == 1 else 'clients'}", path=str(path), clients=count)


def inventory_findings(document: YAMLDocument, path: Path) -> list[Finding]:
    """What keeps the document from being an inventory, in the order of its lines."""
    data = document.data
    if not isinstance(data, Mapping):
        return [Finding("an inventory is a mapping with `version: 1` and `clients`", path, document.where()[0])]
    findings: list[Finding] = []
    version = data.get("version")
    if type(version) is not int or version != _VERSION:
        said = f"`version` is {clean(version, 40)}" if "version" in data else "`version` is missing"
        findings.append(Finding(f"{said}; it must be {_VERSION}", path, document.where(("version",))[0]))
    clients = data.get("clients")
    if not isinstance(clients, list):
        said = "is not a list" if "clients" in data else "is missing"
        findings.append(Finding(f"`clients` {said}; it lists the clients", path, document.where(("clients",))[0]))
        return findings
    return findings + _client_findings(clients, document, path)


def _client_findings(clients: list[Any], document: YAMLDocument, path: Path) -> list[Finding]:
    findings: list[Finding] = []
    first_lines: dict[str, int] = {}
    for index, client in enumerate(clients):
        client_id = client.get("clientId") if isinstance(client, Mapping) else None
        if not isinstance(client_id, str) or not client_id:
            line = document.where(("clients", index))[0]
            findings.append(Finding(f"clients[{index}] has no clientId, which is its name here", path, line))
            continue
        line = document.where(("clients", index, "clientId"))[0]
        if client_id in first_lines:
            text = f"clientId {clean(client_id, 120)} is declared twice; the first is in line {first_lines[client_id]}"
            findings.append(Finding(text, path, line, key=f"twice {client_id}"))
        first_lines.setdefault(client_id, line)
    return findings
