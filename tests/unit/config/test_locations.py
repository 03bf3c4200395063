"""Where things live: the precedence of options and variables, and that asking creates nothing."""

import stat
from pathlib import Path

import pytest

from ocm_tui.config.locations import cache_dir, config_path, ensure_private_directory, state_dir
from ocm_tui.core.errors import ConfigError
from tests.unit.config.support import as_plain_user


def test_the_option_wins_over_the_variable(tmp_path: Path) -> None:
    location = config_path(tmp_path / "a.yaml", {"OCM_TUI_CONFIG": "/b.yaml"})
    assert (location.path, location.named) == (tmp_path / "a.yaml", True)


def test_the_variable_wins_over_the_usual_place() -> None:
    location = config_path(None, {"OCM_TUI_CONFIG": "/etc/b.yaml"})
    assert (location.path, location.named) == (Path("/etc/b.yaml"), True)


def test_the_usual_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for kind in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind))
        monkeypatch.delenv(f"OCM_TUI_{kind}_DIR", raising=False)
    location = config_path(None, {"OCM_TUI_CONFIG": ""})
    assert not location.named
    assert location.path.name == "config.yaml"
    places = [location.path, state_dir(), cache_dir()]
    assert all(tmp_path in place.parents and "ocm-tui" in place.parts for place in places)
    assert len({place.parent for place in places}) == 3
    assert list(tmp_path.iterdir()) == []


def test_other_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    environ = {"OCM_TUI_STATE_DIR": "~/state", "OCM_TUI_CACHE_DIR": str(tmp_path / "cache")}
    assert state_dir(environ) == tmp_path / "state"
    assert cache_dir(environ) == tmp_path / "cache"
    assert list(tmp_path.iterdir()) == []


def test_relative_names_are_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert config_path(Path("c.yaml"), {}).path == tmp_path / "c.yaml"


def test_a_home_that_nobody_has() -> None:
    with pytest.raises(ConfigError, match="OCM_TUI_CONFIG names a home directory"):
        config_path(None, {"OCM_TUI_CONFIG": "~nobody-has-this-name/c.yaml"})


def test_private_directory(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state"
    assert ensure_private_directory(path) == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    path.chmod(0o750)
    assert stat.S_IMODE(ensure_private_directory(path).stat().st_mode) == 0o750


def test_private_directory_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="must be a directory"):
        ensure_private_directory(tmp_path / "file")
    with pytest.raises(ConfigError, match="cannot be created"):
        ensure_private_directory(tmp_path / "file" / "below")


def test_private_directory_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with as_plain_user(), pytest.raises(ConfigError, match="permission denied"):
        ensure_private_directory(tmp_path / "state")
    tmp_path.chmod(0o755)
