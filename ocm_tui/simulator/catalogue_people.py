"""The catalogue's programs that act for people: web applications, apps, devices, and the leftovers of former years."""

from typing import Final

from ocm_tui.simulator.catalogue_words import Entry, entry, extended, machine, person

__all__ = ["PEOPLE"]

PEOPLE: Final[tuple[Entry, ...]] = (
    entry(
        "reports-ui",
        (298, 29, 100),
        person("reports:read", "reports:export", redirect="https://reports.example.com/oauth/callback"),
        description="Figures for the business",
        extendedParameters=extended("reports@example.com", "4730"),
    ),
    entry(
        "orders-ui",
        (412, 12, 60),
        person("orders:read", "orders:write", redirect="https://orders.example.com/callback")
        | {"redirectUris": ["https://orders.example.com/callback", "https://orders-test.example.com/callback"]},
        description="Back office for orders",
        extendedParameters=extended("orders@example.com", "4711"),
    ),
    entry(
        "customer-portal",
        (640, 8, 45),
        person("email", "phone", redirect="https://my.example.com/signed-in", policy="customers"),
        description="Customers see their orders",
        logoUrl="https://my.example.com/logo.png",
        oidcPolicy={
            "policyGroup": {"id": "customers"},
            "logoutMode": "OIDC_BACK_CHANNEL",
            "backChannelLogoutUri": "https://my.example.com/logout/back-channel",
            "postLogoutRedirectUris": ["https://my.example.com/"],
            "pairwiseIdentifierUserType": True,
            "sectorIdentifierUri": "https://my.example.com/sector.json",
        },
        tags=[{"id": "public"}],
    ),
    entry(
        "shop-checkout",
        (208, 50),
        person("orders:write", redirect="https://shop.example.com/checkout/done", auth="PRIVATE_KEY_JWT"),
        requirePushedAuthorizationRequests=True,
        requireSignedRequests=True,
        requestObjectSigningAlgorithm="ES256",
        authorizationDetailTypes=["payment_initiation"],
        jwksSettings={"jwksUrl": "https://shop.example.com/.well-known/jwks.json"},
        refreshTokenRollingIntervalType="OVERRIDE_SERVER_DEFAULT",
        refreshTokenRollingInterval=4,
    ),
    entry(
        "shop-spa",
        (205, 14),
        person("catalogue:read", redirect="https://shop.example.com/", auth="NONE", policy="customers"),
        description="The shop in the browser: public, with PKCE",
        tags=[{"id": "public"}],
    ),
    entry(
        "mobile-app",
        (540, 6),
        person(
            "orders:read", "offline_access", redirect="com.example.shop:/signed-in", auth="NONE", policy="customers"
        ),
        description="Shop for phones",
        persistentGrantExpirationType="OVERRIDE_SERVER_DEFAULT",
        persistentGrantExpirationTime=90,
        refreshRolling="ROLL",
        requireOfflineAccessScopeToIssueRefreshTokens="YES",
        tags=[{"id": "public"}],
    ),
    entry(
        "mobile-app-beta",
        (120, 80),
        person("orders:read", redirect="com.example.shop.beta:/signed-in", auth="NONE", policy="customers"),
        name="Shop for phones (beta)",
        enabled=False,
    ),
    entry(
        "loyalty-app",
        (88, 2),
        person("customers:read", redirect="com.example.loyalty:/signed-in", auth="NONE", policy="customers"),
    ),
    entry(
        "grafana",
        (199, 11, 11),
        person("email", redirect="https://grafana.ops.example.com/login/generic_oauth"),
        name="Grafana",
        bypassApprovalPage=True,
    ),
    entry(
        "admin-cli",
        (310, 310),
        machine("orders:read", "stock:read", grant="DEVICE_CODE", auth="NONE"),
        description="Operators at a terminal: device flow",
        deviceFlowSettingType="OVERRIDE_SERVER_DEFAULT",
        pendingAuthorizationTimeoutOverride=300,
        devicePollingIntervalOverride=5,
    ),
    entry(
        "warehouse-scanner",
        (295, 66),
        machine("warehouse", "warehouse:*", grant="DEVICE_CODE", auth="NONE", manager="opaque"),
        name="Warehouse scanners",
    ),
    entry(
        "payments-approval",
        (170, 37),
        machine("payments:initiate", grant="CIBA", auth="PRIVATE_KEY_JWT"),
        description="Payers approve on their phones",
        cibaDeliveryMode="PING",
        cibaNotificationEndpoint="https://payments.example.com/ciba/notify",
        cibaRequireSignedRequests=True,
        cibaRequestObjectSigningAlgorithm="ES256",
        requestPolicyRef={"id": "push"},
        jwksSettings={"jwksUrl": "https://payments.example.com/.well-known/jwks.json"},
    ),
    entry(
        "call-centre",
        (168, 168),
        machine("customers:read", grant="CIBA"),
        name="Call centre",
        cibaPollingInterval=5,
        cibaUserCodeSupported=True,
        requestPolicyRef={"id": "call-centre"},
    ),
    entry(
        "crm-connector",
        (1500, 700, 700),
        {
            "grantTypes": ["RESOURCE_OWNER_CREDENTIALS", "REFRESH_TOKEN"],
            "clientAuth": {"type": "SECRET"},
            "defaultAccessTokenManagerRef": {"id": "opaque"},
        },
        name="CRM connector (old)",
        description="Sends passwords through; to be replaced by customer-portal",
    ),
    entry(
        "intranet-legacy",
        (1900, 1200),
        {
            "grantTypes": ["IMPLICIT"],
            "redirectUris": ["http://intranet.example.com/*"],
            "restrictedResponseTypes": ["token", "id_token"],
        },
        name="Intranet (legacy)",
    ),
    entry(
        "dev-playground",
        (60, 1),
        {
            "grantTypes": ["AUTHORIZATION_CODE", "IMPLICIT", "REFRESH_TOKEN"],
            "redirectUris": ["https://*", "http://localhost:*/callback"],
            "bypassApprovalPage": True,
        },
        name="Developer playground",
        description="Anybody, anywhere, all scopes",
    ),
)
