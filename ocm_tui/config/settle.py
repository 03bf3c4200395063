"""From a section of the file to the `EnvironmentConfig` that the program uses."""

from collections.abc import Mapping
from typing import Any, assert_never

from pydantic import ValidationError

from ocm_tui.config.environment import (
    BasicLogin,
    BearerLogin,
    CertificateLogin,
    EnvironmentConfig,
    Login,
    OAuth2Login,
    OCIConfig,
    RegistryConfig,
    ServerConfig,
    TLSFiles,
)
from ocm_tui.config.messages import problems_of
from ocm_tui.config.models import (
    AuthSection,
    BasicAuthSection,
    BearerAuthSection,
    EnvironmentSection,
    MTLSAuthSection,
    OAuth2AuthSection,
    OCISection,
    RegistrySection,
    Section,
    ServerSection,
)
from ocm_tui.config.overrides import override
from ocm_tui.config.references import Template
from ocm_tui.core.errors import ConfigError
from ocm_tui.core.positioned.positions import Positioned
from ocm_tui.core.positioned.problems import InvalidConfiguration, Place, Problem

__all__ = ["resolved", "settle"]


def settle(
    name: str, section: EnvironmentSection, document: Positioned, environ: Mapping[str, str]
) -> EnvironmentConfig:
    """Everything but secrets is read now. ConfigError for references without a value, and for values that are wrong."""
    overridden, origins = override(resolved(name, section, document), environ)
    return EnvironmentConfig(
        name=name,
        protected=overridden.protected,
        read_only=overridden.read_only,
        server=_server(overridden.server) if overridden.server else None,
        registry=_registry(overridden.registry) if overridden.registry else None,
        oci=_oci(overridden.oci) if overridden.oci else None,
        inventory=overridden.inventory,
        config_path=document.path,
        overrides=origins,
        places=_places(document, name),
    )


def resolved(name: str, section: EnvironmentSection, document: Positioned) -> EnvironmentSection:
    """The section with the text of its references, checked like text that stands in the file."""
    problems: list[Problem] = []
    values = _texts(section, problems)
    if problems:
        raise InvalidConfiguration(problems)
    try:
        return EnvironmentSection.model_validate(values, context={"base": document.path.parent})
    except ValidationError as error:
        raise InvalidConfiguration(problems_of(error, document, ("environments", name))) from None


def _texts(value: Any, problems: list[Problem]) -> Any:
    """What was validated, as input for the models again; templates are replaced by their text."""
    match value:
        case Section():
            return {key: _texts(getattr(value, key), problems) for key in value.model_fields_set}
        case list():
            return [_texts(item, problems) for item in value]
        case Template():
            try:
                return value.resolve()
            except ConfigError as error:
                problems.append(Problem.of(error))
                return None
        case _:
            return value


def _server(section: ServerSection) -> ServerConfig:
    tls = section.tls
    return ServerConfig(
        base_url=section.base_url,
        kind=section.kind,
        login=_login(section.auth) if section.auth else None,
        tls=TLSFiles(tls.verify, tls.ca_file, tls.client_cert, tls.client_key, tls.client_key_password),
        deadline=section.timeout.total,
        timeouts=section.timeout.phases(),
        concurrency=section.concurrency,
        token_url=section.token_url,
        rights_probe=section.rights_probe,
    )


def _login(section: AuthSection) -> Login:
    match section:
        case BasicAuthSection():
            return BasicLogin(section.username, section.password)
        case OAuth2AuthSection():
            return OAuth2Login(section.token_url, section.client_id, section.client_secret, tuple(section.scopes))
        case BearerAuthSection():
            return BearerLogin(section.token)
        case MTLSAuthSection():
            return CertificateLogin()
        case _:
            assert_never(section)


def _registry(section: RegistrySection) -> RegistryConfig:
    return RegistryConfig(
        database=section.database,
        cache=section.cache,
        cache_ttl=section.cache_ttl,
        stream=section.stream,
        thresholds=section.thresholds.settled(),
    )


def _oci(section: OCISection) -> OCIConfig:
    return OCIConfig(section.config_file, section.endpoint, tuple(section.check))


def _places(document: Positioned, name: str) -> dict[tuple[str, ...], Place]:
    """Of every value of the environment; of the environment itself under ()."""
    places: dict[tuple[str, ...], Place] = {}

    def visit(path: tuple[str, ...]) -> None:
        places[path[2:]] = document.place(path)
        node = document.node(path)
        if node is not None and isinstance(node.value, dict):
            for key in node.value:
                visit((*path, key))

    visit(("environments", name))
    return places
