"""Clients and signers of the OCI SDK: the seed's `init_client` and `get_signer`, without what makes them hang.

Everything here blocks: call it in a thread that is `on_wire`. The SDK is imported at the first call; that takes a
fifth of a second and 50 MB.
"""

import configparser
import logging
import os
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from ocm_tui import __version__
from ocm_tui.core.oci.endpoints import PUBLIC, OciEndpoints
from ocm_tui.core.oci.schemas import OciProfileConfig
from ocm_tui.core.oci.sdk_failures import ProfileProblem
from ocm_tui.core.oci.signing_keys import security_token, signing_key

__all__ = ["TIMEOUT", "ServiceName", "dismiss", "get_signer", "init_client", "is_loaded", "validate_file"]

ServiceName = Literal["object_storage", "generative_ai", "generative_ai_inference"]

TIMEOUT: Final = (1.0, 10.0)  # seconds to connect, and for one read
_USER_AGENT: Final = f"ocm-tui/{__version__}"
_IN_MEMORY: Final = "(in memory)"
_REFUSALS: Final = {
    "InvalidKeyFilePath": "key_file is not a file",
    "ProfileNotFound": "the SDK finds no such profile",
    "ConfigFileNotFound": "the SDK does not find the file",
    "ValueError": "the SDK takes no key_content from a file",
}


def is_loaded() -> bool:
    return "oci" in sys.modules


def get_signer(profile: OciProfileConfig, endpoints: OciEndpoints = PUBLIC) -> Any:
    """What signs this profile's requests. ProfileProblem says what keeps it from signing.

    The principals ask for their token at once; a federated signer renews it by itself.
    """
    match profile.auth:
        case "api_key":
            return _api_key_signer(profile)
        case "security_token":
            from oci.auth.signers import SecurityTokenSigner

            return SecurityTokenSigner(security_token(profile).reveal(), signing_key(profile))
        case "instance_principal":
            from ocm_tui.core.oci.sdk_principals import instance_principal

            return instance_principal(profile, endpoints)
        case "oke_workload_identity":
            from ocm_tui.core.oci.sdk_principals import oke_workload_identity

            return oke_workload_identity(profile, endpoints)
        case _:
            raise ProfileProblem(
                f"authentication {profile.authentication} is not known",
                field="authentication",
                hint="api_key, instance_principal, oke_workload_identity or security_token",
            )


def init_client(
    service: ServiceName,
    profile: OciProfileConfig,
    signer: Any,
    *,
    endpoint: str = "",
    region: str = "",
    timeout: tuple[float, float] = TIMEOUT,
) -> Any:
    """A client that asks once: no retries, no breaker that other profiles share, no log on stdout.

    `endpoint` is an origin and replaces the region's; `region` replaces the profile's.
    """
    from oci.circuit_breaker import NoCircuitBreakerStrategy
    from oci.retry import NoneRetryStrategy

    config = {"additional_user_agent": f"{_USER_AGENT} {profile.additional_user_agent or ''}".strip()}
    where = region or profile.region or os.environ.get("OCI_REGION", "")  # the last as the SDK does
    if where:
        config["region"] = where
    elif profile.auth == "api_key" or not (endpoint or getattr(signer, "region", None)):
        raise ProfileProblem("region is missing", field="region", hint="such as region=eu-frankfurt-1")
    if profile.auth == "api_key":
        config |= _identity(profile)
    settings: dict[str, Any] = {
        "signer": signer,
        "timeout": timeout,
        "retry_strategy": NoneRetryStrategy(),
        "circuit_breaker_strategy": NoCircuitBreakerStrategy(),
    }
    if endpoint:
        settings["service_endpoint"] = endpoint
    return _client_class(service)(config, **settings)


def dismiss(client: Any, signer: Any) -> None:
    """Close what they hold open, and forget the logger that each client leaves in the process for good."""
    sessions = [getattr(holder, name, None) for holder, name in _sessions(client, signer)]
    for session in sessions:
        if session is not None:
            session.close()
    logger = getattr(getattr(client, "base_client", None), "logger", None)
    if logger is not None:
        logging.Logger.manager.loggerDict.pop(logger.name, None)


def _sessions(client: Any, signer: Any) -> list[tuple[Any, str]]:
    return [
        (getattr(client, "base_client", None), "session"),
        (signer, "requests_session"),
        (getattr(signer, "federation_client", None), "requests_session"),
        (getattr(signer, "leaf_certificate_retriever", None), "requests_session"),
        (getattr(signer, "intermediate_certificate_retriever", None), "requests_session"),
    ]


def _client_class(service: ServiceName) -> Any:
    match service:
        case "object_storage":
            from oci.object_storage import ObjectStorageClient

            return ObjectStorageClient
        case "generative_ai":
            from oci.generative_ai import GenerativeAiClient

            return GenerativeAiClient
        case "generative_ai_inference":
            from oci.generative_ai_inference import GenerativeAiInferenceClient

            return GenerativeAiInferenceClient


def _api_key_signer(profile: OciProfileConfig) -> Any:
    from oci.config import validate_config
    from oci.signer import AbstractBaseSigner

    validate_config({"region": "(checked later)", **_identity(profile)})
    identity = _identity(profile)

    class Signer(AbstractBaseSigner):  # type: ignore[misc]
        """The SDK's own, with a key that was loaded without its validation."""

        def __init__(self) -> None:
            self.api_key = f"{identity['tenancy']}/{identity['user']}/{identity['fingerprint']}"
            self.private_key = signing_key(profile)
            body = ["content-length", "content-type", "x-content-sha256"]
            self.create_signers(self.api_key, self.private_key, ["date", "(request-target)", "host"], body)

    return Signer()


def _identity(profile: OciProfileConfig) -> dict[str, str]:
    """What the SDK wants to see of an API key, but for the key."""
    fields = {
        "user": profile.user,
        "tenancy": profile.tenancy,
        "fingerprint": profile.fingerprint.reveal() if profile.fingerprint else None,
        "key_file": _IN_MEMORY if profile.key_file or profile.key_content else None,
    }
    return {name: value for name, value in fields.items() if value}


def validate_file(path: Path, profiles: Collection[str]) -> Mapping[str, str]:
    """What the SDK refuses in a configuration file: profile to reason, without a value; empty when it takes all.

    "" stands for the whole file. It reads as the jobs do and sends nothing: what makes a file unreadable counts, not
    what a probe would say.
    """
    from oci.config import from_file

    refused: dict[str, str] = {}
    for profile in profiles:
        try:
            from_file(str(path), profile)
        except (configparser.Error, UnicodeDecodeError) as error:
            return {"": f"the SDK cannot read the file ({type(error).__name__})"}
        except Exception as error:  # noqa: BLE001  # whatever a job would meet
            refused[profile] = _REFUSALS.get(type(error).__name__, f"the SDK refuses it ({type(error).__name__})")
    return refused
