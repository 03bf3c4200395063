"""Exchanges for other tools and other people: HAR, curl, raw HTTP, JSON lines, Markdown.

Pure functions from exchanges to text. Exchanges are redacted at capture, so there is no export that holds a secret, and
no switch for one.
"""

from ocm_tui.core.exchanges.export.formats import FORMATS
from ocm_tui.core.exchanges.export.markdown import incident_report

__all__ = ["FORMATS", "incident_report"]
