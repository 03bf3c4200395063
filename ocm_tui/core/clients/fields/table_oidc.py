"""The fields of OpenID Connect, and the three algorithms that every kind of signed answer has."""

from typing import Final

from ocm_tui.core.clients.fields.spec import FieldSpec, Group
from ocm_tui.core.clients.fields.values import CONTENT_ENCRYPTION, ID_TOKEN_SIGNING, JWE_ALGORITHMS, JWS_ALGORITHMS

__all__ = ["ALGORITHMS", "OIDC"]


def _three(
    prefix: str,
    label: str,
    group: Group,
    *,
    signing: tuple[str, ...] = JWS_ALGORITHMS,
    since: tuple[int, int] | None = None,
) -> tuple[FieldSpec, ...]:
    """Signing, encryption and content encryption; the server's names differ only in their beginning."""
    parts: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        ("Signing", "signing", signing),
        ("Encryption", "encryption", JWE_ALGORITHMS),
        ("ContentEncryption", "content encryption", CONTENT_ENCRYPTION),
    )
    return tuple(
        FieldSpec(
            path=f"{prefix}{name}Algorithm",
            label=f"{label} {words}",
            group=group,
            kind="enum",
            values=values,
            since=since,
            help="Absent: RS256." if name == "Signing" else "Absent: not encrypted.",
        )
        for name, words, values in parts
    )


OIDC: Final = (
    FieldSpec(
        path="oidcPolicy.policyGroup.id",
        label="Policy",
        group="OpenID Connect",
        kind="reference",
        choices="oidc_policies",
        help="Absent: the server's default policy.",
    ),
    *_three("oidcPolicy.idToken", "ID token", "OpenID Connect", signing=ID_TOKEN_SIGNING),
    *_three("oidcPolicy.userInfoResponse", "UserInfo", "OpenID Connect", signing=ID_TOKEN_SIGNING, since=(12, 2)),
    FieldSpec(
        path="oidcPolicy.pairwiseIdentifierUserType",
        label="Pairwise subjects",
        group="OpenID Connect",
        kind="bool",
        fill=False,
    ),
    FieldSpec(
        path="oidcPolicy.sectorIdentifierUri",
        label="Sector identifier URI",
        group="OpenID Connect",
        kind="text",
        help="Only with pairwise subjects.",
    ),
    FieldSpec(
        path="oidcPolicy.logoutMode",
        label="Logout mode",
        group="OpenID Connect",
        kind="enum",
        values=("NONE", "PING_FRONT_CHANNEL", "OIDC_FRONT_CHANNEL", "OIDC_BACK_CHANNEL"),
        since=(11, 3),
        fill="NONE",
    ),
    FieldSpec(path="oidcPolicy.logoutUris", label="Logout URIs", group="OpenID Connect", kind="set"),
    FieldSpec(
        path="oidcPolicy.backChannelLogoutUri",
        label="Back-channel logout URI",
        group="OpenID Connect",
        kind="text",
        since=(11, 3),
    ),
    FieldSpec(
        path="oidcPolicy.postLogoutRedirectUris",
        label="Post-logout redirect URIs",
        group="OpenID Connect",
        kind="set",
        since=(12, 0),
    ),
    FieldSpec(
        path="oidcPolicy.pingAccessLogoutCapable",
        label="PingAccess logout",
        group="OpenID Connect",
        kind="bool",
        fill=False,
    ),
    FieldSpec(
        path="oidcPolicy.grantAccessSessionRevocationApi",
        label="Session revocation API",
        group="OpenID Connect",
        kind="bool",
        fill=False,
    ),
    FieldSpec(
        path="oidcPolicy.grantAccessSessionSessionManagementApi",
        label="Session management API",
        group="OpenID Connect",
        kind="bool",
        fill=False,
    ),
)

ALGORITHMS: Final = (
    *_three("tokenIntrospection", "Introspection", "Tokens and scopes"),
    *_three("jwtSecuredAuthorizationResponseMode", "JARM", "Behaviour"),
)
