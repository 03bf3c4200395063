"""The formats of `--check`, by name. Each is one function in a module of its own, imported when it is asked for."""

import importlib
from collections.abc import Callable
from typing import Final

from ocm_tui.core.checks.model import CheckReport

__all__ = ["CHECK_FORMATS", "formatter"]

CHECK_FORMATS: Final = ("text", "json", "junit", "sarif", "gitlab", "github")


def formatter(name: str) -> Callable[[CheckReport], str]:
    """The text form is that of a file: it has no colour."""
    module = importlib.import_module(f"ocm_tui.headless.formats.check_{name}")
    function: Callable[[CheckReport], str] = module.render
    return function
