"""A name is looked up once for a connection, all that it stands for is checked, and the connection goes there."""

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any

import pytest

from scheduler.webhooks.connecting import CheckedNetwork
from scheduler.webhooks.destinations import DestinationError
from tests.hook_server import HookServer
from tests.integration.webhooks.stage import LOOPBACK


class Names:
    """Looks names up as told: each time the next answer, the last for good."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def getaddrinfo(self, host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        self.asked.append(host)
        found = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]


def connect(names: Names, *, port: int = 443, allowed: Any = (), scheme: str = "https") -> str:
    """The address that the connection went to."""

    async def dial() -> str:
        asyncio.get_running_loop().getaddrinfo = names.getaddrinfo  # type: ignore[method-assign]
        network = CheckedNetwork(scheme=scheme, allowed=allowed)
        stream = await network.connect_tcp("hooks.example.org", port, timeout=5)
        try:
            return str(stream.get_extra_info("server_addr")[0])
        finally:
            await stream.aclose()

    return asyncio.run(dial())


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1", "::ffff:10.0.0.5", "fe80::1%eth0", "0.0.0.1"]
)
def test_a_name_that_stands_for_an_address_inside_is_refused(address: str) -> None:
    with pytest.raises(DestinationError, match="private network"):
        connect(Names([address]))


def test_one_address_inside_among_public_ones_is_one_too_many() -> None:
    with pytest.raises(DestinationError, match="private network"):
        connect(Names(["93.184.215.14", "10.0.0.5"]))


def test_the_connection_goes_to_the_address_that_was_checked_and_the_name_is_not_asked_again() -> None:
    with HookServer() as server:
        port = int(server.url.partition("127.0.0.1:")[2].partition("/")[0])
        names = Names(["127.0.0.1"], ["10.0.0.5"])  # it stands for something else as soon as it was looked up

        assert connect(names, port=port, allowed=LOOPBACK, scheme="http") == "127.0.0.1"
        assert names.asked == ["hooks.example.org"]


def test_each_new_connection_is_checked_anew() -> None:
    with HookServer() as server:
        port = int(server.url.partition("127.0.0.1:")[2].partition("/")[0])
        names = Names(["127.0.0.1"], ["10.0.0.5"])
        connect(names, port=port, allowed=LOOPBACK, scheme="http")

        with pytest.raises(DestinationError):
            connect(names, port=port, allowed=LOOPBACK, scheme="http")


def test_in_the_clear_nothing_goes_to_a_private_network_that_was_named() -> None:
    with pytest.raises(DestinationError, match="https"):
        connect(Names(["10.0.0.5"]), allowed=[ip_network("10.0.0.0/8")], scheme="http")


def test_a_name_that_stands_for_nothing_is_said_to() -> None:
    with pytest.raises(DestinationError, match="stands for no address"):
        connect(Names([]))
