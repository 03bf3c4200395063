"""The catalogue's programs that act for themselves: services, jobs, resource servers, partners."""

from typing import Final

from ocm_tui.simulator.catalogue_words import Entry, entry, extended, machine

__all__ = ["MACHINES"]

MACHINES: Final[tuple[Entry, ...]] = (
    entry(
        "orders-api",
        (410, 12, 35),
        machine("orders:read", "orders:write", "events:publish"),
        description="Order service, all regions",
        extendedParameters=extended("orders@example.com", "4711", "eu", "us"),
        tags=[{"id": "tier-1"}],
    ),
    entry(
        "orders-importer",
        (402, 95, 95),
        machine("orders:write", "catalogue:read"),
        description="Nightly import of marketplace orders",
        extendedParameters=extended("orders@example.com", "4711"),
    ),
    entry(
        "billing-batch",
        (700, 160),
        machine("billing:write", "orders:read", auth="PRIVATE_KEY_JWT"),
        description="Invoices of the day",
        jwksSettings={"jwksUrl": "https://billing.example.com/.well-known/jwks.json"},
        extendedParameters=extended("billing@example.com", "4720"),
    ),
    entry("billing-api", (698, 3, 90), machine("billing:read", "billing:write"), description="Invoices and dunning"),
    entry("reports-export", (300, 44, 44), machine("reports:read", "reports:export", manager="opaque")),
    entry("stock-service", (510, 20, 200), machine("warehouse", "events:publish"), tags=[{"id": "tier-1"}]),
    entry("shipping-service", (505, 20, 180), machine("shipping:read", "shipping:write", "orders:read")),
    entry(
        "carrier-webhook",
        (330, 330),
        machine("shipping:write", auth="CLIENT_SECRET_JWT"),
        description="Called by carriers through the edge",
    ),
    entry("pricing-engine", (150, 9, 31), machine("catalogue:read", "stock:read", manager="jwt-short")),
    entry(
        "marketing-mailer",
        (620, 4, 400),
        machine("notifications:send", "customers:read", "customers:write"),
        name="Marketing mailer (new)",
    ),
    entry(
        "telemetry-collector",
        (220, 2, 220),
        machine("telemetry:write", manager="opaque"),
        enabled=False,
        requireDpop=True,
    ),
    entry(
        "data-warehouse",
        (800, 70, 70),
        machine("reports:read", "orders:read", "billing:read", "customers:read"),
        description="Extracts; its secret dies at once when it is replaced",
        clientSecretRetentionPeriodType="OVERRIDE_SERVER_DEFAULT",
        clientSecretRetentionPeriod=0,
    ),
    entry("audit-exporter", (90, 90), machine(), exclusiveScopes=["audit:read"]),
    entry(
        "ci-deployer",
        (130, 25, 25),
        machine("catalogue:read"),
        description="Pipelines; the former secret stays good for a week",
        clientSecretRetentionPeriodType="OVERRIDE_SERVER_DEFAULT",
        clientSecretRetentionPeriod=10080,
    ),
    entry(
        "payments-service",
        (365, 15),
        machine("payments:initiate", auth="PRIVATE_KEY_JWT"),
        exclusiveScopes=["payments:refund"],
        authorizationDetailTypes=["payment_initiation"],
        jwksSettings={"jwksUrl": "https://payments.example.com/.well-known/jwks.json"},
        lockoutMaxMaliciousActionsType="OVERRIDE_SERVER_DEFAULT",
        lockoutMaxMaliciousActions=5,
        tags=[{"id": "tier-1"}, {"id": "pci"}],
    ),
    entry(
        "edge-proxy",
        (240, 40, 40),
        machine("orders:read", grant="TOKEN_EXCHANGE"),
        name="Edge proxy",
        tokenExchangeProcessorPolicyRef={"id": "delegation"},
    ),
    entry(
        "api-gateway",
        (720, 33, 120),
        machine(grant="ACCESS_TOKEN_VALIDATION"),
        description="Resource server in front of all public APIs",
        restrictToDefaultAccessTokenManager=False,
        validateUsingAllEligibleAtms=True,
        tokenIntrospectionSigningAlgorithm="ES256",
        tags=[{"id": "tier-1"}],
    ),
    entry("warehouse-gateway", (400, 400), machine(grant="ACCESS_TOKEN_VALIDATION", manager="opaque")),
    entry(
        "partner-acme",
        (380, 18),
        machine(auth="CERTIFICATE", manager="partner")
        | {
            "clientAuth": {
                "type": "CERTIFICATE",
                "clientCertIssuerDn": "CN=Partner Issuing CA,O=Example,C=GB",
                "clientCertSubjectDn": "CN=feed.acme.example.net,O=Acme,C=US",
            }
        },
        name="Acme (partner)",
        description="Orders and feed, by client certificate",
        exclusiveScopes=["partner:feed", "partner:orders"],
    ),
    entry(
        "partner-globex",
        (375, 230, 230),
        machine(manager="partner"),
        name="Globex (partner)",
        exclusiveScopes=["partner:feed"],
    ),
    entry(
        "partner-initech",
        (900, 77, 900),
        machine(),
        name="Initech (partner, contract ended)",
        enabled=False,
        exclusiveScopes=["partners"],
    ),
    entry(
        "legacy-sync",
        (2300, 1490, 1490),
        {"grantTypes": ["CLIENT_CREDENTIALS"], "clientAuth": {"type": "SECRET"}},
        name="Legacy sync (do not touch)",
        description="Mainframe bridge; nobody has changed its secret for years",
    ),
    entry(
        "mainframe-print",
        (None, None),
        {"grantTypes": ["CLIENT_CREDENTIALS"], "clientAuth": {"type": "SECRET"}, "enabled": False},
        name="Mainframe printing",
        description="Replaced by shipping-service",
    ),
    entry(
        "helpdesk-assertions",
        (900, 410),
        machine("customers:read", grant="EXTENSION", auth="NONE"),
        name="Helpdesk (SAML assertions)",
    ),
)
