"""What the simulated company has configured beside its clients: scopes, token managers, policies, settings.

These documents are read-only: the API serves them, the rules look references up in them.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from ocm_tui.simulator.accounts import ADMIN_SCOPE, READ_SCOPE
from ocm_tui.simulator.settings import Release

__all__ = ["Company", "link"]

Document = dict[str, Any]

_JWT_PLUGIN: Final = "com.pingidentity.pf.access.token.management.plugins.JwtBearerAccessTokenManagementPlugin"
_REFERENCE_PLUGIN: Final = "org.sourceid.oauth20.token.plugin.impl.ReferenceBearerAccessTokenManagementPlugin"

_COMMON_SCOPES: Final = {
    "address": "Postal address",
    "billing:read": "See invoices and their state",
    "billing:write": "Issue and correct invoices",
    "catalogue:read": "Read the product catalogue",
    "customers:read": "See customers",
    "customers:write": "Create and change customers",
    "email": "E-mail address",
    "events:publish": "Publish to the event bus",
    "events:subscribe": "Read from the event bus",
    "notifications:send": "Send mail, SMS and push messages",
    "offline_access": "Keep access while the user is away",
    "orders:read": "See orders",
    "orders:write": "Place and change orders",
    "payments:initiate": "Start a payment",
    "phone": "Telephone number",
    "profile": "Name and picture",
    "reports:export": "Download reports",
    "reports:read": "See reports",
    "shipping:read": "Follow shipments",
    "shipping:write": "Create shipments and labels",
    "stock:read": "See stock levels",
    "stock:write": "Correct stock levels",
    "telemetry:write": "Send measurements",
}
_DYNAMIC_SCOPES: Final = {"warehouse:*": "Work in one warehouse"}
_EXCLUSIVE_SCOPES: Final = {
    "audit:read": "Read the audit trail",
    "customers:erase": "Erase a customer for good",
    "partner:feed": "Fetch the partner feed",
    "partner:orders": "Place orders on behalf of a partner",
    "payments:refund": "Give money back",
    ADMIN_SCOPE: "Administer the authorization server",
    READ_SCOPE: "Read the authorization server's configuration",
}
_COMMON_GROUPS: Final = {
    "contact": ("How to reach the user", ["address", "email", "phone"]),
    "ordering": ("Everything about orders", ["catalogue:read", "orders:read", "orders:write"]),
    "warehouse": ("Stock and shipments", ["shipping:read", "shipping:write", "stock:read", "stock:write"]),
}
_EXCLUSIVE_GROUPS: Final = {"partners": ("What partners may do", ["partner:feed", "partner:orders"])}

# id, name, plugin, lifetime in minutes, clients that alone may use it
_TOKEN_MANAGERS: Final = (
    ("jwt", "JSON web tokens", _JWT_PLUGIN, 60, ()),
    ("jwt-short", "JSON web tokens, five minutes", _JWT_PLUGIN, 5, ()),
    ("opaque", "Reference tokens", _REFERENCE_PLUGIN, 120, ()),
    ("partner", "Partner tokens", _JWT_PLUGIN, 30, ("partner-acme", "partner-globex")),
)


@dataclass(slots=True)
class Company:
    """All collections are lists of documents as the API returns them, but without `location` in links."""

    release: Release
    retention_minutes: int
    edited: str  # date of the last configuration change
    scopes: list[Document] = field(init=False)
    exclusive_scopes: list[Document] = field(init=False)
    scope_groups: list[Document] = field(init=False)
    exclusive_scope_groups: list[Document] = field(init=False)
    token_managers: list[Document] = field(init=False)
    policies: list[Document] = field(init=False)

    def __post_init__(self) -> None:
        self.scopes = [
            *({"name": name, "description": text, "dynamic": False} for name, text in _COMMON_SCOPES.items()),
            *({"name": name, "description": text, "dynamic": True} for name, text in _DYNAMIC_SCOPES.items()),
        ]
        self.exclusive_scopes = [
            {"name": name, "description": text, "dynamic": False} for name, text in _EXCLUSIVE_SCOPES.items()
        ]
        self.scope_groups = _groups(_COMMON_GROUPS)
        self.exclusive_scope_groups = _groups(_EXCLUSIVE_GROUPS)
        self.token_managers = [
            _token_manager(*row) | {"sequenceNumber": number, "lastModified": self.edited}
            for number, row in enumerate(_TOKEN_MANAGERS, 1)
        ]
        self.policies = [
            _policy("default", "Employees", "jwt", ["profile", "email"], self.edited),
            _policy("customers", "Customers", "jwt-short", ["profile", "email", "phone", "address"], self.edited),
            _policy("partners", "Partner staff", "opaque", ["profile"], self.edited),
        ]

    @property
    def common_names(self) -> frozenset[str]:
        """What `restrictedScopes` may name: common scopes and their groups; `openid` needs no configuration."""
        return frozenset(one["name"] for one in (*self.scopes, *self.scope_groups)) | {"openid"}

    @property
    def exclusive_names(self) -> frozenset[str]:
        return frozenset(one["name"] for one in (*self.exclusive_scopes, *self.exclusive_scope_groups))

    @property
    def extended_properties(self) -> list[Document]:
        return [
            {"name": "costCentre", "description": "Who pays for the client", "multiValued": False},
            {"name": "owner", "description": "Mailbox of the team that owns the client", "multiValued": False},
            {"name": "regions", "description": "Where the client runs", "multiValued": True},
        ]

    @property
    def authorization_detail_types(self) -> list[Document]:
        processor = link("payment-details")
        return [
            {
                "id": "payment-initiation",
                "type": "payment_initiation",
                "description": "One payment, approved by its payer",
                "authorizationDetailProcessorRef": processor,
                "active": True,
            },
            {
                "id": "account-information",
                "type": "account_information",
                "description": "A look at an account",
                "authorizationDetailProcessorRef": processor,
                "active": False,
            },
        ]

    @property
    def request_policies(self) -> list[Document]:
        return [{"id": "push", "name": "Push to the phone"}, {"id": "call-centre", "name": "Call centre"}]

    @property
    def token_exchange_policies(self) -> list[Document]:
        return [{"id": "delegation", "name": "Delegation between services"}]

    @property
    def descriptors(self) -> list[Document]:
        return [
            _descriptor(_JWT_PLUGIN, "JSON Web Tokens", "Token Lifetime"),
            _descriptor(_REFERENCE_PLUGIN, "Internally Managed Reference Tokens", "Token Lifetime"),
        ]

    @property
    def openid_settings(self) -> Document:
        return {
            "defaultPolicyRef": link("default"),
            "sessionSettings": {
                "trackUserSessionsForLogout": True,
                "revokeUserSessionOnLogout": True,
                "sessionRevocationLifetime": 490,
            },
        }

    def server_settings(self) -> Document:
        """What SERVER_DEFAULT of a client resolves to, with all scopes."""
        settings: Document = {
            "defaultScopeDescription": "Basic access",
            "scopes": self.scopes,
            "scopeGroups": self.scope_groups,
            "exclusiveScopes": self.exclusive_scopes,
            "exclusiveScopeGroups": self.exclusive_scope_groups,
            "authorizationCodeTimeout": 60,
            "authorizationCodeEntropy": 30,
            "disallowPlainPKCE": True,
            "includeIssuerInAuthorizationResponse": True,
            "persistentGrantLifetime": 30,
            "persistentGrantLifetimeUnit": "DAYS",
            "persistentGrantIdleTimeout": 7,
            "persistentGrantIdleTimeoutTimeUnit": "DAYS",
            "refreshTokenLength": 42,
            "rollRefreshTokenValues": True,
            "refreshTokenRollingGracePeriod": 60,
            "refreshRollingInterval": 1,
            "persistentGrantReuseGrantTypes": ["AUTHORIZATION_CODE"],
            "persistentGrantContract": {
                "coreAttributes": [{"name": "USER_KEY"}, {"name": "USER_NAME"}],
                "extendedAttributes": [],
            },
            "bypassAuthorizationForApprovedGrants": True,
            "allowUnidentifiedClientROCreds": False,
            "allowUnidentifiedClientExtensionGrants": False,
            "allowedOrigins": ["https://shop.example.com"],
            "registeredAuthorizationPath": "/device",
            "pendingAuthorizationTimeout": 600,
            "devicePollingInterval": 5,
            "activationCodeCheckMode": "AFTER_AUTHENTICATION",
            "bypassActivationCodeConfirmation": False,
            "userAuthorizationConsentPageSetting": "INTERNAL",
            "parReferenceTimeout": 60,
            "parReferenceLength": 24,
            "parStatus": "ENABLED",
            "clientSecretRetentionPeriod": self.retention_minutes,
            "jwtSecuredAuthorizationResponseModeLifetime": 600,
            "dpopProofRequireNonce": False,
            "dpopProofLifetimeSeconds": 120,
            "dpopProofEnforceReplayPrevention": False,
        }
        if self.release >= (12, 1):
            settings |= {
                "refreshRollingIntervalTimeUnit": "HOURS",
                "requireOfflineAccessScopeToIssueRefreshTokens": False,
                "offlineAccessRequireConsentPrompt": False,
            }
        return settings


def link(identifier: str) -> Document:
    return {"id": identifier}


def _groups(groups: dict[str, tuple[str, list[str]]]) -> list[Document]:
    return [{"name": name, "description": text, "scopes": scopes} for name, (text, scopes) in groups.items()]


def _token_manager(identifier: str, name: str, plugin: str, minutes: int, allowed: tuple[str, ...]) -> Document:
    return {
        "id": identifier,
        "name": name,
        "pluginDescriptorRef": link(plugin),
        "configuration": {"tables": [], "fields": [{"name": "Token Lifetime", "value": str(minutes)}]},
        "attributeContract": {
            "coreAttributes": [],
            "extendedAttributes": [{"name": "sub", "multiValued": False}, {"name": "groups", "multiValued": True}],
            "defaultSubjectAttribute": "sub",
        },
        "selectionSettings": {"resourceUris": []},
        "accessControlSettings": {"restrictClients": bool(allowed), "allowedClients": [link(one) for one in allowed]},
        "sessionValidationSettings": {
            "includeSessionId": False,
            "checkValidAuthnSession": False,
            "checkSessionRevocationStatus": False,
            "updateAuthnSessionActivity": False,
        },
    }


def _policy(identifier: str, name: str, manager: str, scopes: list[str], edited: str) -> Document:
    return {
        "id": identifier,
        "name": name,
        "accessTokenManagerRef": link(manager),
        "idTokenLifetime": 5,
        "includeSriInIdToken": True,
        "includeUserInfoInIdToken": False,
        "includeSHashInIdToken": False,
        "returnIdTokenOnRefreshGrant": False,
        "reissueIdTokenInHybridFlow": False,
        "attributeContract": {
            "coreAttributes": [{"name": "sub", "multiValued": False}],
            "extendedAttributes": [
                {"name": one, "includeInIdToken": False, "includeInUserInfo": True, "multiValued": False}
                for one in scopes
            ],
        },
        "attributeMapping": {
            "attributeSources": [],
            "attributeContractFulfillment": {
                one: {"source": {"type": "TOKEN"}, "value": one} for one in ("sub", *scopes)
            },
            "issuanceCriteria": {"conditionalCriteria": []},
        },
        "scopeAttributeMappings": {one: {"values": [one]} for one in scopes},
        "lastModified": edited,
    }


def _descriptor(plugin: str, name: str, setting: str) -> Document:
    return {
        "id": plugin,
        "name": name,
        "className": plugin,
        "attributeContract": [],
        "supportsExtendedContract": True,
        "configDescriptor": {
            "description": f"{name}.",
            "fields": [{"type": "TEXT", "name": setting, "label": setting, "required": True, "defaultValue": "120"}],
            "tables": [],
            "actionDescriptors": [],
        },
    }
