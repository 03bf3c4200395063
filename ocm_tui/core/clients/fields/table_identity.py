"""Who a client is, and how it proves that.

Source of all tables: the administrative API documents 12.1 and 13.1. `fill` comes from what a server stores for a
minimal client.
"""

from typing import Final

from ocm_tui.core.clients.fields.spec import FieldSpec
from ocm_tui.core.clients.fields.values import JWS_ALGORITHMS, OVERRIDE, SERVER_DEFAULT

__all__ = ["AUTHENTICATION", "IDENTITY"]

IDENTITY: Final = (
    FieldSpec(
        path="clientId",
        label="Client ID",
        group="Identity",
        kind="text",
        fixed=True,
        required=True,
        help="Unique, and never changes: a rename is a new client.",
    ),
    FieldSpec(path="name", label="Name", group="Identity", kind="text", required=True, help="Shown on consent pages."),
    FieldSpec(path="description", label="Description", group="Identity", kind="long_text"),
    FieldSpec(
        path="enabled",
        label="Enabled",
        group="Identity",
        kind="bool",
        fill=True,
        help="A disabled client gets no tokens.",
    ),
    FieldSpec(path="logoUrl", label="Logo URL", group="Identity", kind="text", help="Leave empty for none."),
    FieldSpec(
        path="tags",
        label="Tags",
        group="Identity",
        kind="list",
        since=(13, 1),
        help="Links to tags, as JSON objects with an id.",
    ),
    FieldSpec(
        path="extendedParameters",
        label="Extended parameters",
        group="Identity",
        kind="mapping",
        help="Name to {values: […]}. The server defines the names; it drops a name without values.",
    ),
    FieldSpec(path="creationDate", label="Created", group="Identity", kind="text", read_only=True),
    FieldSpec(path="modificationDate", label="Modified", group="Identity", kind="text", read_only=True),
    FieldSpec(
        path="replicationStatus",
        label="Replication",
        group="Identity",
        kind="enum",
        values=("REPLICATED", "NOT_REPLICATED"),
        since=(12, 0),
        read_only=True,
    ),
)

AUTHENTICATION: Final = (
    FieldSpec(
        path="clientAuth.type",
        label="Method",
        group="Authentication",
        kind="enum",
        values=("NONE", "SECRET", "CERTIFICATE", "PRIVATE_KEY_JWT", "CLIENT_SECRET_JWT"),
        fill="NONE",
        help="How the client proves who it is at the token endpoint.",
    ),
    FieldSpec(
        path="clientAuth.secret",
        label="New secret",
        group="Authentication",
        kind="text",
        secret=True,
        help="Written, never read back. Needed by SECRET and CLIENT_SECRET_JWT.",
    ),
    FieldSpec(
        path="clientAuth.encryptedSecret",
        label="Stored secret",
        group="Authentication",
        kind="text",
        read_only=True,
        secret=True,
        help="The server's encrypted copy; sent back unchanged, it keeps the secret.",
    ),
    FieldSpec(
        path="clientAuth.secondarySecrets",
        label="Former secrets",
        group="Authentication",
        kind="list",
        read_only=True,
        secret=True,
        help="Former secrets that still work until they expire.",
    ),
    FieldSpec(
        path="clientSecretChangedTime", label="Secret changed", group="Authentication", kind="text", read_only=True
    ),
    FieldSpec(
        path="clientSecretRetentionPeriodType",
        label="Secret retention",
        group="Authentication",
        kind="enum",
        values=OVERRIDE,
        fill=SERVER_DEFAULT,
        help="How long a replaced secret keeps working.",
    ),
    FieldSpec(
        path="clientSecretRetentionPeriod",
        label="Retention (minutes)",
        group="Authentication",
        kind="integer",
        minimum=0,
        governed_by="clientSecretRetentionPeriodType",
        help="0: a replaced secret dies at once.",
    ),
    FieldSpec(
        path="clientAuth.clientCertIssuerDn",
        label="Certificate issuer DN",
        group="Authentication",
        kind="text",
        help="Needed by CERTIFICATE.",
    ),
    FieldSpec(
        path="clientAuth.clientCertSubjectDn",
        label="Certificate subject DN",
        group="Authentication",
        kind="text",
        help="Needed by CERTIFICATE.",
    ),
    FieldSpec(
        path="clientAuth.enforceReplayPrevention",
        label="Refuse replayed JWTs",
        group="Authentication",
        kind="bool",
        fill=False,
        help="Only for the two JWT methods.",
    ),
    FieldSpec(
        path="clientAuth.tokenEndpointAuthSigningAlgorithm",
        label="JWT signing algorithm",
        group="Authentication",
        kind="enum",
        values=JWS_ALGORITHMS,
        help="Absent: any that the method allows.",
    ),
    FieldSpec(
        path="jwksSettings.jwksUrl",
        label="JWKS URL",
        group="Authentication",
        kind="text",
        help="This or JWKS is needed by PRIVATE_KEY_JWT and by signed requests.",
    ),
    FieldSpec(
        path="jwksSettings.jwks", label="JWKS", group="Authentication", kind="long_text", help="Public keys only."
    ),
    FieldSpec(
        path="clientAuthentication",
        label="Several methods",
        group="Authentication",
        kind="mapping",
        since=(13, 1),
        help="Several authentication methods at once; newer servers have it beside clientAuth.",
    ),
)
