"""Who comes by the links of a mail: gateways and proxies, as others have seen them, and the person it is for.

Delays and shares are those of the project's sources: bursts begin a median 43 s after sending, two in three after 20 to
60 s, most others within five minutes. Addresses are of those that stand for no network (RFC 5737).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from html import unescape
from random import Random
from typing import Final

import httpx2
from fastapi import FastAPI

from rehearsal.clock import VirtualClock
from rehearsal.mailbox import ReceivedMail
from rehearsal.readers import Browser, Deed, Reader

AGENTS: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 "
    "Edg/141.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
    "Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0",
)
OUTLOOK: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 "
    "Edg/142.0.0.0 OneOutlook/1.2025.1022.100"
)
GMAIL: Final = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
GATEWAYS: Final = tuple(f"203.0.113.{number}" for number in range(1, 41))
APPLE, GOOGLE = "198.51.100.7", "198.51.100.8"


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request, and from where. `ahead`: it says that it only guesses what will be wanted."""

    at: datetime
    url: str
    origin: str
    agent: str
    method: str = "GET"
    ahead: bool = False


@dataclass
class Network:
    """The service as it is reached from any address. `visiting` while a machine is being answered."""

    app: FastAPI
    clock: VirtualClock
    base: str
    visiting: bool = False
    visits: int = 0
    statuses: set[int] = field(default_factory=set[int])
    _clients: dict[str, httpx2.AsyncClient] = field(default_factory=dict[str, httpx2.AsyncClient])

    def client(self, origin: str) -> httpx2.AsyncClient:
        if origin not in self._clients:
            transport = httpx2.ASGITransport(app=self.app, client=(origin, 50_000))
            self._clients[origin] = httpx2.AsyncClient(transport=transport, base_url=self.base)
        return self._clients[origin]

    async def answer(self, visit: Visit, _: Browser) -> None:
        headers = {"User-Agent": visit.agent, **({"Sec-Purpose": "prefetch"} if visit.ahead else {})}
        self.visiting = True
        answer = await self.client(visit.origin).request(visit.method, visit.url, headers=headers)
        self.visiting = False
        self.visits += 1
        self.statuses.add(answer.status_code)

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()


def find_links(mail: ReceivedMail, *, base: str) -> list[str]:
    """Every address of ours in a mail: its pictures, what nobody sees, and the header that unsubscribes."""
    headers = " ".join(value for _, value in mail.headers)
    found = re.findall(rf"{re.escape(base)}/[a-z]/[\w.-]+", "\n".join((unescape(mail.html), mail.text, headers)))
    return list(dict.fromkeys(found))


# ---------------------------------------------------------------- machines


def scan(mail: ReceivedMail, *, base: str, random: Random) -> Iterator[Visit]:
    """A gateway that follows every link, first with HEAD, under changing names, from a few addresses at once."""
    share = random.random()
    if share < 0.66:
        after = 20 + 40 * random.random() ** 2  # with all the others a median of 43 s
    elif share < 0.94:
        after = random.uniform(60, 300)
    else:
        after = random.uniform(300, 7200)
    origins = random.sample(GATEWAYS, 3)
    links = find_links(mail, base=base)
    if random.random() < 0.5:  # one that reads the plain text, or skips what is hidden
        links = [url for url in links if url not in mail.links("t", base=base)]
    random.shuffle(links)
    at = mail.sent_at + timedelta(seconds=after)
    for url in links:
        for method in ("HEAD", "GET"):
            yield Visit(at=at, url=url, origin=random.choice(origins), agent=random.choice(AGENTS), method=method)
            at += timedelta(seconds=random.uniform(0.02, 0.4))


def fetch_for_apple(mail: ReceivedMail, *, base: str, random: Random) -> Iterator[Visit]:
    """Apple's privacy proxy: every picture, whether anybody opens the mail or not, some time after it came."""
    at = mail.sent_at + timedelta(seconds=random.uniform(5, 4 * 3600))
    for url in mail.links("o", base=base):
        yield Visit(at=at, url=url, origin=APPLE, agent="Mozilla/5.0")


def guess(links: list[str], *, opened_at: datetime, origin: str, agent: str) -> Iterator[Visit]:
    """A mail program that fetches what its reader may want next, as the mail is opened."""
    for number, url in enumerate(links):
        at = opened_at + timedelta(seconds=0.5 + 0.1 * number)
        yield Visit(at=at, url=url, origin=origin, agent=agent, ahead=True)


# ---------------------------------------------------------------- a person behind them


@dataclass
class Recipient:
    """A person's mailbox: what the gateway before it does, what the mail program does, and the person.

    `apple`: pictures come through Apple's proxy alone; `gmail`: through Google's, when the mail is opened; `guesses`:
    the mail program fetches ahead.
    """

    network: Network
    reader: Reader
    random: Random
    origin: str
    apple: bool = False
    gmail: bool = False
    guesses: bool = False

    def react(self, mail: ReceivedMail, *, base: str) -> list[Deed]:
        machines = list(scan(mail, base=base, random=self.random))
        if self.apple:
            machines += fetch_for_apple(mail, base=base, random=self.random)
        own = self._hasten(self.reader.react(mail, base=base), mail)
        if own and (self.apple or self.gmail):  # the phone itself fetches no picture
            opened, *own = own
            if self.gmail:
                pixels = mail.links("o", base=base)
                machines += [Visit(at=opened.at, url=url, origin=GOOGLE, agent=GMAIL) for url in pixels]
        if own and self.guesses:
            seen = [url for purpose in "la" for url in mail.links(purpose, base=base)]
            machines += guess(seen, opened_at=own[0].at, origin=self.origin, agent=OUTLOOK)
        visits = [Deed(at=visit.at, do=partial(self.network.answer, visit)) for visit in machines]
        return [*visits, *(Deed(at=deed.at, do=partial(self._act, deed)) for deed in own)]

    def _hasten(self, deeds: list[Deed], mail: ReceivedMail) -> list[Deed]:
        """Of ten mails one is opened within its first minute, another some days later."""
        share = self.random.random()
        if not deeds or share > 0.2:
            return deeds
        first = self.random.uniform(12, 55) if share < 0.1 else self.random.uniform(1, 4) * 86_400
        shift = mail.sent_at + timedelta(seconds=first) - deeds[0].at
        return [replace(deed, at=deed.at + shift) for deed in deeds]

    async def _act(self, deed: Deed, _: Browser) -> None:
        agent = {"User-Agent": OUTLOOK} if self.guesses else {}
        own = Browser(self.network.client(self.origin), self.network.clock)
        await deed.do(replace(own, headers=agent) if agent else own)
