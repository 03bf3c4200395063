from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocm_tui.core.errors import UsageError
from ocm_tui.core.registry.addresses import given_if_different, normalise


@pytest.mark.parametrize(
    ("texts", "networks"),
    [
        ([], []),
        (["10.1.2.3/8"], ["10.0.0.0/8"]),
        (["192.0.2.7"], ["192.0.2.7/32"]),
        ([" 192.0.2.7 "], ["192.0.2.7/32"]),
        (["10.0.0.0/255.0.0.0"], ["10.0.0.0/8"]),
        (["::ffff:10.1.2.3"], ["10.1.2.3/32"]),
        (["::ffff:10.0.0.0/104"], ["10.0.0.0/8"]),
        (["::ffff:0:0/95"], ["::fffe:0:0/95"]),  # more than the mapped addresses: it stays IPv6
        (["2001:DB8::1/32"], ["2001:db8::/32"]),
        (["10.0.0.0/8", "10.9.9.9/8"], ["10.0.0.0/8"]),
        (
            ["2001:db8::/32", "192.0.2.0/24", "10.0.0.0/9", "10.0.0.0/8"],
            ["10.0.0.0/8", "10.0.0.0/9", "192.0.2.0/24", "2001:db8::/32"],
        ),
    ],
)
def test_networks_have_one_form(texts: list[str], networks: list[str]) -> None:
    assert normalise(texts) == tuple(networks)


@pytest.mark.parametrize(
    "text", ["", "10.0.0.0/33", "10.0.0", "010.0.0.1", "fe80::1%eth0", "example.com", "10.0.0.1/\x1b[2J"]
)
def test_what_is_no_address_is_named(text: str) -> None:
    with pytest.raises(UsageError, match="allowed_ips") as caught:
        normalise(["10.0.0.0/8", text])
    assert "\x1b" not in str(caught.value)


@given(st.lists(st.ip_addresses()), st.randoms(use_true_random=False))
def test_the_form_is_stable_whatever_the_order(addresses: list[object], random: object) -> None:
    texts = [str(one) for one in addresses]
    networks = normalise(texts)
    assert normalise(networks) == networks
    assert normalise(texts[::-1] + texts) == networks
    assert all(str(ip_network(one)) == one for one in networks)


@pytest.mark.parametrize(
    ("texts", "kept"),
    [
        (["192.0.2.7", "10.0.0.0/8"], False),
        (["10.1.2.3/8"], True),
        (["10.0.0.0/8", "::ffff:192.0.2.7"], True),
        (["2001:DB8::/32"], True),
    ],
)
def test_the_operators_text_is_kept_where_it_says_something_else(texts: list[str], *, kept: bool) -> None:
    assert given_if_different(texts) == (tuple(texts) if kept else ())
