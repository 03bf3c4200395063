"""What a client may ask for, which tokens it gets, and how the server treats it."""

from typing import Final

from ocm_tui.core.clients.fields.spec import FieldSpec
from ocm_tui.core.clients.fields.values import GRANT_TYPES, JWS_ASYMMETRIC, OVERRIDE, SERVER_DEFAULT

__all__ = ["BEHAVIOUR", "GRANTS", "TOKENS"]

GRANTS: Final = (
    FieldSpec(
        path="grantTypes",
        label="Grant types",
        group="Grants and redirects",
        kind="set",
        values=GRANT_TYPES,
        required=True,
        help="At least one. ACCESS_TOKEN_VALIDATION makes a resource server.",
    ),
    FieldSpec(
        path="redirectUris",
        label="Redirect URIs",
        group="Grants and redirects",
        kind="set",
        help="For AUTHORIZATION_CODE and IMPLICIT; wildcards are allowed.",
    ),
    FieldSpec(
        path="restrictedResponseTypes",
        label="Response types",
        group="Grants and redirects",
        kind="set",
        help="Such as code, id_token, code token. Empty: all.",
    ),
    FieldSpec(
        path="requireProofKeyForCodeExchange",
        label="Require PKCE",
        group="Grants and redirects",
        kind="bool",
        fill=False,
    ),
    FieldSpec(
        path="requirePushedAuthorizationRequests",
        label="Require PAR",
        group="Grants and redirects",
        kind="bool",
        fill=False,
    ),
    FieldSpec(
        path="requireSignedRequests",
        label="Require signed requests",
        group="Grants and redirects",
        kind="bool",
        fill=False,
        help="Needs keys: jwksSettings.",
    ),
    FieldSpec(
        path="requestObjectSigningAlgorithm",
        label="Request object algorithm",
        group="Grants and redirects",
        kind="enum",
        values=JWS_ASYMMETRIC,
        help="Absent: any.",
    ),
    FieldSpec(
        path="tokenExchangeProcessorPolicyRef.id",
        label="Token exchange policy",
        group="Grants and redirects",
        kind="reference",
        help="Only with TOKEN_EXCHANGE.",
    ),
)

TOKENS: Final = (
    FieldSpec(
        path="defaultAccessTokenManagerRef.id",
        label="Access token manager",
        group="Tokens and scopes",
        kind="reference",
        choices="token_managers",
        help="Absent: the server's default.",
    ),
    FieldSpec(
        path="restrictToDefaultAccessTokenManager",
        label="Only this manager",
        group="Tokens and scopes",
        kind="bool",
        fill=False,
    ),
    FieldSpec(
        path="validateUsingAllEligibleAtms",
        label="Validate with all managers",
        group="Tokens and scopes",
        kind="bool",
        fill=False,
        help="Ignored when only one manager is allowed.",
    ),
    FieldSpec(
        path="restrictScopes",
        label="Restrict scopes",
        group="Tokens and scopes",
        kind="bool",
        fill=False,
        help="Off: every common scope is allowed.",
    ),
    FieldSpec(
        path="restrictedScopes",
        label="Allowed scopes",
        group="Tokens and scopes",
        kind="set",
        choices="scopes",
        help="Needs restrictScopes.",
    ),
    FieldSpec(
        path="exclusiveScopes",
        label="Exclusive scopes",
        group="Tokens and scopes",
        kind="set",
        choices="exclusive_scopes",
        help="Independent of restrictScopes.",
    ),
    FieldSpec(path="authorizationDetailTypes", label="Authorization details", group="Tokens and scopes", kind="set"),
    FieldSpec(
        path="allowExclusiveScopes",
        label="Allow exclusive scopes",
        group="Tokens and scopes",
        kind="set",
        since=(13, 1),
        help="Written, never read back; use exclusiveScopes.",
    ),
    FieldSpec(
        path="requireDpop", label="Require DPoP", group="Tokens and scopes", kind="bool", since=(11, 3), fill=False
    ),
    FieldSpec(path="dpopProofSettings", label="DPoP proofs", group="Tokens and scopes", kind="mapping", since=(13, 1)),
)

BEHAVIOUR: Final = (
    FieldSpec(path="bypassApprovalPage", label="Bypass approval page", group="Behaviour", kind="bool", fill=False),
    FieldSpec(
        path="allowAuthenticationApiInit",
        label="Authentication API",
        group="Behaviour",
        kind="bool",
        fill=False,
        help="Forces restrictScopes and bypassApprovalPage.",
    ),
    FieldSpec(
        path="enableCookielessAuthenticationApi",
        label="Cookieless API",
        group="Behaviour",
        kind="bool",
        since=(12, 1),
        fill=False,
    ),
    FieldSpec(
        path="requireJwtSecuredAuthorizationResponseMode",
        label="Require JARM",
        group="Behaviour",
        kind="bool",
        fill=False,
    ),
    FieldSpec(
        path="lockoutMaxMaliciousActionsType",
        label="Lockout",
        group="Behaviour",
        kind="enum",
        values=("DO_NOT_LOCKOUT", *OVERRIDE),
        since=(12, 2),
        fill=SERVER_DEFAULT,
    ),
    FieldSpec(
        path="lockoutMaxMaliciousActions",
        label="Lockout after",
        group="Behaviour",
        kind="integer",
        since=(12, 2),
        minimum=0,
        governed_by="lockoutMaxMaliciousActionsType",
    ),
)
