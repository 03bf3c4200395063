"""Who is not let in, what is not there, and what the token endpoint refuses."""

from dataclasses import replace

from ocm_tui.core.exchanges.model import Exchange
from tests.diagnosis.bench import HEADERS, Bench, client
from tests.diagnosis.corpus import ANY_FIELD, sample
from tests.diagnosis.tokens import fetched
from tests.unit.core.http.loopback import reply

SECRET = "planted-sample-secret-55aa"
GRANT = {"grant_type": "client_credentials"}


@sample("credentials-wrong", None, "auth.password")
async def _password(bench: Bench) -> Exchange:
    return await bench.send("GET", "version", password="wrong-Passw0rd")


@sample("credentials-no-longer-valid", None, "accepted before", alone="credentials-wrong")
async def _password_changed(bench: Bench) -> Exchange:
    good = await bench.send("GET", "version")
    bad = await bench.send("GET", "version", password="wrong-Passw0rd")
    # As if the server had changed its mind: the request is the one that was let in.
    bench.session.log.append(changed := replace(bad, id="changed-1", request=good.request))
    return changed


@sample("credentials-missing", None, "no Authorization header")
async def _no_credentials(bench: Bench) -> Exchange:
    return await bench.send("GET", "version", anonymous=True)


@sample("token-refused", None, "auth: {type: oauth2}")
async def _bearer(bench: Bench) -> Exchange:
    return await bench.send(
        "GET", "version", anonymous=True, headers={**HEADERS, "Authorization": "Bearer stale-token-1"}
    )


@sample("token-expired", None, "issued for 7199 s", alone="token-refused")
async def _token_expired(bench: Bench) -> Exchange:
    token = await fetched(bench)
    header = {**HEADERS, "Authorization": f"Bearer {token}"}
    answer = reply(401, b'{"resultId":"invalid_credentials","message":"(fixture)"}')
    seen = await bench.answered(answer, headers=header, anonymous=True)
    return replace(seen, started_at=seen.started_at + 8000)


@sample("token-not-accepted", None, "scopes of the administrative API", alone="token-refused")
async def _token_without_rights(bench: Bench) -> Exchange:
    token = await fetched(bench)
    header = {**HEADERS, "Authorization": f"Bearer {token}"}
    return await bench.answered(reply(401, b"{}"), headers=header, anonymous=True)


@sample("role-insufficient", None, "Admin role")
async def _auditor(bench: Bench) -> Exchange:
    user, password = bench.simulator.auditor_username, bench.simulator.auditor_password
    await bench.send("GET", "version", user=user, password=password)
    return await bench.send("POST", "oauth/clients", client(), user=user, password=password)


@sample("xsrf-header-missing", None, "X-XSRF-Header: PingFederate")
async def _no_xsrf_header(bench: Bench) -> Exchange:
    return await bench.send("GET", "version", headers={"Accept": "application/json"})


@sample("xsrf-header-stripped", None, "removed on the way")
async def _stripped(bench: Bench) -> Exchange:
    return await bench.answered(reply(403, b"", Via="1.1 edge-proxy"))


@sample("not-clustered", None, "stands alone")
async def _cluster(bench: Bench) -> Exchange:
    return await bench.send("GET", "cluster/status")


@sample("scope-insufficient", None, "auth.scopes")
async def _scope(bench: Bench) -> Exchange:
    challenge = 'Bearer realm="api", error="insufficient_scope"'
    header = {**HEADERS, "Authorization": "Bearer some-token-2"}
    return await bench.answered(reply(403, b"{}", WWW_Authenticate=challenge), headers=header, anonymous=True)


@sample("client-not-found", None, "did you mean “partner-acme”", "“partner-acmee”", alone="client-not-found")
async def _no_client(bench: Bench) -> Exchange:
    return await bench.send("GET", "oauth/clients/partner-acmee")


@sample("client-not-found", None, "a PUT never creates")
async def _put_of_nothing(bench: Bench) -> Exchange:
    return await bench.send("PUT", "oauth/clients/zzz-none", client(clientId="zzz-none"))


@sample("client-not-found", None, "gone already")
async def _delete_of_nothing(bench: Bench) -> Exchange:
    return await bench.send("DELETE", "oauth/clients/zzz-none")


@sample("endpoint-unknown", None, "nothing at /oauth/cliens")
async def _no_such_call(bench: Bench) -> Exchange:
    return await bench.send("GET", "oauth/cliens")


@sample("method-not-allowed", None, "PATCH")
async def _patch(bench: Bench) -> Exchange:
    return await bench.send("PATCH", "oauth/clients/partner-acme", {"enabled": False})


@sample("base-url-wrong", None, "does not hold /pf-admin-api/v1")
async def _base_url(bench: Bench) -> Exchange:
    origin = bench.simulator.base_url.removesuffix("/pf-admin-api/v1")
    return await bench.send("GET", "version", base_url=f"{origin}/pf-admin-api")


