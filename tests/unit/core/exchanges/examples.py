"""Exchanges made up for tests."""

from typing import Any

from ocm_tui.core.exchanges.model import Exchange, ExchangeFailure, Message, Timings


def exchange(number: int = 1, **changes: Any) -> Exchange:
    """A plain successful GET; `path` and `duration_ms` go where they also stand elsewhere."""
    path, took = changes.pop("path", "/oauth/clients"), changes.pop("duration_ms", 12.5)
    error = changes.pop("error", None)
    values: dict[str, Any] = {
        "id": f"test-{number}",
        "started_at": 1_790_000_000.25 + number,
        "target": "server",
        "method": "GET",
        "url": f"https://pf.example:9999/pf-admin-api/v1{path}",
        "path": path,
        "status": None if error else 200,
        "duration_ms": took,
        "timings": Timings(1.5, 2.5, 9.0, took),
        "request": Message((("Accept", "*/*"), ("X-Twice", "a"), ("X-Twice", "b"))),
        "response": None if error else Message((("Content-Type", "application/json"),), '{"items":[]}', 12),
        "error": ExchangeFailure(*error) if error else None,
    }
    return Exchange(**{**values, **changes})
