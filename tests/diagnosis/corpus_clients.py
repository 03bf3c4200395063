"""Clients that the server rejects: 400 and 422."""

from ocm_tui.core.exchanges.model import Exchange
from tests.diagnosis.bench import Bench, client
from tests.diagnosis.corpus import sample

WEB = {"grantTypes": ["AUTHORIZATION_CODE"]}
BACK = ["https://app.example.com/callback"]


@sample("duplicate-client-id", "clientId", "“partner-acme”", "update the client")
async def _duplicate(bench: Bench) -> Exchange:
    return await bench.create(clientId="partner-acme")


@sample("field-missing", "name", "name is missing", "send name")
async def _no_name(bench: Bench) -> Exchange:
    return await bench.create(name=None)


@sample("field-missing", "grantTypes", "CLIENT_CREDENTIALS")
async def _no_grants(bench: Bench) -> Exchange:
    return await bench.create(grantTypes=[])


@sample("field-missing", "redirectUris", "AUTHORIZATION_CODE needs one")
async def _no_redirect_uri(bench: Bench) -> Exchange:
    return await bench.create(**WEB)


@sample("invalid-url", "redirectUris[0]", "“app.example.com/back”", fix=["https://app.example.com/back", BACK[0]])
async def _redirect_uri_without_scheme(bench: Bench) -> Exchange:
    return await bench.create(**WEB, redirectUris=["app.example.com/back", BACK[0]])


@sample("invalid-url", "redirectUris[1]", "blank", fix=[*BACK, "https://app.example.com/second"])
async def _redirect_uri_with_blank(bench: Bench) -> Exchange:
    return await bench.create(**WEB, redirectUris=[*BACK, "https://app.example.com/ second"])


@sample("invalid-url", "redirectUris[0]", "fragment", fix=["https://app.example.com/"])
async def _redirect_uri_with_fragment(bench: Bench) -> Exchange:
    return await bench.create(**WEB, redirectUris=["https://app.example.com/#top"])


@sample("invalid-url", "logoUrl", "“logo.png”")
async def _logo(bench: Bench) -> Exchange:
    return await bench.create(logoUrl="logo.png")


@sample("invalid-url", "oidcPolicy.backChannelLogoutUri", "“ftp://app.example.com/out”")
async def _logout_uri(bench: Bench) -> Exchange:
    return await bench.create(oidcPolicy={"backChannelLogoutUri": "ftp://app.example.com/out"})


@sample("field-rejected", "restrictedResponseTypes[0]", "“code tokn”")
async def _response_type(bench: Bench) -> Exchange:
    return await bench.create(restrictedResponseTypes=["code tokn"])


@sample("field-missing", "clientAuth.type", "CLIENT_CREDENTIALS needs client authentication")
async def _no_authentication(bench: Bench) -> Exchange:
    return await bench.create(clientAuth=None)


@sample("field-conflict", "clientAuth.type", "CLIENT_CREDENTIALS needs client authentication")
async def _authentication_none(bench: Bench) -> Exchange:
    return await bench.create(clientAuth={"type": "NONE"})


@sample("field-missing", "clientAuth.secret", "a new secret")
async def _no_secret(bench: Bench) -> Exchange:
    return await bench.create(clientAuth={"type": "SECRET"})


@sample("field-rejected", "clientAuth.encryptedSecret")
async def _secret_of_another_server(bench: Bench) -> Exchange:
    return await bench.create(clientAuth={"type": "SECRET", "encryptedSecret": "OBF:JWE:foreign-0123456789"})


@sample("field-missing", "clientAuth.clientCertIssuerDn", "CERTIFICATE needs it")
async def _no_issuer(bench: Bench) -> Exchange:
    return await bench.create(clientAuth={"type": "CERTIFICATE", "clientCertSubjectDn": "CN=app"})


@sample("field-missing", "jwksSettings", "PRIVATE_KEY_JWT needs them", "jwksUrl")
async def _no_keys(bench: Bench) -> Exchange:
    return await bench.create(clientAuth={"type": "PRIVATE_KEY_JWT"})


@sample("field-missing", "jwksSettings", "requireSignedRequests needs them")
async def _signed_without_keys(bench: Bench) -> Exchange:
    return await bench.create(requireSignedRequests=True)


@sample("invalid-url", "jwksSettings.jwksUrl", "“app.example.com/jwks”", fix="https://app.example.com/jwks")
async def _keys_address(bench: Bench) -> Exchange:
    return await bench.create(clientAuth={"type": "PRIVATE_KEY_JWT"}, jwksSettings={"jwksUrl": "app.example.com/jwks"})