@sample("base-url-wrong", None, "twice")
async def _base_url_twice(bench: Bench) -> Exchange:
    return await bench.answered(
        reply(404, b"<html><body>Not found</body></html>", "text/html"), base_path="/pf-admin-api/v1/pf-admin-api/v1"
    )


@sample("base-url-wrong", None, "another interface")
async def _client_management(bench: Bench) -> Exchange:
    return await bench.answered(reply(404, b""), path="oauth/clients", base_path="/pf-ws/rest")


# --- the token endpoint ---------------------------------------------------------------------------------------------


@sample("client-credentials-wrong", "clientAuth.secret", "“sample-token”", "rotate-secret")
async def _client_secret(bench: Bench) -> Exchange:
    await bench.create(clientId="sample-token")
    return await bench.token({**GRANT, "client_id": "sample-token", "client_secret": "wrong-secret-1"})


@sample("client-disabled", "enabled", "disabled", fix=True, alone="client-credentials-wrong")
async def _disabled(bench: Bench) -> Exchange:
    await bench.create(clientId="sample-disabled", enabled=False)
    return await bench.token({**GRANT, "client_id": "sample-disabled", "client_secret": SECRET})


@sample("client-authentication-method", "clientAuth.type", "PRIVATE_KEY_JWT", alone="client-credentials-wrong")
async def _other_method(bench: Bench) -> Exchange:
    keys = {"jwksUrl": "https://app.example.com/jwks"}
    await bench.create(clientId="sample-keys", clientAuth={"type": "PRIVATE_KEY_JWT"}, jwksSettings=keys)
    return await bench.token({**GRANT, "client_id": "sample-keys", "client_secret": SECRET})


@sample("grant-not-allowed", "grantTypes", "grant_type=client_credentials", fix=["REFRESH_TOKEN", "CLIENT_CREDENTIALS"])
async def _grant(bench: Bench) -> Exchange:
    await bench.create(clientId="sample-grant", grantTypes=["REFRESH_TOKEN"])
    return await bench.token({**GRANT, "client_id": "sample-grant", "client_secret": SECRET})


@sample("grant-type-unsupported", None, "client_credential")
async def _grant_typing_error(bench: Bench) -> Exchange:
    await bench.create(clientId="sample-typo")
    form = {"grant_type": "client_credential", "client_id": "sample-typo", "client_secret": SECRET}
    return await bench.token(form)


@sample("scope-not-allowed", "restrictedScopes", "“orders:write”", fix=["orders:read", "orders:write"])
async def _token_scope(bench: Bench) -> Exchange:
    await bench.create(clientId="sample-scope", restrictScopes=True, restrictedScopes=["orders:read"])
    form = {**GRANT, "client_id": "sample-scope", "client_secret": SECRET, "scope": "orders:read orders:write"}
    return await bench.token(form)


@sample("scope-not-allowed", ANY_FIELD, "“orders:raed”")
async def _token_scope_unknown(bench: Bench) -> Exchange:
    await bench.create(clientId="sample-scope-2")
    return await bench.token({**GRANT, "client_id": "sample-scope-2", "client_secret": SECRET, "scope": "orders:raed"})


@sample("token-request-invalid", "client_secret", "two ways at once")
async def _two_ways(bench: Bench) -> Exchange:
    form = {**GRANT, "client_id": "sample", "client_secret": SECRET}
    return await bench.token(form, pair=("sample", SECRET))


@sample("token-request-invalid", "grant_type", "grant_type is missing")
async def _no_grant_type(bench: Bench) -> Exchange:
    return await bench.token({"client_id": "sample", "client_secret": SECRET})


@sample("token-request-invalid", "scope", "twice")
async def _twice(bench: Bench) -> Exchange:
    return await bench.token("grant_type=client_credentials&scope=a&scope=b")


@sample("wrong-content-type", None, "application/x-www-form-urlencoded")
async def _json_at_the_token_endpoint(bench: Bench) -> Exchange:
    return await bench.token('{"grant_type": "client_credentials"}', headers={"Content-Type": "application/json"})


@sample("token-url-wrong", None, "POST only")
async def _get_a_token(bench: Bench) -> Exchange:
    return await bench.token("", method="GET")


@sample("token-url-wrong", None, "server.token_url")
async def _no_token_endpoint(bench: Bench) -> Exchange:
    page = reply(404, b"<html><head><title>Not Found</title></head></html>", "text/html")
    return await bench.answered(page, "POST", "as/token", content=b"grant_type=client_credentials", target="token")


@sample("token-invalid-grant", None, "begin the flow again")
async def _refresh_token(bench: Bench) -> Exchange:
    answer = reply(400, b'{"error":"invalid_grant","error_description":"(fixture)"}')
    form = b"grant_type=refresh_token&refresh_token=planted-refresh-token-1&client_id=app"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return await bench.answered(
        answer, "POST", "as/token.oauth2", content=form, target="token", headers=headers, anonymous=True
    )
