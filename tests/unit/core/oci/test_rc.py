from pathlib import Path

from ocm_tui.core.oci.parser import parse_profiles
from ocm_tui.core.oci.rc import cli_default_profile, cli_settings, effective, read_cli_rc
from ocm_tui.core.secret import Secret
from tests.unit.core.oci.samples import private

RC = """[OCI_CLI_SETTINGS]
default_profile=prod
[DEFAULT]
region=us-phoenix-1
[prod]
auth=security_token
region=eu-zurich-1
"""
CONFIG = b"[DEFAULT]\nregion=us-ashburn-1\npass_phrase=canary-of-a-phrase\n[prod]\nuser=me\n[other]\n"


def home_with_rc(home: Path, text: str = RC) -> Path:
    private(home / ".oci" / "oci_cli_rc", text)
    return home


def test_the_profile_that_the_tool_takes(tmp_path: Path) -> None:
    nothing = read_cli_rc({}, tmp_path)
    assert nothing.missing == "does not exist"
    assert cli_default_profile(nothing, {}).value == "DEFAULT"
    rc = read_cli_rc({}, home_with_rc(tmp_path))
    assert cli_default_profile(rc, {}).value == "prod"
    assert cli_default_profile(rc, {}).source == "oci_cli_rc, line 2"
    assert cli_default_profile(rc, {"OCI_CLI_PROFILE": "x"}).value == "x"


def test_another_rc_file_by_variable(tmp_path: Path) -> None:
    private(tmp_path / "other_rc", "[OCI_CLI_SETTINGS]\ndefault_profile=y\n")
    rc = read_cli_rc({"OCI_CLI_RC_FILE": "~/other_rc"}, home_with_rc(tmp_path))
    assert cli_default_profile(rc, {}).value == "y"
    rc = read_cli_rc({"OCI_CLI_RC_FILE": "~/none"}, tmp_path)
    assert cli_default_profile(rc, {}).value == "prod"


def test_a_variable_beats_the_file_and_the_file_speaks_for_its_profiles_only(tmp_path: Path) -> None:
    rc = read_cli_rc({}, home_with_rc(tmp_path))

    def told(profile: str, environment: dict[str, str]) -> list[tuple[str, object, str]]:
        return [(one.name, one.value, one.source) for one in cli_settings(profile, rc, environment)]

    assert told("prod", {}) == [
        ("region", "eu-zurich-1", "oci_cli_rc, line 7"),
        ("authentication", "security_token", "oci_cli_rc, line 6"),
    ]
    assert told("DEFAULT", {}) == [("region", "us-phoenix-1", "oci_cli_rc, line 4")]
    assert told("other", {}) == []
    assert told("prod", {"OCI_CLI_REGION": "iad"})[0] == ("region", "iad", "OCI_CLI_REGION")


def test_the_effective_configuration_says_where_each_value_is_from(tmp_path: Path) -> None:
    rc = read_cli_rc({}, home_with_rc(tmp_path))
    file = parse_profiles(Path("config"), CONFIG)
    prod = file.profile("prod")
    assert prod is not None
    environment = {"OCI_CLI_PASSPHRASE": "canary-of-a-variable", "OCI_CLI_USER": "me"}
    shown = effective(prod, rc, environment)
    assert [(one.name, one.source, one.cli.source if one.cli else "") for one in shown] == [
        ("region", "DEFAULT, line 2", "oci_cli_rc, line 7"),
        ("pass_phrase", "DEFAULT, line 3", "OCI_CLI_PASSPHRASE"),
        ("user", "line 5", ""),
        ("authentication", "not set", "oci_cli_rc, line 6"),
    ]
    assert isinstance(shown[1].value, Secret)
    assert shown[1].cli is not None
    assert isinstance(shown[1].cli.value, Secret)
    assert "canary" not in repr(shown)


def test_the_variable_of_the_sdk_fills_a_missing_region(tmp_path: Path) -> None:
    rc = read_cli_rc({}, tmp_path)
    (profile,) = parse_profiles(Path("config"), b"[A]\nuser=x\n").profiles
    found = effective(profile, rc, {"OCI_REGION": "iad"})
    assert [(one.name, one.value, one.source) for one in found] == [
        ("user", "x", "line 2"),
        ("region", "iad", "OCI_REGION"),
    ]


def test_a_hostile_rc_file(tmp_path: Path) -> None:
    rc = read_cli_rc({}, home_with_rc(tmp_path, "\ufeffnonsense\n[prod\nregion\n[prod]\nregion = \x1b[2J\n"))
    assert [one.value for one in cli_settings("prod", rc, {})] == ["\x1b[2J"]
