"""What is allowed but hardly wanted: literal secrets, HTTP without TLS, sections without content."""

import ipaddress
import urllib.parse
from collections.abc import Iterator
from typing import Any

from ocm_tui.config.models import EnvironmentSection, Section, ServerSection
from ocm_tui.config.references import SecretRef
from ocm_tui.core.positioned.positions import NodePath, Positioned, dotted
from ocm_tui.core.positioned.problems import Problem

__all__ = ["advice", "values"]


def advice(name: str, section: EnvironmentSection, document: Positioned) -> Iterator[Problem]:
    """Warnings about one environment, from the file alone."""
    path: NodePath = ("environments", name)
    for key in ("server", "registry", "oci"):
        node = document.node((*path, key))
        if node is not None and node.value is None:
            hint = "write `{}` for the defaults" if key != "server" else "`base_url` is needed"
            message = f"`{dotted((*path, key))}` is empty, so it is not configured"
            yield document.place((*path, key), key=True).as_warning(message, hint=hint)
    for below, value in values(section, path):
        if isinstance(value, SecretRef) and value.literal:
            yield _literal(document, below)
    if section.server is not None:
        yield from _about_server(section.server, document, (*path, "server"))


def _literal(document: Positioned, path: NodePath) -> Problem:
    others = document.mode & 0o077
    return document.place(path).as_warning(
        f"`{dotted(path)}` holds a secret" + (", and others may read this file" if others else ""),
        hint="keep it elsewhere: ${env:NAME}, ${file:PATH}, ${keyring:SERVICE/USER} or ${aws-secretsmanager:NAME#KEY}",
    )


def _about_server(server: ServerSection, document: Positioned, path: NodePath) -> Iterator[Problem]:
    if server.auth is None:
        message = f"`{dotted(path)}` has no `auth`, so nobody is signed in"
        yield document.place(path, key=True).as_warning(message, hint="add auth: {type: basic, …}")
    if server.tls.verify is False:
        message = f"`{dotted((*path, 'tls', 'verify'))}` is false, so anyone may pose as the server"
        yield document.place((*path, "tls", "verify")).as_warning(message, hint="set ca_file instead")
    for where, url in values(server, path):
        if where[-1] in ("base_url", "token_url") and isinstance(url, str) and _is_exposed(url):
            message = f"`{dotted(where)}` is http://, so credentials can be read on the way"
            yield document.place(where).as_warning(message, hint="use https://")
    base_url: Any = server.base_url  # a Template as long as nothing is resolved
    if isinstance(base_url, str) and not base_url.endswith("/pf-admin-api/v1"):
        message = f"`{dotted((*path, 'base_url'))}` does not end in /pf-admin-api/v1"
        yield document.place((*path, "base_url")).as_warning(message, hint="the API of PingFederate has that path")


def _is_exposed(url: str) -> bool:
    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost" or host.endswith(".localhost")
    return parts.scheme == "http" and not loopback


def values(section: Section, path: NodePath = ()) -> Iterator[tuple[NodePath, Any]]:
    """Every value that the file sets in the section and below, with its path."""
    for key in type(section).model_fields:
        value = getattr(section, key)
        if key not in section.model_fields_set:
            continue
        if isinstance(value, Section):
            yield from values(value, (*path, key))
        elif isinstance(value, list):
            yield from (((*path, key, index), item) for index, item in enumerate(value))
        else:
            yield (*path, key), value
