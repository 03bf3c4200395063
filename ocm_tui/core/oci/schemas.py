"""A profile as the SDK needs it. The five sensitive fields are Secrets, and absent from every dump."""

from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ocm_tui.core.secret import LONG, Secret

__all__ = [
    "AUTHENTICATIONS",
    "SENSITIVE",
    "Authentication",
    "OciProfileConfig",
    "OciProfileUpdate",
    "OciSensitive",
    "as_secret",
    "find_profile",
    "same_name",
]

Authentication = Literal["api_key", "instance_principal", "oke_workload_identity", "security_token"]
AUTHENTICATIONS: Final[tuple[str, ...]] = get_args(Authentication)

SENSITIVE: Final = ("fingerprint", "key_content", "key_file", "pass_phrase", "security_token_file")
_PATHS: Final = frozenset({"key_file", "security_token_file"})


def as_secret(name: str, value: str) -> Secret:
    """The value of a sensitive field. A short path such as `token` stands in too many innocent texts to look for."""
    return Secret(value, search=name not in _PATHS or len(value) >= LONG)


def _secret(value: Any) -> Any:
    return Secret(value) if isinstance(value, str) else value


def _path(value: Any) -> Any:
    return as_secret("key_file", value) if isinstance(value, str) else value


_SecretText = Annotated[Secret | None, BeforeValidator(_secret), Field(exclude=True, repr=False)]
_SecretPath = Annotated[Secret | None, BeforeValidator(_path), Field(exclude=True, repr=False)]


class OciSensitive(BaseModel):
    """What no output holds unless it was asked for. `model_dump` leaves these out: reveal them one by one."""

    model_config = ConfigDict(
        arbitrary_types_allowed=True, extra="forbid", hide_input_in_errors=True, validate_assignment=True
    )

    fingerprint: _SecretText = None
    key_content: _SecretText = None
    key_file: _SecretPath = None
    pass_phrase: _SecretText = None
    security_token_file: _SecretPath = None


class OciProfileConfig(OciSensitive):
    """One profile. `useable` is the last answer of a probe; False before there was one.

    `authentication` is any text that a file may hold; `auth` is what it means, None when it means nothing.
    """

    auth_profile: str
    user: str | None = None
    authentication: str | None = "api_key"
    tenancy: str | None = None
    region: str | None = None
    genai_compartment_id: str | None = None
    genai_region: str | None = None
    log_requests: bool | None = False
    additional_user_agent: str | None = ""
    useable: bool | None = False

    @property
    def auth(self) -> Authentication | None:
        match self.authentication or "api_key":
            case ("api_key" | "instance_principal" | "oke_workload_identity" | "security_token") as known:
                return known
            case _:
                return None


class OciProfileUpdate(OciSensitive):
    """Only the fields that were given (`model_fields_set`) change. A profile keeps its name."""

    user: str | None = None
    authentication: str | None = None
    tenancy: str | None = None
    region: str | None = None
    genai_compartment_id: str | None = None
    genai_region: str | None = None
    log_requests: bool | None = None
    additional_user_agent: str | None = None


def same_name(one: str, other: str) -> bool:
    """Names of profiles are compared without their case."""
    return one.casefold() == other.casefold()


_Named = TypeVar("_Named", bound=OciProfileConfig)


def find_profile(profiles: Iterable[_Named], name: str) -> _Named | None:
    """The exact name first: `[A]` and `[a]` are two legal sections. Then the last of those that differ in case only."""
    found = None
    for profile in profiles:
        if profile.auth_profile == name:
            return profile
        if same_name(profile.auth_profile, name):
            found = profile
    return found
