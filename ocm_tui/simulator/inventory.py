"""The inventory of the simulated company: what it wants its clients to be, which is not quite what its server has.

Most clients are stored as they are declared. Drifted: `orders-ui` (a redirect URI more), `marketing-mailer` (renamed, a
scope more), `telemetry-collector` (disabled), `pricing-engine` (other token manager), `data-warehouse` (a scope more).
Missing: `returns-portal`, `notifications-worker`, `partner-hooli`; none of them needs a secret to be delivered.
"""

from typing import Final

from ocm_tui.simulator.vault import client_secret, secret_key

__all__ = ["demo_inventory", "demo_secrets"]


def demo_inventory() -> str:
    """YAML in the format of `client-inventory.yaml`. Every client of it fits the catalogue, or can be created."""
    return _INVENTORY


def demo_secrets(seed: int) -> dict[str, str]:
    """The files that the inventory names, relative to it, and the secrets that a server of this seed begins with."""
    key = secret_key(seed)
    return {f"secrets/{client_id}": client_secret(key, client_id) for client_id in _IN_FILES}


# Clients whose secrets somebody keeps in files, so that a token can be asked for as one of them.
_IN_FILES: Final = ("orders-api", "orders-importer", "billing-batch")

_INVENTORY: Final = """\
# The OAuth clients of the simulated company. Field names are the server's own.
version: 1

defaults:
  grantTypes: [CLIENT_CREDENTIALS]
  clientAuth: {type: SECRET}
  defaultAccessTokenManagerRef: {id: jwt}
  restrictToDefaultAccessTokenManager: true
  restrictScopes: true

templates:
  web:
    grantTypes: [AUTHORIZATION_CODE, REFRESH_TOKEN]
    requireProofKeyForCodeExchange: true
  app:
    grantTypes: [AUTHORIZATION_CODE, REFRESH_TOKEN]
    requireProofKeyForCodeExchange: true
    clientAuth: {type: NONE}
    oidcPolicy: {policyGroup: {id: customers}}
  resource-server:
    grantTypes: [ACCESS_TOKEN_VALIDATION]

clients:
  # --- services and jobs -------------------------------------------------------------------------
  - clientId: orders-api
    description: Order service, all regions
    restrictedScopes: [orders:read, orders:write, events:publish]
    extendedParameters:
      owner: {values: [orders@example.com]}
      costCentre: {values: ["4711"]}
      regions: {values: [eu, us]}
    secret: {from: file, path: secrets/orders-api}
    registry: {bap_id: orders, bap_uri: https://orders.example.com, allowed_ips: [10.0.0.0/8], rate_limit: 100}

  - clientId: orders-importer
    extendedParameters: {owner: {values: [orders@example.com]}, costCentre: {values: ["4711"]}}
    description: Nightly import of marketplace orders
    restrictedScopes: [orders:write, catalogue:read]
    secret: {from: file, path: secrets/orders-importer}
    registry: {bap_id: orders, bap_uri: https://orders.example.com, allowed_ips: [10.4.0.0/16], rate_limit: 20}

  - clientId: billing-batch
    extendedParameters: {owner: {values: [billing@example.com]}, costCentre: {values: ["4720"]}}
    description: Invoices of the day
    clientAuth: {type: PRIVATE_KEY_JWT}
    jwksSettings: {jwksUrl: https://billing.example.com/.well-known/jwks.json}
    restrictedScopes: [billing:write, orders:read]
    registry: {bap_id: billing, bap_uri: https://billing.example.com, allowed_ips: [10.0.0.0/8], rate_limit: 10}

  - clientId: billing-api
    description: Invoices and dunning
    restrictedScopes: [billing:read, billing:write]
    secret: {from: file, path: secrets/billing-batch}
    registry: {bap_id: billing, bap_uri: https://billing.example.com, allowed_ips: [10.0.0.0/8], rate_limit: 50}

  - clientId: reports-export
    defaultAccessTokenManagerRef: {id: opaque}
    restrictedScopes: [reports:read, reports:export]
    secret: {from: keep}

  - clientId: stock-service
    restrictedScopes: [warehouse, events:publish]
    secret: {from: keep}

  - clientId: shipping-service
    restrictedScopes: [shipping:read, shipping:write, orders:read]
    secret: {from: keep}

  - clientId: carrier-webhook
    description: Called by carriers through the edge
    clientAuth: {type: CLIENT_SECRET_JWT}
    restrictedScopes: [shipping:write]
    secret: {from: keep}

  - clientId: pricing-engine             # on the server: five-minute tokens
    restrictedScopes: [catalogue:read, stock:read]
    secret: {from: keep}

  - clientId: marketing-mailer           # on the server: another name, and may write customers
    restrictedScopes: [notifications:send, customers:read]
    secret: {from: keep}

  - clientId: telemetry-collector        # on the server: disabled
    enabled: true
    defaultAccessTokenManagerRef: {id: opaque}
    restrictedScopes: [telemetry:write]
    requireDpop: true
    secret: {from: keep}

  - clientId: data-warehouse             # on the server: may read customers
    description: Extracts; its secret dies at once when it is replaced
    restrictedScopes: [reports:read, orders:read, billing:read]
    clientSecretRetentionPeriodType: OVERRIDE_SERVER_DEFAULT
    clientSecretRetentionPeriod: 0
    secret: {from: keep}

  - clientId: audit-exporter
    exclusiveScopes: [audit:read]
    secret: {from: keep}

  - clientId: ci-deployer
    description: Pipelines; the former secret stays good for a week
    restrictedScopes: [catalogue:read]
    clientSecretRetentionPeriodType: OVERRIDE_SERVER_DEFAULT
    clientSecretRetentionPeriod: 10080
    secret: {from: keep}

  - clientId: payments-service
    clientAuth: {type: PRIVATE_KEY_JWT}
    jwksSettings: {jwksUrl: https://payments.example.com/.well-known/jwks.json}
    restrictedScopes: [payments:initiate]
    exclusiveScopes: [payments:refund]
    authorizationDetailTypes: [payment_initiation]
    registry: {bap_id: payments, bap_uri: https://payments.example.com, allowed_ips: [10.8.0.0/16], rate_limit: 200}

  - clientId: notifications-worker       # not on the server yet
    description: Mail, SMS and push messages
    clientAuth: {type: PRIVATE_KEY_JWT}
    jwksSettings: {jwksUrl: https://notifications.example.com/.well-known/jwks.json}
    restrictedScopes: [notifications:send, customers:read]
    registry: {bap_id: notifications, bap_uri: https://notifications.example.com, rate_limit: 300}

  - clientId: partner-hooli              # not on the server yet
    clientAuth:
      type: CERTIFICATE
      clientCertIssuerDn: CN=Partner Issuing CA,O=Example,C=GB
      clientCertSubjectDn: CN=feed.hooli.example.net,O=Hooli,C=US
    exclusiveScopes: [partner:feed]

  # --- resource servers --------------------------------------------------------------------------
  - clientId: api-gateway
    template: resource-server
    description: Resource server in front of all public APIs
    restrictToDefaultAccessTokenManager: false
    validateUsingAllEligibleAtms: true
    tokenIntrospectionSigningAlgorithm: ES256
    secret: {from: keep}

  - clientId: warehouse-gateway
    template: resource-server
    defaultAccessTokenManagerRef: {id: opaque}
    secret: {from: keep}

  # --- applications with people in front of them -------------------------------------------------
  - clientId: reports-ui
    extendedParameters: {owner: {values: [reports@example.com]}, costCentre: {values: ["4730"]}}
    template: web
    description: Figures for the business
    redirectUris: [https://reports.example.com/oauth/callback]
    restrictedScopes: [openid, profile, reports:read, reports:export]
    oidcPolicy: {policyGroup: {id: default}}
    secret: {from: keep}

  - clientId: orders-ui                  # on the server: the callback of a test system as well
    extendedParameters: {owner: {values: [orders@example.com]}, costCentre: {values: ["4711"]}}
    template: web
    description: Back office for orders
    redirectUris: [https://orders.example.com/callback]
    restrictedScopes: [openid, profile, orders:read, orders:write]
    oidcPolicy: {policyGroup: {id: default}}
    secret: {from: keep}

  - clientId: customer-portal
    template: web
    description: Customers see their orders
    logoUrl: https://my.example.com/logo.png
    redirectUris: [https://my.example.com/signed-in]
    restrictedScopes: [openid, profile, email, phone]
    oidcPolicy:
      policyGroup: {id: customers}
      logoutMode: OIDC_BACK_CHANNEL
      backChannelLogoutUri: https://my.example.com/logout/back-channel
      postLogoutRedirectUris: [https://my.example.com/]
      pairwiseIdentifierUserType: true
      sectorIdentifierUri: https://my.example.com/sector.json
    secret: {from: keep}

  - clientId: shop-spa
    template: app
    description: "The shop in the browser: public, with PKCE"
    redirectUris: [https://shop.example.com/]
    restrictedScopes: [openid, profile, catalogue:read]

  - clientId: mobile-app
    requireOfflineAccessScopeToIssueRefreshTokens: "YES"
    template: app
    description: Shop for phones
    redirectUris: ["com.example.shop:/signed-in"]
    restrictedScopes: [openid, profile, orders:read, offline_access]
    persistentGrantExpirationType: OVERRIDE_SERVER_DEFAULT
    persistentGrantExpirationTime: 90
    refreshRolling: ROLL

  - clientId: loyalty-app
    template: app
    redirectUris: ["com.example.loyalty:/signed-in"]
    restrictedScopes: [openid, profile, customers:read]

  - clientId: returns-portal             # not on the server yet
    template: app
    description: Send it back
    redirectUris: [https://returns.example.com/callback]
    restrictedScopes: [openid, profile, orders:read]
"""
