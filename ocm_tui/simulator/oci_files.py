"""The files of the simulated cloud's customers: a configuration with profiles of every kind, their keys and tokens.

Each profile really signs: what is wrong with one is wrong in its file, or the service refuses it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ocm_tui.simulator.accounts import derived
from ocm_tui.simulator.oci import OciServices
from ocm_tui.simulator.oci_identities import TENANCY, Identities, ocid, pem_of

__all__ = ["COMPARTMENT", "WORKING", "OciFiles", "write_oci_files"]

COMPARTMENT: Final = ocid("compartment", "models")
WORKING: Final = ("DEFAULT", "orders-jobs", "billing-batch", "reporting")
_REGION: Final = "eu-frankfurt-1"
_SESSION_MINUTES: Final = {"reporting": 55.0, "night-shift": 4.9, "last-week": -7 * 24 * 60.0}
_FAILING: Final = {
    "archive-reader": "no-policy",
    "bulk-export": "throttled",
    "status-page": "unavailable",
    "old-laptop": "clock",
}

_HEAD: Final = """\
# The OCI profiles of the demo. All of them really sign in at the simulated services;
# some cannot, and each of those for a reason of its own.

"""


@dataclass(frozen=True, slots=True)
class OciFiles:
    """`ca_file` is the root of the cluster's token server; `certificate` has its key as well."""

    config_file: Path
    ca_file: Path
    certificate: Path
    service_account_token: Path


def write_oci_files(directory: Path, seed: int) -> tuple[OciFiles, OciServices]:
    """Write everything below `directory`, which exists and is private; the services that know it. Blocking."""
    identities = Identities()
    account = derived(seed, "service account", 32)
    services = OciServices(identities, account)
    files = OciFiles(
        config_file=directory / "config",
        ca_file=_written(directory / "cluster" / "ca.crt", identities.certificate_pem()),
        certificate=_written(
            directory / "cluster" / "server.pem", identities.certificate_pem() + pem_of(identities.service_key)
        ),
        service_account_token=_written(directory / "cluster" / "token", account.encode()),
    )
    phrase = derived(seed, "pass phrase")
    key_file = _written(directory / "keys" / "jobs.pem", pem_of(identities.user_key))
    encrypted = _written(directory / "keys" / "billing.pem", pem_of(identities.user_key, phrase))
    _written(files.config_file, (_HEAD + _profiles(directory, services, key_file, encrypted, phrase)).encode())
    return files, services


def _profiles(directory: Path, services: OciServices, key_file: Path, encrypted: Path, phrase: str) -> str:
    identities = services.identities

    def api_key(user: str, **changes: str) -> dict[str, str]:
        """A profile that works, but for the changes; an empty one leaves the field out."""
        own = ocid("user", user)
        identities.enrol(TENANCY, own, identities.fingerprint)
        if user in _FAILING:
            services.behaviours[own] = _FAILING[user]
        fields = {
            "user": own,
            "fingerprint": identities.fingerprint,
            "tenancy": TENANCY,
            "region": _REGION,
            "key_file": str(key_file),
        }
        return {name: value for name, value in (fields | changes).items() if value}

    def session(name: str) -> dict[str, str]:
        token = identities.issue(ocid("user", name), identities.user_key.public_key(), 60 * _SESSION_MINUTES[name])
        path = _written(directory / "sessions" / name / "token", token.encode())
        return {"tenancy": TENANCY, "region": _REGION, "key_file": str(key_file), "security_token_file": str(path)}

    wrong = ":".join(reversed(identities.fingerprint.split(":")))
    unknown = api_key("stranger")
    unknown["user"] = ocid("user", "nobody")  # enrolled nowhere: the key was never uploaded
    swapped = api_key("partners")
    swapped["user"], swapped["tenancy"] = swapped["tenancy"], swapped["user"]
    genai = {"genai_compartment_id": COMPARTMENT, "genai_region": _REGION}
    profiles: Mapping[str, Mapping[str, str]] = {
        "DEFAULT": api_key("operator"),
        "orders-jobs": api_key("orders-jobs") | genai,
        "billing-batch": api_key("billing-batch", key_file=str(encrypted), pass_phrase=phrase),
        "reporting": session("reporting"),
        "night-shift": session("night-shift"),
        "last-week": session("last-week"),
        "build-agents": {"authentication": "instance_principal", "region": _REGION},
        "cluster-jobs": {"authentication": "oke_workload_identity", "region": _REGION},
        "warehouse": api_key("warehouse", fingerprint=wrong),
        "new-hire": unknown,
        "partners": swapped,
        "archive-reader": api_key("archive-reader"),
        "bulk-export": api_key("bulk-export"),
        "status-page": api_key("status-page"),
        "old-laptop": api_key("old-laptop"),
        "migration": api_key("migration", region="eu-frankfort-1"),
        "former-team": api_key("former-team", key_file=str(directory / "keys" / "gone.pem")),
    }
    return "\n".join(_section(name, fields) for name, fields in profiles.items())


def _section(name: str, fields: Mapping[str, str]) -> str:
    return f"[{name}]\n" + "".join(f"{key}={value}\n" for key, value in fields.items())


def _written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path
