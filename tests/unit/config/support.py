"""Configuration files for tests, written to disk and read back the way users do."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ocm_tui.config.environment import EnvironmentConfig
from ocm_tui.config.loading import Configuration, load_configuration

MINIMAL = """\
default_environment: dev
environments:
  dev:
    server:
      base_url: https://pf.example.com:9999/pf-admin-api/v1
      auth: {type: basic, username: ocm, password: "${env:PF_PASSWORD}"}
"""
URL = "base_url: https://pf.example.com/pf-admin-api/v1"
ENVIRON = {"PF_PASSWORD": "hunter2-from-the-environment"}


def write(directory: Path, text: str, name: str = "config.yaml") -> Path:
    path = directory / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def load(directory: Path, text: str, environ: Mapping[str, str] | None = None) -> Configuration:
    return load_configuration(write(directory, text), ENVIRON if environ is None else environ)


def settled(directory: Path, text: str, **environ: str) -> EnvironmentConfig:
    return load(directory, text, environ).environment()


def server(body: str) -> str:
    """A configuration with one environment, whose server has `body`, indented by six, from line 5 on."""
    lines = "\n".join(f"      {line}" for line in body.splitlines())
    return f"default_environment: dev\nenvironments:\n  dev:\n    server:\n{lines}\n"


@contextmanager
def as_plain_user() -> Iterator[None]:
    """Permissions do not stop root: become somebody else for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
