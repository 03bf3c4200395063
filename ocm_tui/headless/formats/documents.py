"""JSON documents and JSON lines: the machine's view, and it is API."""

from collections.abc import Mapping
from typing import Any

from ocm_tui.core.text import json_text

__all__ = ["document", "line"]


def document(name: str, members: Mapping[str, Any]) -> str:
    """One JSON document; `schema` stands first, so that a reader knows what follows."""
    return json_text({"schema": f"ocm-tui/{name}/v1", **members}) + "\n"


def line(name: str, members: Mapping[str, Any]) -> str:
    """One line of a long list; each says its schema, because lines get separated from their file."""
    return json_text({"schema": f"ocm-tui/{name}/v1", **members}, indent=None) + "\n"