@sample("invalid-jwks", "jwksSettings.jwks", "“not a key set”")
async def _keys_no_json(bench: Bench) -> Exchange:
    return await bench.create(clientAuth={"type": "PRIVATE_KEY_JWT"}, jwksSettings={"jwks": "not a key set"})


@sample("field-conflict", "clientAuth.tokenEndpointAuthSigningAlgorithm", "HS256 does not fit PRIVATE_KEY_JWT")
async def _algorithm(bench: Bench) -> Exchange:
    auth = {"type": "PRIVATE_KEY_JWT", "tokenEndpointAuthSigningAlgorithm": "HS256"}
    return await bench.create(clientAuth=auth, jwksSettings={"jwksUrl": "https://app.example.com/jwks"})


@sample("field-conflict", "oidcPolicy.idTokenSigningAlgorithm", "symmetric")
async def _symmetric(bench: Bench) -> Exchange:
    policy = {"idTokenSigningAlgorithm": "HS256"}
    return await bench.create(**WEB, redirectUris=BACK, clientAuth={"type": "NONE"}, oidcPolicy=policy)


@sample("field-conflict", "restrictedScopes", "restrictScopes: true")
async def _scopes_not_restricted(bench: Bench) -> Exchange:
    return await bench.create(restrictedScopes=["orders:read"])


@sample("unknown-scope", "restrictedScopes[1]", "“orders:raed”", fix=["email", "orders:read"])
async def _unknown_scope(bench: Bench) -> Exchange:
    return await bench.create(restrictScopes=True, restrictedScopes=["email", "orders:raed"])


@sample("unknown-scope", "exclusiveScopes[0]", "“orders:read”")
async def _common_scope_as_exclusive(bench: Bench) -> Exchange:
    return await bench.create(exclusiveScopes=["orders:read"])


@sample("unknown-scope", "restrictedScopes[0]", "“audit:read”")
async def _exclusive_scope_as_common(bench: Bench) -> Exchange:
    return await bench.create(restrictScopes=True, restrictedScopes=["audit:read"])


@sample("unknown-reference", "defaultAccessTokenManagerRef.id", "“jwtt”", fix="jwt")
async def _unknown_manager(bench: Bench) -> Exchange:
    return await bench.create(defaultAccessTokenManagerRef={"id": "jwtt"})


@sample("unknown-reference", "oidcPolicy.policyGroup.id", "“no-such-policy”")
async def _unknown_policy(bench: Bench) -> Exchange:
    return await bench.create(oidcPolicy={"policyGroup": {"id": "no-such-policy"}})


@sample("unknown-reference", "requestPolicyRef.id", "“no-such-policy”")
async def _unknown_request_policy(bench: Bench) -> Exchange:
    return await bench.create(grantTypes=["CIBA"], requestPolicyRef={"id": "no-such-policy"})


@sample("unknown-reference", "tokenExchangeProcessorPolicyRef.id", "“no-such-policy”")
async def _unknown_exchange_policy(bench: Bench) -> Exchange:
    return await bench.create(grantTypes=["TOKEN_EXCHANGE"], tokenExchangeProcessorPolicyRef={"id": "no-such-policy"})


@sample("field-rejected", "authorizationDetailTypes[0]", "“no-such-type”")
async def _unknown_detail_type(bench: Bench) -> Exchange:
    return await bench.create(authorizationDetailTypes=["no-such-type"])


@sample("unknown-reference", "extendedParameters.cost.centre", "extendedParameters.cost.centre")
async def _unknown_property(bench: Bench) -> Exchange:
    return await bench.create(extendedParameters={"cost.centre": {"values": ["4711"]}})


@sample("field-conflict", "cibaPollingInterval", "the grant type CIBA")
async def _ciba(bench: Bench) -> Exchange:
    return await bench.create(cibaPollingInterval=5)


@sample("field-missing", "cibaNotificationEndpoint", "PING needs it")
async def _no_endpoint(bench: Bench) -> Exchange:
    return await bench.create(grantTypes=["CIBA"], cibaDeliveryMode="PING")


@sample("value-out-of-range", "cibaPollingInterval", "9999")
async def _polling(bench: Bench) -> Exchange:
    return await bench.create(grantTypes=["CIBA"], cibaPollingInterval=9999)


@sample("field-conflict", "oidcPolicy.sectorIdentifierUri", "pairwiseIdentifierUserType")
async def _sector(bench: Bench) -> Exchange:
    return await bench.create(oidcPolicy={"sectorIdentifierUri": "https://app.example.com/sector"})


@sample("field-missing", "refreshTokenRollingInterval", "OVERRIDE_SERVER_DEFAULT")
async def _override_without_value(bench: Bench) -> Exchange:
    return await bench.create(refreshTokenRollingIntervalType="OVERRIDE_SERVER_DEFAULT")


