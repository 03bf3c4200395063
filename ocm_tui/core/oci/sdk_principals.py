"""Signers that take their identity from where the program runs: an OCI instance, or a pod of an OKE cluster.

Off-cloud the SDK waits 93 to 187 seconds before it says so. Here a TCP connection is tried first, for half a second,
and the SDK makes one attempt at each request.
"""

import os
import socket
import urllib.parse
from pathlib import Path
from typing import Any, Final

from ocm_tui.core.oci.endpoints import OciEndpoints
from ocm_tui.core.oci.schemas import OciProfileConfig
from ocm_tui.core.oci.sdk_failures import ProfileProblem
from ocm_tui.core.secret import Secret

__all__ = ["instance_principal", "oke_workload_identity"]

_METADATA: Final = "http://169.254.169.254/opc/v2"
_PREFLIGHT_SECONDS: Final = 0.5
_SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def instance_principal(profile: OciProfileConfig, endpoints: OciEndpoints) -> Any:
    """The SDK's signer; ProfileProblem when no instance metadata answers here."""
    del profile
    base = endpoints.metadata or os.environ.get("OCI_METADATA_BASE_URL", "").strip()
    parts = urllib.parse.urlsplit(base or _METADATA)
    if not _answers(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)):
        raise ProfileProblem(
            f"no instance metadata answers at {parts.netloc}: this machine is no OCI instance",
            field="authentication",
            hint="an instance principal works on OCI compute only; use api_key or security_token here",
        )
    from oci.auth.signers import InstancePrincipalsSecurityTokenSigner
    from oci.circuit_breaker import NoCircuitBreakerStrategy
    from oci.retry import NoneRetryStrategy

    class Signer(InstancePrincipalsSecurityTokenSigner):  # type: ignore[misc]
        """With the metadata of `base`, whatever the environment of the process says."""

        def _get_env_override_metadata_base_url(self) -> str | None:
            return base or None

    return Signer(
        retry_strategy=NoneRetryStrategy(),
        federation_client_retry_strategy=NoneRetryStrategy(),
        federation_client_circuit_breaker_strategy=NoCircuitBreakerStrategy(),
        federation_endpoint=endpoints.federation or None,
    )


def oke_workload_identity(profile: OciProfileConfig, endpoints: OciEndpoints) -> Any:
    """The SDK's signer; ProfileProblem when this is no pod, or its service account is not there."""
    host = endpoints.oke_host or os.environ.get("KUBERNETES_SERVICE_HOST", "").strip()
    if not host:
        raise ProfileProblem(
            "this is no pod of an OKE cluster: KUBERNETES_SERVICE_HOST is not set",
            field="authentication",
            hint="a workload identity works in a pod only; use api_key or security_token here",
        )
    cert = os.environ.get("OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH")
    ca_file = endpoints.oke_ca_file or Path(cert or _SERVICE_ACCOUNT / "ca.crt")
    token_file = endpoints.oke_token_file or _SERVICE_ACCOUNT / "token"
    for path, what in ((ca_file, "certificate"), (token_file, "token")):
        if not path.is_file():
            raise ProfileProblem(
                f"the service account's {what} is not there", hint="does the pod mount its service account token?"
            )
    if not _answers(host, endpoints.oke_port):
        raise ProfileProblem(
            f"nothing answers at {host}:{endpoints.oke_port}", hint="is the cluster an enhanced one, in OCI?"
        )
    from oci.auth.signers.oke_workload_identity_resource_principal_signer import (
        OkeWorkloadIdentityResourcePrincipalSigner,
    )
    from oci.retry import NoneRetryStrategy

    return OkeWorkloadIdentityResourcePrincipalSigner(
        sa_token_provider=_ServiceAccount(token_file),
        sa_cert_path=str(ca_file),
        service_host=host,
        service_port=endpoints.oke_port,
        region=os.environ.get("OCI_RESOURCE_PRINCIPAL_REGION") or profile.region,
        retry_strategy=NoneRetryStrategy(),
    )


class _ServiceAccount:
    """The SDK's token provider decodes the token to say that it is expired; the server says so as well."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get_sa_token(self) -> str:
        token = self._path.read_text(encoding="ascii").strip()
        Secret(token)  # known from here on
        return token


def _answers(host: str, port: int) -> bool:
    """Whether anybody accepts a connection; the name is resolved by the system, within its own time."""
    try:
        socket.create_connection((host, port), timeout=_PREFLIGHT_SECONDS).close()
    except (OSError, UnicodeError):
        return False
    return True
