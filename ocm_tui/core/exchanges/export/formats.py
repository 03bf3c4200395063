"""The table of exports."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from ocm_tui.core.exchanges.export.curl import curl_script
from ocm_tui.core.exchanges.export.har import har_text
from ocm_tui.core.exchanges.export.markdown import incident_report
from ocm_tui.core.exchanges.export.raw import raw_text
from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.secret import LONG, known_secrets
from ocm_tui.core.text import json_text

__all__ = ["FORMATS"]

Export = Callable[[Sequence[Exchange]], str]


def _json_lines(exchanges: Sequence[Exchange]) -> str:
    """What `log list --output jsonl` prints."""
    members = ({"schema": "ocm-tui/exchange/v1", **exchange.as_json()} for exchange in exchanges)
    return "".join(f"{json_text(one, indent=None)}\n" for one in members)


def _without_known_secrets(export: Export) -> Export:
    """Exchanges of an earlier process may hold what only this one knows to be a secret."""
    return lambda exchanges: known_secrets.scrub(export(exchanges), shortest=LONG)


FORMATS: Final[Mapping[str, Export]] = MappingProxyType(
    {
        name: _without_known_secrets(export)
        for name, export in {
            "har": har_text,
            "curl": curl_script,
            "raw": raw_text,
            "jsonl": _json_lines,
            "markdown": incident_report,
        }.items()
    }
)
