import pytest

from ocm_tui.core.errors import UsageError
from ocm_tui.core.http.addresses import BaseURL


@pytest.mark.parametrize(
    ("url", "text", "host", "port", "path"),
    [
        ("https://h", "https://h", "h", 443, ""),
        ("http://h/", "http://h", "h", 80, ""),
        (" https://H:9999/pf-admin-api/v1/ ", "https://H:9999/pf-admin-api/v1", "h", 9999, "/pf-admin-api/v1"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a", "::1", 8080, "/a"),
    ],
)
def test_a_base_url(url: str, text: str, host: str, port: int, path: str) -> None:
    base = BaseURL.parse(url)
    assert (base.text, base.host, base.port, base.path) == (text, host, port, path)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "h",
        "h:9999",
        "ftp://h",
        "https://",
        "https://u:p@h",
        "https://h?x=1",
        "https://h#x",
        "https://h:99999",
        "https://a b",
        "http://[::1",
    ],
)
def test_no_base_url(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        BaseURL.parse(url)
    assert "p@" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "params", "joined"),
    [
        ("", None, "https://h/v1"),
        ("clients", None, "https://h/v1/clients"),
        ("/clients", None, "https://h/v1/clients"),
        ("clients/", None, "https://h/v1/clients/"),
        ("clients/a%2F..%2Fb", None, "https://h/v1/clients/a%2F..%2Fb"),
        ("clients?page=1", {"q": "a b"}, "https://h/v1/clients?page=1&q=a%20b"),
        ("clients", {"n": 5, "q": "ö&="}, "https://h/v1/clients?n=5&q=%C3%B6%26%3D"),
        ("clients", {}, "https://h/v1/clients"),
        ("clients?redirect=https://elsewhere/..", None, "https://h/v1/clients?redirect=https://elsewhere/.."),
        ("clients/...", None, "https://h/v1/clients/..."),
    ],
)
def test_joining(url: str, params: dict[str, str | int] | None, joined: str) -> None:
    assert BaseURL.parse("https://h/v1/").join(url, params) == joined


@pytest.mark.parametrize(
    "url", ["https://h/v1/x", "mailto:x", "//h/x", "..", ".", "a/./b", "%2e%2E/x", "a\nb", "a\x00", "a#b", "a\\..\\b"]
)
def test_what_leads_elsewhere(url: str) -> None:
    with pytest.raises(UsageError):
        BaseURL.parse("https://h/v1").join(url)
