"""JSON documents and JSON lines: the machine's view, and it is API."""

from collections.abc import Mapping
from typing import Any

from ocm_tui.core.secret import LONG, known_secrets
from ocm_tui.core.text import json_text

__all__ = ["document", "line"]


def document(name: str, members: Mapping[str, Any], *, reveal: bool = False) -> str:
    """One JSON document; `schema` stands first, so that a reader knows what follows.

    `reveal` is for the one command that was asked to print a secret.
    """
    text = json_text({"schema": f"ocm-tui/{name}/v1", **members}) + "\n"
    return text if reveal else known_secrets.scrub(text, shortest=LONG)


def line(name: str, members: Mapping[str, Any]) -> str:
    """One line of a long list; each says its schema, because lines get separated from their file."""
    text = json_text({"schema": f"ocm-tui/{name}/v1", **members}, indent=None) + "\n"
    return known_secrets.scrub(text, shortest=LONG)
