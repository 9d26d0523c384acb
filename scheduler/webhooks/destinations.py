"""Where a webhook may lead: the form of its address, and which hosts may be spoken to.

Names are not looked up here. What one stands for is checked when a connection is made, and the connection goes to the
very address that was checked: see `connecting`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST_URL = 500
_LOWEST_PORT = 1024  # below lie the services of a machine; but for the web's own
_PUBLIC_IPV6 = IPv6Network("2000::/3")
_TUNNELS = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))  # 6to4 and Teredo hide another address
_TRANSLATED = IPv6Network("64:ff9b::/96")  # NAT64: an IPv4 address in the last 32 bits
_OF_CLOUDS = (IPv4Address("168.63.129.16"),)  # public by its number, and Azure's own by its use


class DestinationError(Exception):
    """Nothing may be sent there. The message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A webhook's address in its parts."""

    scheme: str
    host: str  # without brackets
    port: int
    authority: str  # as the Host header has it
    target: str  # path and query


def check_url(url: str, *, allowed: Iterable[Network] = ()) -> Destination:
    """The address taken apart. `allowed`: networks beside the public ones. Raises DestinationError."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or any(one in url for one in ' \\"<>^`{|}'):
        raise DestinationError(f"the address should be plain ASCII of at most {LONGEST_URL} characters, without blanks")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise DestinationError("the address has a host or port that is none") from None
    if parts.scheme not in ("https", "http") or not host:
        raise DestinationError("the address should start with https:// and name a host")
    if "@" in parts.netloc:
        raise DestinationError("no name or password may stand in the address; the signature says who we are")
    if parts.fragment or url.endswith("#"):
        raise DestinationError("the address ends at its #; leave that away")
    port = (443 if parts.scheme == "https" else 80) if port is None else port
    if port not in (443, 80) and port < _LOWEST_PORT:
        raise DestinationError(f"port {port} is none that a webhook listens on; use 443, or one from {_LOWEST_PORT} on")
    try:
        address = ip_address(host)
    except ValueError:
        if parts.scheme == "http" and host != "localhost":
            raise DestinationError("the address should start with https://; plain http shows everything") from None
    else:
        check_address(address, scheme=parts.scheme, allowed=allowed)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(scheme=parts.scheme, host=host, port=port, authority=parts.netloc, target=target)


def check_address(address: Address, *, scheme: str, allowed: Iterable[Network] = ()) -> None:
    """Raises DestinationError where nothing may be sent to that address.

    Plain http goes to this machine alone, and only where its network is among the allowed.
    """
    meant = unwrap(address)
    is_allowed = any(meant in network for network in allowed if network.version == meant.version)
    if scheme == "http" and not (is_allowed and meant.is_loopback):
        raise DestinationError("the address should start with https://; plain http shows everything")
    if not is_allowed and not _is_public(meant):
        raise DestinationError(
            f"{address} is an address of this machine or a private network; where that is meant, "
            "name the network in webhook_networks"
        )


def unwrap(address: Address) -> Address:
    """The IPv4 address that an IPv6 address only writes otherwise."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _TRANSLATED:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and (
        address not in _PUBLIC_IPV6 or any(address in tunnel for tunnel in _TUNNELS)
    ):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address in _OF_CLOUDS)


def read_networks(words: Iterable[str]) -> tuple[Network, ...]:
    """Networks as the setting writes them. Raises ValueError."""
    return tuple(ip_network(word) for word in words)
