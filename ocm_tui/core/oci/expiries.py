"""When the session tokens of profiles end: what a countdown needs, read again as often as somebody looks."""

from collections.abc import Iterable, Mapping

from ocm_tui.core.oci.model import FileProfile
from ocm_tui.core.oci.rules.subject import Subject, Surroundings
from ocm_tui.core.oci.schemas import OciProfileConfig

__all__ = ["token_expiries"]


def token_expiries(
    profiles: Iterable[tuple[OciProfileConfig, FileProfile | None]], around: Surroundings
) -> Mapping[str, float]:
    """Seconds since the epoch by profile; those whose token does not say, or is not there, are left out. Blocking."""
    found = {}
    for config, source in profiles:
        token = Subject(config, source, around).token if config.auth == "security_token" else None
        if token is not None and token.expires_at is not None:
            found[config.auth_profile] = token.expires_at
    return found
