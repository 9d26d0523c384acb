"""Connections to where webhooks lead: a name is looked up once, what it stands for is checked, and that is dialled.

So a name that stands for something else a moment later gains nothing by it.
"""

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import ip_address
from typing import cast

import httpcore2

from scheduler.webhooks.destinations import Address, DestinationError, Network, check_address, unwrap


class CheckedNetwork(httpcore2.AsyncNetworkBackend):
    """Opens connections to checked addresses alone. Raises DestinationError for others.

    `local_only`: to this machine alone, as on a virtual clock.
    """

    def __init__(self, *, scheme: str, allowed: Iterable[Network], local_only: bool = False) -> None:
        self._scheme = scheme
        self._allowed = tuple(allowed)
        self._local_only = local_only
        self._network = cast(httpcore2.AsyncNetworkBackend, httpcore2.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A connection to the first of the host's addresses that answers; not one of them may be forbidden."""
        found = await _look_up(host, port)
        for one in found:
            self._check(ip_address(one))
        for last, one in enumerate(found, start=1 - len(found)):
            try:
                return await self._network.connect_tcp(
                    one, port, timeout=timeout, local_address=local_address, socket_options=socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if last == 0:
                    raise
        raise DestinationError(f"{host} stands for no address")

    def _check(self, address: Address) -> None:
        check_address(address, scheme=self._scheme, allowed=self._allowed)
        if self._local_only and not unwrap(address).is_loopback:
            raise DestinationError("this database has a virtual clock, so it tells nobody who is not on this machine")


async def _look_up(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise httpcore2.ConnectError(f"there is no host {host}") from None
    return list(dict.fromkeys(str(address[0]).partition("%")[0] for _, _, _, _, address in found))
