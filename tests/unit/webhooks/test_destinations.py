"""Where a webhook may lead: public https addresses, and private networks that were named."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.webhooks.destinations import DestinationError, check_address, check_url

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
PRIVATE = (ip_network("10.20.0.0/16"),)


@pytest.mark.parametrize(
    ("url", "host", "port", "authority", "target"),
    [
        ("https://hr.example.org", "hr.example.org", 443, "hr.example.org", "/"),
        ("https://hr.example.org:8443/in?a=b", "hr.example.org", 8443, "hr.example.org:8443", "/in?a=b"),
        ("https://[2606:4700::1]/x", "2606:4700::1", 443, "[2606:4700::1]", "/x"),
    ],
)
def test_an_address_is_taken_apart(url: str, host: str, port: int, authority: str, target: str) -> None:
    found = check_url(url)

    assert (found.host, found.port, found.authority, found.target) == (host, port, authority, target)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://hr.example.org/", "start with https://"),
        ("http://93.184.215.14/", "start with https://"),
        ("http://127.0.0.1/", "start with https://"),
        ("ftp://hr.example.org/", "start with https://"),
        ("//hr.example.org/", "start with https://"),
        ("https:///path", "name a host"),
        ("https://user:password@hr.example.org/", "no name or password"),
        ("https://user@hr.example.org/", "no name or password"),
        ("https://hr.example.org/#part", "leave that away"),
        ("https://hr.example.org/#", "leave that away"),
        ("https://hr.example.org:22/", "port 22"),
        ("https://hr.example.org:25/", "port 25"),
        ("https://hr.example.org:0/", "port 0"),
        ("https://hr.example.org:70000/", "none"),
        ("https://hr.example.org:x/", "none"),
        ("https://[::1/", "none"),
        ("https://hr.example.org\\@127.0.0.1/", "plain ASCII"),
        ("https://hr.example.org/a b", "plain ASCII"),
        ("https://hr.example.org/\r\nHost: x", "plain ASCII"),
        ("https://ünï.example.org/", "plain ASCII"),
        ("https://hr.example.org/" + "x" * 500, "at most 500"),
        ("https://127.0.0.1/", "private network"),
        ("https://10.20.1.2/", "private network"),
        ("https://169.254.169.254/latest/meta-data/", "private network"),
        ("https://168.63.129.16/", "private network"),
        ("https://[::1]/", "private network"),
        ("https://[::ffff:127.0.0.1]/", "private network"),
        ("https://[::ffff:a9fe:a9fe]/", "private network"),
        ("https://[64:ff9b::7f00:1]/", "private network"),
        ("https://[2002:7f00:1::]/", "private network"),
        ("https://[fd00::1]/", "private network"),
        ("https://[fe80::1]/", "private network"),
        ("https://0.0.0.0/", "private network"),
        ("https://100.64.0.1/", "private network"),
        ("https://224.0.0.1/", "private network"),
        ("", "start with https://"),
    ],
)
def test_an_address_that_leads_nowhere_good_is_refused_with_a_reason(url: str, says: str) -> None:
    with pytest.raises(DestinationError, match=says):
        check_url(url)


def test_a_private_network_that_was_named_may_be_told_over_https_alone() -> None:
    assert check_url("https://10.20.1.2/", allowed=PRIVATE).host == "10.20.1.2"
    with pytest.raises(DestinationError, match="https"):
        check_url("http://10.20.1.2/", allowed=PRIVATE)
    with pytest.raises(DestinationError, match="private network"):
        check_url("https://10.21.1.2/", allowed=PRIVATE)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/", "http://[::1]:8000/", "http://[::ffff:127.0.0.1]/"])
def test_this_machine_may_be_told_in_the_clear_where_it_was_named(url: str) -> None:
    assert check_url(url, allowed=LOOPBACK).scheme == "http"


@given(st.ip_addresses(v=4))
def test_no_way_of_writing_an_ipv4_address_gets_it_through(address: IPv4Address) -> None:
    ways = [address, ip_address(f"::ffff:{address}"), ip_address(int(ip_address("64:ff9b::")) + int(address))]

    assert len({is_allowed(way) for way in ways}) == 1
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        assert not is_allowed(address)


@given(st.ip_addresses(v=6))
def test_an_ipv6_address_is_public_only_where_public_ones_are(address: IPv6Address) -> None:
    if is_allowed(address) and address not in ip_network("64:ff9b::/96") and address.ipv4_mapped is None:
        assert int(address) >> 125 == 1
        assert address.sixtofour is None
        assert address.teredo is None


@given(st.text())
def test_any_text_is_taken_apart_or_refused(text: str) -> None:
    for url in (text, f"https://{text}"):
        try:
            found = check_url(url)
        except DestinationError:
            continue
        assert found.scheme in ("https", "http")
        assert "@" not in found.authority


def is_allowed(address: IPv4Address | IPv6Address) -> bool:
    try:
        check_address(address, scheme="https")
    except DestinationError:
        return False
    return True
