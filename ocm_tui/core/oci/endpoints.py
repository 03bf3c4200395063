"""Where the SDK's requests go when not to the public hosts of a profile's region."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["OKE_PORT", "PUBLIC", "OciEndpoints"]

OKE_PORT: Final = 12250


@dataclass(frozen=True, slots=True, kw_only=True)
class OciEndpoints:
    """Origins without a slash at their end; "" and None leave the choice to the SDK.

    `metadata` is the base URL of the instance metadata, with its `/opc/v2`; `federation` the whole URL of the
    authentication service. `oke_host`, `oke_ca_file` and `oke_token_file` are what a pod finds in its environment.
    """

    object_storage: str = ""
    generative_ai: str = ""
    inference: str = ""
    metadata: str = ""
    federation: str = ""
    oke_host: str = ""
    oke_port: int = OKE_PORT
    oke_ca_file: Path | None = None
    oke_token_file: Path | None = None


PUBLIC: Final = OciEndpoints()
