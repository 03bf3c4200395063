"""Widgets: data in, messages out. None of them calls a service."""
