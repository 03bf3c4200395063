"""Everything that can be known about profiles without a network, said before one is touched."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ocm_tui.core.oci.model import ConfigFile, FileProfile, Finding
from ocm_tui.core.oci.rules.identity import identity_rules
from ocm_tui.core.oci.rules.keys import key_rules
from ocm_tui.core.oci.rules.subject import Subject, Surroundings
from ocm_tui.core.oci.rules.tokens import token_rules
from ocm_tui.core.oci.rules.values import value_rules
from ocm_tui.core.oci.schemas import OciProfileConfig

__all__ = ["Surroundings", "lint_all", "lint_environment", "lint_file", "lint_profile"]

_RULES: Final = (value_rules, identity_rules, key_rules, token_rules)
_ORDER: Final = {"error": 0, "warning": 1, "info": 2}
_OCI_CLI: Final = {
    "OCI_CLI_CONFIG_FILE": "the command line tool, like this program, reads the file that it names",
    "OCI_CLI_PROFILE": "the command line tool uses the profile that it names",
    "OCI_CLI_AUTH": "the command line tool signs in as it says, whatever the profile says",
    "OCI_CLI_RC_FILE": "the command line tool takes its defaults from the file that it names",
}
_PROXIES: Final = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")


def lint_file(file: ConfigFile, around: Surroundings) -> tuple[Finding, ...]:
    """Of the file and of the environment; `lint_profile` has those of a profile."""
    return (*file.problems, *lint_environment(around))


def lint_all(file: ConfigFile, around: Surroundings) -> dict[str, tuple[Finding, ...]]:
    """Every profile of the file, by its name. Blocking: keys and tokens are read."""
    around = replace(around, alone=len(file.profiles) <= 1)
    return {profile.name: lint_profile(profile.config, around, source=profile) for profile in file.profiles}


def lint_profile(
    config: OciProfileConfig, around: Surroundings, *, source: FileProfile | None = None
) -> tuple[Finding, ...]:
    """The worst first, then by line. Blocking: the key and the token are read.

    `source` is the profile as the file has it: it gives the lines of what was not edited since.
    """
    subject = Subject(config, source, around)
    found = [finding for rules in _RULES for finding in rules(subject)]
    return tuple(sorted(found, key=lambda finding: (_ORDER[finding.severity], finding.line or 0)))


def lint_environment(around: Surroundings) -> Iterator[Finding]:
    """One finding for each variable that makes the command line tool, or the SDK, do something else."""
    for name in sorted(around.environment):
        if not around.environment[name]:
            continue
        if name.startswith("OCI_CLI_"):
            field = name.removeprefix("OCI_CLI_").lower()
            message = _OCI_CLI.get(name, f"the command line tool takes `{field}` from it, whatever the profile says")
        elif name == "OCI_REGION":
            message = "the SDK and the command line tool take it for a profile without a region"
        elif name.upper() in _PROXIES:
            message = "requests go by way of a proxy, or around it, as it says"
        else:
            continue
        yield Finding("env-override", "info", f"{name} is set: {message}", hint=f"unset {name} to be rid of it")