@sample("field-conflict", "refreshTokenRollingGracePeriod", "refreshTokenRollingGracePeriodType")
async def _value_without_override(bench: Bench) -> Exchange:
    return await bench.create(refreshTokenRollingGracePeriod=30)


@sample("value-not-allowed", "persistentGrantReuseGrantTypes[0]", "RESOURCE_OWNER_CREDENTIALS")
async def _reuse(bench: Bench) -> Exchange:
    kind = {"persistentGrantReuseType": "OVERRIDE_SERVER_DEFAULT"}
    return await bench.create(**kind, persistentGrantReuseGrantTypes=["CIBA"])


@sample("field-unknown", "redirectUrls", "did you mean redirectUris")
async def _unknown_field(bench: Bench) -> Exchange:
    return await bench.create(redirectUrls=BACK)


@sample("field-unknown", "oidcPolicy.logoutUrls", "oidcPolicy.logoutUris")
async def _unknown_nested_field(bench: Bench) -> Exchange:
    return await bench.create(oidcPolicy={"logoutUrls": BACK})


@sample("field-too-new", "lockoutMaxMaliciousActionsType", "12.2")
async def _newer_field(bench: Bench) -> Exchange:
    return await bench.create(lockoutMaxMaliciousActionsType="SERVER_DEFAULT")


@sample("field-too-new", "oidcPolicy.userInfoResponseSigningAlgorithm", "12.2")
async def _newer_nested_field(bench: Bench) -> Exchange:
    return await bench.create(oidcPolicy={"userInfoResponseSigningAlgorithm": "RS256"})


@sample("value-wrong-type", "enabled", "true or false")
async def _type(bench: Bench) -> Exchange:
    return await bench.create(enabled="yes")


@sample("value-not-allowed", "grantTypes", "CLIENT_CREDENTIALS", fix=["CLIENT_CREDENTIALS"])
async def _grant_type(bench: Bench) -> Exchange:
    return await bench.create(grantTypes=["CLIENT_CREDENTIAL"])


@sample("value-not-allowed", "oidcPolicy.idTokenSigningAlgorithm", "RS256", fix="RS256")
async def _enumeration(bench: Bench) -> Exchange:
    return await bench.create(oidcPolicy={"idTokenSigningAlgorithm": "RSA256"})


@sample("value-wrong-type", "redirectUris", "a list of texts")
async def _not_a_list(bench: Bench) -> Exchange:
    return await bench.create(redirectUris="https://app.example.com/callback")


@sample("body-not-json", None, "not JSON")
async def _trailing_comma(bench: Bench) -> Exchange:
    headers = {"X-XSRF-Header": "PingFederate", "Content-Type": "application/json"}
    return await bench.send("POST", "oauth/clients", content=b'{"clientId": "a",}', headers=headers)


@sample("body-not-json", None, "not an object")
async def _a_list_of_clients(bench: Bench) -> Exchange:
    return await bench.send("POST", "oauth/clients", [client()])


@sample("wrong-content-type", None, "text/plain", "application/json")
async def _content_type(bench: Bench) -> Exchange:
    headers = {"X-XSRF-Header": "PingFederate", "Content-Type": "text/plain"}
    return await bench.send("POST", "oauth/clients", content=b'{"clientId": "a"}', headers=headers)


@sample("field-missing", "secret", "a new secret")
async def _rotation_without_secret(bench: Bench) -> Exchange:
    await bench.create(clientId="sample-rotated")
    return await bench.send("PUT", "oauth/clients/sample-rotated/clientAuth/clientSecret", {})


@sample("unknown-scope", "restrictedScopes[0]", "“nope”")
async def _update(bench: Bench) -> Exchange:
    await bench.create(clientId="sample-updated")
    document = client(clientId="sample-updated", restrictScopes=True, restrictedScopes=["nope"])
    return await bench.send("PUT", "oauth/clients/sample-updated", document)


@sample("invalid-url", "logoUrl", "“logo.png”")
async def _several_at_once(bench: Bench) -> Exchange:
    return await bench.create(logoUrl="logo.png", restrictedResponseTypes=["tokn"], authorizationDetailTypes=["x"])


@sample("resource-in-use", None, "“partner-acme”", "in use")
async def _in_use(bench: Bench) -> Exchange:
    return await bench.send("DELETE", "oauth/clients/partner-acme")


@sample("parameter-rejected", "page", "(“0”)")
async def _page(bench: Bench) -> Exchange:
    return await bench.send("GET", "oauth/clients?page=0")
