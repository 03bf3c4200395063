"""Where generative AI is for a profile, and whether it can be used there.

Asked in two steps, because they prove different things: the inference host resolves and speaks TLS; and the management
plane lists the models of the compartment. Nothing is generated: that may cost money.
"""

import socket
import ssl
import urllib.parse
from dataclasses import dataclass
from typing import Any, Final

from ocm_tui.core.errors import NotFound, OcmError, TransportError
from ocm_tui.core.oci.endpoints import OciEndpoints
from ocm_tui.core.oci.probe import Prober
from ocm_tui.core.oci.regions import GENAI_REGIONS, Regions, known_regions
from ocm_tui.core.oci.schemas import OciProfileConfig
from ocm_tui.core.oci.sdk_failures import ProfileProblem, wire_failure
from ocm_tui.core.text import clean

__all__ = ["GenAiEndpoint", "GenAiReport", "Model", "check_genai", "genai_endpoint"]

_CONNECT_SECONDS: Final = 3.0
_MOST_MODELS: Final = 1000
_KINDS: Final = frozenset({"CHAT", "TEXT_EMBEDDINGS"})
_RETIREMENTS: Final = ("time_deprecated", "time_on_demand_retired", "time_dedicated_retired")


@dataclass(frozen=True, slots=True)
class GenAiEndpoint:
    """`region` is the full name; `source` the field that decided. `listed` is False when the service is not known to be
    in that region: the list is a hint, no validation.
    """

    url: str
    region: str
    source: str
    listed: bool


@dataclass(frozen=True, slots=True)
class Model:
    id: str
    name: str
    vendor: str
    capabilities: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GenAiReport:
    """Two answers: `reachable` with its `problem`, and `models` with their own; None is "not asked"."""

    endpoint: GenAiEndpoint | None = None
    reachable: bool | None = None
    problem: str = ""
    models: tuple[Model, ...] | None = None
    models_problem: str = ""
    hint: str = ""


def genai_endpoint(profile: OciProfileConfig, regions: Regions | None = None) -> GenAiEndpoint:
    """The inference endpoint as the seed has it: `genai_region` counts only with `genai_compartment_id`, and without
    both it is the profile's region. The domain is that of the region's realm. ProfileProblem when there is no region.
    """
    regions = regions or known_regions()
    own = profile.genai_region if profile.genai_compartment_id else None
    word, source = (own, "genai_region") if own else (profile.region, "region")
    if not word:
        raise ProfileProblem("no region for generative AI", field="genai_region", hint="set genai_region, or region")
    region = regions.find(word)
    name, domain = (region.name, region.domain) if region else (word.strip().lower(), "oraclecloud.com")
    url = f"https://inference.generativeai.{name}.oci.{domain}"
    return GenAiEndpoint(url, name, source, name in GENAI_REGIONS)


async def check_genai(profile: OciProfileConfig, prober: Prober) -> GenAiReport:
    """Never raises for what a profile, a network or a server may do."""
    try:
        endpoint = genai_endpoint(profile)
    except OcmError as error:
        return GenAiReport(problem=str(error), models_problem=str(error), hint=error.hint)
    reachable, problem, hint = await _reach(prober, prober.endpoints.inference or endpoint.url)
    compartment = profile.genai_compartment_id
    if not compartment:
        return GenAiReport(
            endpoint=endpoint,
            reachable=reachable,
            problem=problem,
            models_problem="genai_compartment_id is not set: no models can be listed",
            hint=hint or "set genai_compartment_id to the OCID of the compartment",
        )
    try:
        models = await prober.ask(
            lambda: _models(profile, endpoint.region, compartment, prober.endpoints),
            purpose=f"models for {clean(profile.auth_profile, 200)}",
        )
    except OcmError as error:
        denied = "a policy is missing for that compartment, or it is another one" if isinstance(error, NotFound) else ""
        return GenAiReport(
            endpoint=endpoint,
            reachable=reachable,
            problem=problem,
            models_problem=str(error),
            hint=hint or error.hint or denied,
        )
    return GenAiReport(endpoint=endpoint, reachable=reachable, problem=problem, models=models, hint=hint)


async def _reach(prober: Prober, url: str) -> tuple[bool, str, str]:
    """Whether the host resolves, accepts a connection and shows a certificate that is trusted."""
    try:
        await prober.ask(lambda: _shake_hands(url), purpose="", seconds=_CONNECT_SECONDS * 2)
    except OcmError as error:
        return False, str(error), error.hint
    return True, "", ""


def _shake_hands(url: str) -> None:
    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((host, port), timeout=_CONNECT_SECONDS) as connection:
            if parts.scheme == "https":
                ssl.create_default_context().wrap_socket(connection, server_hostname=host).close()
    except (OSError, UnicodeError) as error:
        failure = wire_failure(error, url, connect=_CONNECT_SECONDS, read=_CONNECT_SECONDS)
        raise TransportError(failure.message, layer=failure.layer, maybe_applied=False, hint=failure.hint) from None


def _models(profile: OciProfileConfig, region: str, compartment: str, endpoints: OciEndpoints) -> tuple[Model, ...]:
    from ocm_tui.core.oci.sdk import dismiss, get_signer, init_client

    signer = get_signer(profile, endpoints)
    client: Any = None
    try:
        client = init_client("generative_ai", profile, signer, endpoint=endpoints.generative_ai, region=region)
        found = client.list_models(compartment, lifecycle_state="ACTIVE", limit=_MOST_MODELS).data.items
    finally:
        dismiss(client, signer)
    models = [_model(one) for one in found if not any(getattr(one, name, None) for name in _RETIREMENTS)]
    return tuple(model for model in models if _KINDS & set(model.capabilities))


def _model(one: Any) -> Model:
    capabilities = tuple(clean(word, 100) for word in one.capabilities or ())
    return Model(clean(one.id, 300), clean(one.display_name or one.id, 200), clean(one.vendor or "", 100), capabilities)
