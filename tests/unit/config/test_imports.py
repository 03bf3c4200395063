"""Start-up time is a feature: what is imported when, seen in a fresh interpreter."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
HEAVY = ("pydantic", "yaml", "platformdirs", "keyring", "boto3", "httpx2", "textual", "difflib", "cryptography")


def loaded(code: str) -> set[str]:
    """Which of the heavy modules a fresh interpreter has imported after `code`."""
    script = f"{code}\nimport json, sys\nprint(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True, timeout=60)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import ocm_tui.config.locations", set()),
        ("import ocm_tui.config.locations as l; l.config_path(None, {'OCM_TUI_CONFIG': '/x'})", set()),
        ("import ocm_tui.config.locations as l; l.config_path(None, {})", {"platformdirs"}),
        ("import ocm_tui.config.environment, ocm_tui.config.connect, ocm_tui.config.references", set()),
        ("import ocm_tui.headless.config", set()),
        ("import ocm_tui.core.positioned.positions", {"yaml"}),
        ("import ocm_tui.config.loading", {"yaml", "pydantic"}),
    ],
)
def test_imports(code: str, expected: set[str]) -> None:
    assert loaded(code) == expected
