"""The adapter for PingFederate's administrative API."""

from ocm_tui.core.clients.pingfederate.adapter import PingFederate

__all__ = ["PingFederate"]
