"""ocm-tui: the terminal console for the people who run OAuth clients."""

__version__ = "0.1.0"
