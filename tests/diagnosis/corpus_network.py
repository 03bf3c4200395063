"""What stands between: proxies and portals, TLS, name service, limits, and servers that fail."""

from datetime import timedelta

from ocm_tui.core.exchanges.model import Exchange
from ocm_tui.core.http.types import TLSSettings
from tests.contract.command_line import closed_port
from tests.diagnosis.bench import Bench, client
from tests.diagnosis.corpus import sample
from tests.unit.core.http.authority import Authority, server_context
from tests.unit.core.http.loopback import reply, says, says_and_closes

HTML = "text/html; charset=utf-8"


def page(title: str, words: str = "") -> bytes:
    return f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>\n<body><p>{words}</p></body></html>\n".encode()


@sample("blocked-by-proxy", None, "blocks the request")
async def _squid(bench: Bench) -> Exchange:
    body = page("ERROR: The requested URL could not be retrieved", "Access Denied.")
    return await bench.answered(reply(403, body, HTML, X_Squid_Error="ERR_ACCESS_DENIED 0", Via="1.1 cache (squid)"))


@sample("blocked-by-proxy", None, "NO_PROXY")
async def _web_filter(bench: Bench) -> Exchange:
    body = page("Internet Security by Filter", "This category of sites is not allowed.")
    return await bench.answered(reply(403, body, HTML, Server="filter/6.2"), "POST", "oauth/clients", body=client())


@sample("captive-portal", None, "captive portal")
async def _portal(bench: Bench) -> Exchange:
    return await bench.answered(reply(200, page("Welcome to the guest network", "Accept the terms"), HTML))


@sample("captive-portal", None, "sign in to the network")
async def _portal_511(bench: Bench) -> Exchange:
    return await bench.answered(reply(511, page("Network Authentication Required"), HTML))


@sample("redirect-to-login", None, "login.example.com")
async def _single_sign_on(bench: Bench) -> Exchange:
    where = "https://login.example.com/adfs/ls?wa=wsignin1.0"
    return await bench.answered(reply(302, b"", HTML, Location=where))


@sample("redirect-to-https", None, "https://127.0.0.1")
async def _https(bench: Bench) -> Exchange:
    return await bench.answered(reply(301, b"", HTML, Location="https://127.0.0.1:9999/pf-admin-api/v1/version"))


@sample("redirected", None, "moved")
async def _moved(bench: Bench) -> Exchange:
    return await bench.answered(reply(308, b"", HTML, Location="/pf-admin-api/v2/version"))


@sample("foreign-login", None, "asks for a login")
async def _windows_login(bench: Bench) -> Exchange:
    return await bench.answered(reply(401, page("401 Unauthorized"), HTML, WWW_Authenticate="NTLM"))


@sample("proxy-authentication", None, "the proxy, not the server")
async def _proxy_password(bench: Bench) -> Exchange:
    return await bench.answered(reply(407, page("Proxy login"), HTML, Proxy_Authenticate='Basic realm="corp"'))


@sample("bad-gateway", None, "a proxy answers", faults="html=100%")
async def _gateway_page(bench: Bench) -> Exchange:
    return await bench.send("GET", "version")


@sample("bad-gateway", None, "reachable from the proxy")
async def _gateway_timeout(bench: Bench) -> Exchange:
    return await bench.answered(reply(504, page("504 Gateway Time-out", "nothing written"), HTML), "GET")


@sample("server-unavailable", None, "Retry-After", faults="503=100%")
async def _maintenance(bench: Bench) -> Exchange:
    return await bench.send("GET", "version")


@sample("server-fault", None, "its own log", "applied", faults="500=100%")
async def _fault(bench: Bench) -> Exchange:
    return await bench.create()


@sample("rate-limited", None, "Retry-After: 1", "server.concurrency", faults="429=100%")
async def _rate(bench: Bench) -> Exchange:
    return await bench.send("GET", "version")


@sample("payload-too-large", None, "a body of")
async def _too_large(bench: Bench) -> Exchange:
    body = client(description="x" * 4000)
    return await bench.answered(
        reply(413, page("413 Request Entity Too Large"), HTML, Server="nginx"), "POST", "oauth/clients", body=body
    )


@sample("payload-too-large", None, "an address of")
async def _address_too_long(bench: Bench) -> Exchange:
    return await bench.answered(reply(414, page("414 Request-URI Too Large"), HTML), path=f"oauth/clients/{'x' * 3000}")


@sample("payload-too-large", None, "headers of about")
async def _headers_too_long(bench: Bench) -> Exchange:
    return await bench.answered(reply(431, b""), headers={"X-XSRF-Header": "1", "X-Long": "y" * 3000})


