"""Everything that can be said about a configuration without a keyring, the network or a server."""

from collections.abc import Iterator
from pathlib import Path

from ocm_tui.config.advice import advice, values
from ocm_tui.config.loading import Configuration
from ocm_tui.config.references import SecretRef, Template
from ocm_tui.config.settle import resolved
from ocm_tui.config.sources import Reference, Unresolvable
from ocm_tui.core.errors import ConfigError
from ocm_tui.core.positioned.files import is_file
from ocm_tui.core.positioned.positions import NodePath, dotted
from ocm_tui.core.positioned.problems import InvalidConfiguration, Problem, in_order

__all__ = ["review", "unresolvable"]


def review(configuration: Configuration, only: str | None = None) -> list[Problem]:
    """Errors and warnings of all environments, or one, in the order of the file.

    References are tried; what they refer to is checked like text in the file. A reference without a value is a
    warning: another machine may have it.
    """
    names = configuration.names if only is None else (only,)
    problems = [
        warning
        for warning in configuration.warnings
        if only is None or f"{warning.key}.".startswith(f"environments.{only}.")
    ]
    for name in names:
        problems += unresolvable(configuration, name)
        if _can_be_settled(configuration, name):
            problems += _of_settled(configuration, name)
    return list(in_order(problems))


def unresolvable(configuration: Configuration, name: str) -> Iterator[Problem]:
    """Warnings about references and files that are not there at this moment."""
    path: NodePath = ("environments", name)
    for below, value in values(configuration.section(name), path):
        place = configuration.document.place(below)
        if isinstance(value, SecretRef | Template):
            for reference in value.references:
                reason = value.sources.check(reference)
                if reason is not None:
                    yield place.as_warning(f"`{dotted(below)}`: {reason.message}", hint=reason.hint)
        elif isinstance(value, Path) and not is_file(value):
            yield place.as_warning(f"`{dotted(below)}`: there is no file {value}")


def _can_be_settled(configuration: Configuration, name: str) -> bool:
    """Whether no text of the environment comes from a keyring or the network, or from where there is nothing."""
    return all(
        reference.kind in ("env", "file") and not _is_missing(value, reference)
        for _, value in values(configuration.section(name))
        if isinstance(value, Template)
        for reference in value.references
    )


def _is_missing(template: Template, reference: Reference) -> bool:
    try:
        template.sources.read(reference)
    except Unresolvable:
        return True
    return False


def _of_settled(configuration: Configuration, name: str) -> list[Problem]:
    try:
        configuration.environment(name)
        section = resolved(name, configuration.section(name), configuration.document)
    except InvalidConfiguration as error:
        return list(error.problems)
    except ConfigError as error:
        return [Problem.of(error)]
    return list(advice(name, section, configuration.document))
