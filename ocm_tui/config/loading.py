"""Configuration from its file: found, read, checked as a whole, and settled one environment at a time."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ocm_tui.config.advice import advice
from ocm_tui.config.environment import EnvironmentConfig
from ocm_tui.config.locations import config_path
from ocm_tui.config.messages import problems_of
from ocm_tui.config.models import ConfigurationFile, EnvironmentSection
from ocm_tui.config.references import MalformedReference, Template, parse
from ocm_tui.config.settle import settle
from ocm_tui.config.sources import Sources
from ocm_tui.core.errors import ConfigError, NotConfigured, UsageError
from ocm_tui.core.positioned.positions import NodePath, Positioned, read_yaml
from ocm_tui.core.positioned.problems import InvalidConfiguration, Place, Problem, in_order, nearest

__all__ = ["Configuration", "load_configuration"]


@dataclass(frozen=True, slots=True)
class Configuration:
    """A file that was checked as a whole. `default` is the environment that is used when none is named."""

    path: Path
    file: ConfigurationFile = field(repr=False)
    document: Positioned = field(repr=False)
    default: str | None
    warnings: tuple[Problem, ...]
    environ: Mapping[str, str] = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.file.environments)

    def environment(self, name: str | None = None) -> EnvironmentConfig:
        """The environment, with every reference but the secret ones resolved.

        UsageError for a name that is not there, or none at all; ConfigError for references that have no value.
        """
        chosen = self._chosen(name)
        return settle(chosen, self.file.environments[chosen], self.document, self.environ)

    def section(self, name: str | None = None) -> EnvironmentSection:
        """The environment as the file has it: nothing is resolved, defaults are filled in."""
        return self.file.environments[self._chosen(name)]

    def _chosen(self, name: str | None) -> str:
        chosen = name or self.default
        if chosen is not None and chosen in self.file.environments:
            return chosen
        known = ", ".join(self.names)
        if chosen is None:
            raise UsageError(
                "no environment was named, and the configuration has no default",
                hint=f"use --env NAME ({known}), or set default_environment in {self.path}",
            )
        meant = nearest(chosen, self.names)
        hint = f"did you mean {meant}? There are: {known}" if meant else f"there are: {known}"
        raise UsageError(f"there is no environment {chosen} in {self.path}", hint=hint)


def load_configuration(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Configuration:
    """From `path`, else from where `OCM_TUI_CONFIG` or the user's configuration directory has it.

    NotConfigured when nobody named a file and the usual one is not there. InvalidConfiguration, a ConfigError with all
    problems, when anything in any environment is wrong. Nothing is resolved but the name of the default environment.
    """
    variables = os.environ if environ is None else environ
    location = config_path(path, variables)
    if not location.named and not os.path.lexists(location.path):
        raise NotConfigured(
            f"there is no configuration yet: {location.path} does not exist",
            hint="`ocm-tui config init` writes one to start from; `ocm-tui --demo` needs none",
        )
    document = read_yaml(location.path)
    if document.data is None:
        raise ConfigError("the file is empty", path=location.path, line=1, hint="`ocm-tui config init --force`")
    file = _checked(document, variables)
    default = _default(file, document)
    warnings = [warning for name, section in file.environments.items() for warning in advice(name, section, document)]
    return Configuration(location.path, file, document, default, in_order(warnings), variables)


def _checked(document: Positioned, environ: Mapping[str, str]) -> ConfigurationFile:
    problems: list[Problem] = []
    base = document.path.parent.absolute()
    data = _with_templates(document.data, (), document, Sources(base, environ), problems)
    try:
        file = ConfigurationFile.model_validate(data, context={"base": base})
    except ValidationError as error:
        problems += problems_of(error, document)
    if problems:
        raise InvalidConfiguration(problems)
    return file


def _with_templates(node: Any, path: NodePath, document: Positioned, sources: Sources, problems: list[Problem]) -> Any:
    """The data with a Template for each text that holds references."""

    def below(part: str | int, value: Any) -> Any:
        return _with_templates(value, (*path, part), document, sources, problems)

    match node:
        case dict():
            return {key: below(key, value) for key, value in node.items()}
        case list():
            return [below(index, value) for index, value in enumerate(node)]
        case str() if "${" in node:
            return _template(node, document.place(path), sources, problems)
        case _:
            return node


def _template(text: str, place: Place, sources: Sources, problems: list[Problem]) -> str | Template:
    try:
        parts = parse(text)
    except MalformedReference as error:
        problems.append(place.as_error(f"`{place.key}`: {error.message}", hint=error.hint))
        return Template((), place, sources)  # keeps the models from finding a second fault in the same value
    template = Template(parts, place, sources)
    return template if template.references else "".join(part for part in parts if isinstance(part, str))


def _default(file: ConfigurationFile, document: Positioned) -> str | None:
    name: str | Template | None = file.default_environment
    if isinstance(name, Template):
        name = name.resolve()
    names = tuple(file.environments)
    if name is None:
        return names[0] if len(names) == 1 else None
    if name not in names:
        meant = nearest(name, names)
        raise document.place(("default_environment",)).error(
            f"`default_environment` names an environment that is not there: {name}",
            hint=(f"did you mean {meant}? " if meant else "") + f"There are: {', '.join(names)}",
        )
    return name
