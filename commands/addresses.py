"""Whether the web addresses in the content still answer: each asked once, a few at a time, with little patience."""

import asyncio
import ssl
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx2

from config.load import Inspection
from config.problems import Problem
from config.reading.address_fields import is_web_address
from config.reading.passage import Passage, Position
from config.reading.wording import show

AT_ONCE = 8
STEP_SECONDS = 5.0  # to connect, and between two pieces of an answer
WHOLE_SECONDS = 15.0  # for one address with all it leads to
MOST_REDIRECTS = 5
GONE = (404, 410)
_HEADERS = {"User-Agent": "First100 link check", "Accept": "*/*"}

Fault = Literal["silent", "unreachable", "untrusted", "astray", "circling", "local"]
_FAULTS: Mapping[Fault, str] = {
    "silent": "gave no answer in time; open it yourself",
    "unreachable": "cannot be reached; open it yourself, and correct it",
    "untrusted": "shows a certificate that is not trusted; open it yourself",
    "astray": "leads to {target}, where no link may lead; find a better address",
    "circling": f"leads on more than {MOST_REDIRECTS} times; open it yourself, and write where it ends",
    "local": "is an address of this machine or its network, where no leader gets to; write a public one",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came of asking. `target` is where it ends; `status` is None where no server answered for that."""

    target: str
    status: int | None = None
    fault: Fault | None = None


def check_links(inspection: Inspection, *, local: bool = False) -> tuple[list[Problem], int]:
    """What is wrong with the addresses in all programmes, at each place, and how many addresses were asked.

    `local`: addresses of this machine may be asked, too; for tests.
    """
    places = list(_list_places(inspection))
    replies = asyncio.run(ask_all({address for address, _, _ in places}, local=local))
    asked = [reply for reply in replies.values() if reply.fault != "local"]
    if asked and all(reply.fault in ("silent", "unreachable") for reply in asked):
        words = f"not one of {len(asked)} addresses answered: is this machine offline? Nothing is known about them"
        return [Problem(path="links", line=0, column=0, message=words, severity="warning")], len(asked)
    problems = [
        problem
        for address, passage, position in places
        if (problem := _explain(address, replies[address], passage, position)) is not None
    ]
    return problems, len(asked)


def _list_places(inspection: Inspection) -> Iterator[tuple[str, Passage, Position]]:
    for read in inspection.programmes.values():
        for one in read.found:
            for link in one.links:
                yield urldefrag(link.address).url, one.passage, link.position


def _explain(address: str, reply: Reply, passage: Passage, position: Position) -> Problem | None:
    if reply.fault is not None:
        words = _FAULTS[reply.fault].format(target=show(reply.target))
        return passage.problem_at(position, f"{address} {words}", severity="warning")
    on = f", at {reply.target}" if reply.target != address else ""
    if reply.status in GONE:
        return passage.problem_at(position, f"{address} is gone ({reply.status}{on}); find where it went, or drop it")
    if reply.status is not None and reply.status >= 400:
        words = f"{address} answers {reply.status} to a program{on}; open it yourself"
        return passage.problem_at(position, words, severity="warning")
    if _is_elsewhere(address, reply.target):
        words = f"{address} leads on to {reply.target}; write that address, if it is what you mean"
        return passage.problem_at(position, words, severity="warning")
    return None


def _is_elsewhere(address: str, target: str) -> bool:
    """Whether it ends somewhere else; https for http, www and a slash at the end make no difference."""
    return _essence(address) != _essence(target)


def _essence(address: str) -> tuple[str, str, str]:
    parts = urlsplit(address)
    return (parts.netloc.lower().removeprefix("www."), parts.path.rstrip("/"), parts.query)


async def ask_all(
    addresses: Collection[str],
    *,
    local: bool = False,
    step_seconds: float = STEP_SECONDS,
    whole_seconds: float = WHOLE_SECONDS,
) -> dict[str, Reply]:
    """What each address answers."""
    places = asyncio.Semaphore(AT_ONCE)
    async with httpx2.AsyncClient(timeout=step_seconds, headers=_HEADERS, follow_redirects=False) as client:

        async def ask_one(address: str) -> Reply:
            async with places:
                try:
                    async with asyncio.timeout(whole_seconds):
                        return await _follow(client, address, local=local)
                except (TimeoutError, httpx2.TimeoutException):
                    return Reply(target=address, fault="silent")
                except (httpx2.TransportError, httpx2.InvalidURL, UnicodeError) as error:
                    return Reply(target=address, fault="untrusted" if _is_distrust(error) else "unreachable")

        ordered = sorted(addresses)
        return dict(zip(ordered, await asyncio.gather(*map(ask_one, ordered)), strict=True))


async def _follow(client: httpx2.AsyncClient, address: str, *, local: bool) -> Reply:
    if is_local(address) and not local:
        return Reply(target=address, fault="local")
    reply, target = Reply(target=address), address
    for _ in range(MOST_REDIRECTS + 1):
        if not is_web_address(target) or (is_local(target) and not local):
            return Reply(target=target, fault="astray")
        status, onward = await _ask(client, target)
        reply = replace(reply, target=target, status=status)
        if onward is None:
            return reply
        target = urldefrag(urljoin(target, onward)).url
    return Reply(target=target, fault="circling")


async def _ask(client: httpx2.AsyncClient, address: str) -> tuple[int, str | None]:
    """The status and where it sends us. HEAD comes first; many servers refuse it, so GET has the last word."""
    response = await client.head(address)
    if response.status_code >= 400:
        async with client.stream("GET", address) as response:
            pass  # the body is of no interest
    return response.status_code, response.headers.get("Location") if response.is_redirect else None


def _is_distrust(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def is_local(address: str) -> bool:
    """Whether the address names this machine or one of a private network; names are not looked up."""
    host = (urlsplit(address).hostname or "").rstrip(".")
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal", ".lan"))
