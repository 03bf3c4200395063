"""Registry entries as people write them: a document, the `registry:` block of an inventory, rows of a file.

Names are the registry's own. What only the registry says (versions, times, `has_secret`) may stand there, as it was
printed, and is left out: a row that was shown can be edited and set.
"""

import csv
import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from ocm_tui.core.errors import ConfigError, UsageError
from ocm_tui.core.registry.addresses import GIVEN_KEY, given_if_different
from ocm_tui.core.registry.entries import document_of
from ocm_tui.core.registry.masking import holds_hash
from ocm_tui.core.registry.model import RegistryClient, RegistryEntry, derived_id
from ocm_tui.core.registry.values import checked
from ocm_tui.core.secret import Secret
from ocm_tui.core.text import clean

__all__ = ["as_json", "entry_from", "entry_of_inventory", "read_documents", "read_rows"]

_WRITABLE: Final = (
    *("client_id", "client_code", "bap_id", "bap_uri", "allowed_ips", "rate_limit", "status", "metadata"),
    *("client_secret_hash", "api_key_hash"),  # two names of one column
)
_READ_ONLY: Final = frozenset(
    {"has_secret", "profile_version", "status_version", "row_version", "created_at", "updated_at", "last_synced_at"}
)
_LONGEST_ROW: Final = 1 << 20  # characters


def as_json(client: RegistryClient) -> dict[str, Any]:
    """A row as commands print it: plain JSON values, no hash. Strings are the registry's own."""
    return {**document_of(client), "row_version": client.row_version}


def entry_from(document: Mapping[str, Any], *, server_base_url: str = "", search: bool = True) -> RegistryEntry:
    """UsageError that names the member that is wrong. Without a `client_id` it is derived from the server's URL.

    `search` False spares looking for the hash wherever it might turn up: with 100,000 of them that takes its time.
    """
    for name in document:
        if name not in _WRITABLE and name not in _READ_ONLY:
            near = difflib.get_close_matches(str(name), _WRITABLE, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(_WRITABLE)}"
            raise UsageError(f"{clean(name, 60)} is no field of a registry entry", hint=hint)
    said = {name: value for name, value in document.items() if name in _WRITABLE and value is not None}
    code = said.get("client_code")
    if not isinstance(code, str) or not code:
        raise UsageError("a registry entry needs a client_code", hint="it is the clientId on the authorization server")
    networks = _texts(said.get("allowed_ips", ()))
    try:
        given = given_if_different(networks)
    except UsageError as error:
        raise UsageError(f"registry entry of {clean(code, 80)}: {error.title}", hint=error.hint) from None
    metadata = _mapping(said.get("metadata", {}))
    if holds_hash(metadata):
        raise UsageError("metadata is no place for a hash", hint="client_secret_hash is a member of its own")
    if not given and networks:
        given = tuple(_texts(metadata.get(GIVEN_KEY, ())))
    return checked(
        RegistryEntry(
            client_id=_client_id(said.get("client_id"), code, server_base_url),
            client_code=code,
            allowed_ips=tuple(networks),
            given_ips=given,
            metadata={name: value for name, value in metadata.items() if name != GIVEN_KEY},
            secret_hash=_hash(said.get("client_secret_hash", said.get("api_key_hash")), search=search),
            **{name: said[name] for name in ("bap_id", "bap_uri", "rate_limit", "status") if name in said},
        )
    )


def entry_of_inventory(client_code: str, registry: Mapping[str, Any], *, server_base_url: str) -> RegistryEntry:
    """Of an inventory's client: its clientId, and its `registry:` block."""
    return entry_from({**registry, "client_code": client_code}, server_base_url=server_base_url)


def read_rows(path: Path, *, server_base_url: str = "") -> Iterator[tuple[int, RegistryEntry]]:
    """(line, entry) of each of the file's documents. ConfigError with its line."""
    for line, document in read_documents(path):
        try:
            yield line, entry_from(document, server_base_url=server_base_url, search=False)
        except UsageError as error:
            raise ConfigError(error.title, path=path, line=line, hint=error.hint) from None


def read_documents(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """(line, members) of a CSV file with a header, or of JSON lines, one after the other. ConfigError with its line.

    In CSV an empty cell says nothing, spaces or `;` stand between several networks, and metadata is JSON.
    """
    rows = _csv_rows if path.suffix.lower() == ".csv" else _json_rows
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from rows(_lines(file, path), path)
    except OSError as error:
        raise ConfigError(f"the file cannot be read: {error.strerror}", path=path) from None
    except UnicodeDecodeError:
        raise ConfigError("the file is not UTF-8 text", path=path, hint="save the file as UTF-8") from None


def _lines(file: Any, path: Path) -> Iterator[str]:
    """Never more than a bounded line at once, whatever the file is."""
    number = 0
    while line := file.readline(_LONGEST_ROW):
        number += 1
        if len(line) >= _LONGEST_ROW:
            raise ConfigError("the line is too long for a client", path=path, line=number)
        yield line


def _json_rows(lines: Iterator[str], path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            document = json.loads(line)
        except json.JSONDecodeError as error:
            raise ConfigError(f"not JSON: {error.msg}", path=path, line=number, column=error.colno) from None
        except (RecursionError, ValueError):
            raise ConfigError("not JSON that can be read", path=path, line=number) from None
        if not isinstance(document, dict):
            raise ConfigError("a line is one JSON object, and this is something else", path=path, line=number)
        yield number, document


def _csv_rows(lines: Iterator[str], path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(lines, strict=True)
    try:
        if not reader.fieldnames or "client_code" not in reader.fieldnames:
            hint = f"columns are {', '.join(_WRITABLE)}"
            raise ConfigError("the first line names no column `client_code`", path=path, line=1, hint=hint)
        for row in reader:
            if None in row or None in row.values():
                raise ConfigError("the row has not as many cells as the header", path=path, line=reader.line_num)
            yield reader.line_num, _from_cells(row, path, reader.line_num)
    except csv.Error as error:
        raise ConfigError(f"not CSV: {error}", path=path, line=reader.line_num) from None


def _from_cells(row: Mapping[str, str], path: Path, line: int) -> dict[str, Any]:
    said: dict[str, Any] = {name: cell for name, cell in row.items() if cell != ""}
    if "allowed_ips" in said:
        said["allowed_ips"] = said["allowed_ips"].replace(";", " ").split()
    for name in ("rate_limit", "metadata"):
        if name in said:
            try:
                said[name] = json.loads(said[name])
            except (ValueError, RecursionError):
                raise ConfigError(f"{name} cannot be {clean(said[name], 60)}", path=path, line=line) from None
    return said


def _texts(value: Any) -> Sequence[str]:
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return list(value)
    raise UsageError("allowed_ips is a list of networks", hint="such as [10.0.0.0/8, 192.0.2.7]")


def _mapping(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    raise UsageError("metadata is a mapping", hint="such as {team: orders}")


def _hash(value: Any, *, search: bool) -> Secret | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value or not value.isprintable():
        raise UsageError("client_secret_hash is a text", hint="leave it out to keep the stored one")
    return Secret(value, search=search)


def _client_id(value: Any, code: str, server_base_url: str) -> UUID:
    if value is None:
        if server_base_url:
            return derived_id(server_base_url, code)
        raise UsageError(
            f"{clean(code, 80)} has no client_id", hint="it can be derived only where a `server` is configured"
        )
    try:
        client_id = value if isinstance(value, UUID) else UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise UsageError(
            f"the client_id of {clean(code, 80)} is no UUID", hint="such as 6f1c8a52-7c51-4f0e-9d57-0b1f2f3f4a5b"
        ) from None
    return client_id