@sample("wrong-accept", None, "text/csv")
async def _accept(bench: Bench) -> Exchange:
    return await bench.answered(reply(406, b""), headers={"Accept": "text/csv", "X-XSRF-Header": "1"})


@sample("clock-skew", None, "hours behind")
async def _clock(bench: Bench) -> Exchange:
    return await bench.answered(reply(200, b'{"version":"12.1.0.4"}', Date="Fri, 31 Dec 2100 23:59:59 GMT"))


@sample("clock-skew", None, "NTP")
async def _clock_and_token(bench: Bench) -> Exchange:
    header = {"X-XSRF-Header": "1", "Authorization": "Bearer token-of-tomorrow-1"}
    answer = reply(401, b"{}", Date="Fri, 31 Dec 2100 23:59:59 GMT")
    return await bench.answered(answer, headers=header, anonymous=True)


@sample("answer-not-json", None, "cut or damaged", faults="cut-json=100%")
async def _cut_answer(bench: Bench) -> Exchange:
    return await bench.send("GET", "oauth/clients")


@sample("answer-broken-off", None, "did not come to its end", faults="truncate=100%")
async def _truncated(bench: Bench) -> Exchange:
    return await bench.send("GET", "oauth/clients")


@sample("closed-without-answer", None, "look first", faults="lost-answer=100%")
async def _lost(bench: Bench) -> Exchange:
    return await bench.send("GET", "version")


@sample("timed-out", None, "in time", faults="stall=100%")
async def _stalled(bench: Bench) -> Exchange:
    return await bench.send("GET", "version", deadline=0.2)


@sample("connection-refused", None, "is the server running")
async def _closed_port(bench: Bench) -> Exchange:
    return await bench.send("GET", "version", base_url=f"http://127.0.0.1:{closed_port()}/pf-admin-api/v1")


@sample("unknown-host", None, "name service")
async def _unknown_host(bench: Bench) -> Exchange:
    return await bench.send("GET", "version", base_url=f"http://{'a' * 70}.example.com/pf-admin-api/v1")


@sample("corporate-ca", None, "tls.ca_file")
async def _unknown_authority(bench: Bench) -> Exchange:
    context = server_context(Authority(bench.directory).issue())
    return await bench.answered(says(reply()), context=context)


@sample("certificate-expired", None, "has expired")
async def _expired(bench: Bench) -> Exchange:
    authority = Authority(bench.directory)
    context = server_context(authority.issue(ends=timedelta(hours=-1)))
    return await bench.answered(says(reply()), context=context, tls=TLSSettings(ca_file=authority.file))


@sample("certificate-not-yet-valid", None, "a clock is wrong")
async def _not_yet(bench: Bench) -> Exchange:
    authority = Authority(bench.directory)
    context = server_context(authority.issue(begins=timedelta(hours=3)))
    return await bench.answered(says(reply()), context=context, tls=TLSSettings(ca_file=authority.file))


@sample("certificate-wrong-name", None, "base_url")
async def _wrong_name(bench: Bench) -> Exchange:
    authority = Authority(bench.directory)
    context = server_context(authority.issue(hosts=("elsewhere.example.com",)))
    return await bench.answered(says(reply()), context=context, tls=TLSSettings(ca_file=authority.file))


@sample("client-certificate-refused", None, "tls.client_cert")
async def _client_certificate(bench: Bench) -> Exchange:
    authority = Authority(bench.directory)
    context = server_context(authority.issue(), clients=authority, version="1.2")
    return await bench.answered(says(reply()), context=context, tls=TLSSettings(ca_file=authority.file))


@sample("not-tls", None, "does not speak TLS")
async def _plain_port(bench: Bench) -> Exchange:
    origin = bench.simulator.base_url.replace("http://", "https://")
    return await bench.send("GET", "version", base_url=origin)


@sample("no-http-answer", None, "want TLS")
async def _no_http(bench: Bench) -> Exchange:
    return await bench.answered(says_and_closes(b"220 mail.example.com ESMTP\r\n\r\n"))


@sample("cancelled", None, "cancelled here")
async def _cancelled(bench: Bench) -> Exchange:
    import asyncio

    from tests.unit.core.http.loopback import loopback, never

    async with loopback(never) as server:
        task = asyncio.ensure_future(bench.send("GET", "version", base_url=f"{server.url}/pf-admin-api/v1"))
        await server.arrived.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return bench.session.log.snapshot()[-1]


@sample("unexplained", None, "418")
async def _teapot(bench: Bench) -> Exchange:
    return await bench.answered(reply(418, b'{"message": "short and stout"}'))
