"""Inventories for the tests of `plan` and `apply`, and an environment of one's own for them to work on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.contract.command_line import Program, Simulated, environment_yaml

__all__ = ["declare", "job", "own_server", "stored", "web"]


def web(client_id: str, **fields: Any) -> dict[str, Any]:
    """A public client: it needs no secret."""
    return {
        "clientId": client_id,
        "grantTypes": ["AUTHORIZATION_CODE"],
        "clientAuth": {"type": "NONE"},
        "redirectUris": [f"https://{client_id}.example.com/callback"],
        "requireProofKeyForCodeExchange": True,
        **fields,
    }


def job(client_id: str, **secret: Any) -> dict[str, Any]:
    """A client with a generated secret."""
    return {
        "clientId": client_id,
        "grantTypes": ["CLIENT_CREDENTIALS"],
        "clientAuth": {"type": "SECRET"},
        "secret": {"from": "generate", **secret},
    }


def declare(program: Program, *clients: dict[str, Any], name: str = "inventory.yaml") -> Path:
    """Write the inventory, in place of the one that the environments have."""
    path = program.home / name
    path.write_text(yaml.safe_dump({"version": 1, "clients": list(clients)}, sort_keys=False), encoding="utf-8")
    return path


def stored(program: Program, client_id: str) -> Any:
    """The document that the server has of a client."""
    return program("clients", "show", client_id, "--output", "json").json["items"][0]["document"]


@contextmanager
def own_server(program: Program, *words: str) -> Iterator[Simulated]:
    """A simulator for one test alone, as the environment dev; prod is the same server, protected."""
    with Simulated("--clients", "3", *words) as server:
        program.variables |= {"PF_PASSWORD": server.password, "AUDITOR_PASSWORD": server.auditor["password"]}
        url, auditor, inventory = server.base_url, server.auditor["username"], "inventory.yaml"
        (program.home / "config.yaml").write_text(
            "default_environment: dev\nenvironments:\n"
            + environment_yaml("dev", url, inventory=inventory)
            + environment_yaml("prod", url, inventory=inventory, protected="true")
            + environment_yaml("auditor", url, auditor, inventory=inventory, password="AUDITOR_PASSWORD"),
            encoding="utf-8",
        )
        yield server
