"""An OAuth client, as a row of a long list and as the whole document that the server stores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NewType

__all__ = [
    "ClientDocument",
    "ClientPage",
    "ClientRow",
    "ClusterNode",
    "ClusterStatus",
    "NamedChoice",
    "RotatedSecret",
    "ServerInfo",
]

# What the server stores for one client, as decoded JSON: camelCase names, unknown members included. `clientAuth` and
# the like may hold `encryptedSecret`: never show a document without `clients.documents.displayable`.
ClientDocument = NewType("ClientDocument", dict[str, Any])


@dataclass(frozen=True, slots=True)
class ClientRow:
    """What a list keeps of a client: 100,000 of these fit in memory, 100,000 documents do not.

    Strings are the server's own and not cleaned: clean them where they are shown. `modified` is the server's
    `modificationDate`, or its `creationDate`, or "" (both can be missing on clients made by old versions).
    """

    client_id: str
    name: str
    enabled: bool
    grant_types: tuple[str, ...]
    auth_type: str  # NONE when the server says nothing
    token_manager: str  # id, or "" for the server's default
    modified: str

    @staticmethod
    def of(document: Mapping[str, Any]) -> "ClientRow":
        """Lenient: real servers leave fields out, and send null or "" for absent."""
        auth, manager = document.get("clientAuth"), document.get("defaultAccessTokenManagerRef")
        grants = document.get("grantTypes")
        return ClientRow(
            client_id=str(document.get("clientId") or ""),
            name=str(document.get("name") or ""),
            enabled=document.get("enabled") is not False,
            grant_types=tuple(map(str, grants)) if isinstance(grants, list) else (),
            auth_type=str(auth.get("type") or "NONE") if isinstance(auth, dict) else "NONE",
            token_manager=str(manager.get("id") or "") if isinstance(manager, dict) else "",
            modified=str(document.get("modificationDate") or document.get("creationDate") or ""),
        )


@dataclass(frozen=True, slots=True)
class ClientPage:
    """One page of the list, new clients only (the pages of a changing list overlap). `number` counts from 1."""

    number: int
    documents: Sequence[ClientDocument]
    last: bool


@dataclass(frozen=True, slots=True)
class NamedChoice:
    """One value that a form may offer: the id that goes into the document, and a word about it.

    `allowed` are the ids of the clients that alone may use it; None when all may.
    """

    id: str
    label: str = ""
    allowed: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """`version` as the server says it, such as `12.1.0.4`; `parsed` are its first two numbers."""

    version: str

    @property
    def parsed(self) -> tuple[int, int]:
        # `isdigit` would take other scripts' digits, and a server may say anything.
        parts = self.version.split(".")[:2]
        numbers = [int(part) if part.isascii() and part.isdigit() and len(part) < 6 else 0 for part in parts]
        return (numbers[0], numbers[1]) if len(numbers) == 2 else (0, 0)


@dataclass(frozen=True, slots=True)
class RotatedSecret:
    """After a rotation: how long the former secret still works, in minutes; 0 means it died at once, None unknown."""

    client_id: str
    retention_minutes: int | None
    changed_at: str


@dataclass(frozen=True, slots=True)
class ClusterNode:
    """One node as the console sees it. Strings are cleaned; "" is what the server did not say.

    `state` is RETRIEVING, APPLYING, FAILED, SUCCEEDED or OUT_OF_DATE, or a word that a newer server made up.
    """

    address: str
    index: int | None
    mode: str  # CLUSTERED_CONSOLE, CLUSTERED_ENGINE
    state: str
    version: str = ""

    @property
    def is_engine(self) -> bool:
        return "CONSOLE" not in self.mode


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """Times as the server writes them, "" when it does not; `replication_required` is None then."""

    nodes: tuple[ClusterNode, ...]
    last_config_update: str = ""
    last_replication: str = ""
    replication_required: bool | None = None
    mixed_mode: bool = False

    @property
    def engines(self) -> tuple[ClusterNode, ...]:
        return tuple(node for node in self.nodes if node.is_engine)
