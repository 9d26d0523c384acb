"""Simulated readers: what they open, press and remember, known to nobody but themselves.

They see what a leader sees: the mail in the mailbox and the pages behind its links. Their memory is not the planner's
model: it fades exponentially, and each exposure that finds it alive makes it stronger.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from math import exp
from random import Random
from typing import Final, Protocol

import httpx2

from models.domain import Answer
from rehearsal.clock import VirtualClock
from rehearsal.mailbox import ReceivedMail
from rehearsal.pages import Page, read_page

PHONE: Final = {
    "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/19.1 Mobile/15E148 Safari/604.1"
}
FIRST_STRENGTH_DAYS: Final = 6.0
ANSWERS: Final[tuple[Answer, ...]] = ("using", "nearly", "forgot")
RECALLED: Final = (0.78, 0.16, 0.06)  # how often each is pressed by one who recalls
NOT_RECALLED: Final = (0.10, 0.30, 0.60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How somebody deals with our mail; probabilities, 0 to 1."""

    opens: float = 0.85
    answers: float = 0.6  # a question of an opened mail
    clicks: float = 0.6  # a resource of an opened mail
    checks_in: float = 0.8
    agrees: bool = False  # to tracking, when asked


NEVER_OPENS: Final = Habits(opens=0)


@dataclass(frozen=True, slots=True)
class Browser:
    """A phone, or what else it calls itself, on the product's web app, on a virtual clock."""

    client: httpx2.AsyncClient
    clock: VirtualClock
    headers: Mapping[str, str] = field(default_factory=lambda: PHONE)

    async def get(self, address: str) -> httpx2.Response:
        return await self.client.get(address, headers=self.headers)

    async def press(self, address: str, page: Page, name: str, value: str, *, after_seconds: float) -> None:
        """Looks at a page for a while, and presses the button if it is there."""
        form = page.form_with(name, value)
        if form is not None:
            self.clock.move_to(self.clock() + timedelta(seconds=after_seconds))
            await self.client.post(address, data=form.press(name, value), headers=self.headers)

    async def read(self, address: str) -> Page:
        return read_page((await self.get(address)).text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something a reader does, and when."""

    at: datetime
    do: Callable[[Browser], Coroutine[None, None, None]]


class Reacting(Protocol):
    def react(self, mail: ReceivedMail, *, base: str) -> list[Deed]:
        """What is done about a mail, in order of time."""
        ...


@dataclass(slots=True)
class Reader:
    """One simulated leader. `items` names the item that a question is about."""

    habits: Habits
    random: Random
    items: Mapping[str, str]
    strength_days: dict[str, float] = field(default_factory=dict[str, float])
    last_met: dict[str, datetime] = field(default_factory=dict[str, datetime])

    def react(self, mail: ReceivedMail, *, base: str) -> list[Deed]:
        """What this reader will do about a mail, in order of time."""
        if self.random.random() >= self.habits.opens:
            return []
        at = mail.sent_at + timedelta(minutes=12) + timedelta(hours=self.random.expovariate(1 / 8))
        pixels = mail.links("o", base=base)
        deeds = [Deed(at=at, do=partial(self._look, pixels))]
        for purpose, likelihood, act in (
            ("l", self.habits.clicks, self._follow),
            ("a", self.habits.answers, self._answer),
            ("c", self.habits.checks_in, self._check_in),
        ):
            for address in mail.links(purpose, base=base):
                at += timedelta(seconds=self.random.uniform(20, 120))
                if self.random.random() < likelihood:
                    deeds.append(Deed(at=at, do=partial(act, address)))
        if self.habits.agrees and "what we will send you" in mail.subject:
            deeds += [Deed(at=at, do=partial(self._agree, address)) for address in mail.links("p", base=base)[:1]]
        return deeds

    def recall(self, item: str, now: datetime) -> float:
        """The probability, 0 to 1, that the item comes to mind."""
        if item not in self.last_met:
            return 0.0
        return exp(-((now - self.last_met[item]) / timedelta(days=1)) / self.strength_days[item])

    def meet(self, item: str, now: datetime) -> None:
        """An exposure: worth more, the nearer the memory was to being lost without being so."""
        recall = self.recall(item, now)
        known = self.strength_days.get(item, FIRST_STRENGTH_DAYS)
        self.strength_days[item] = known * (1 + 1.5 * recall * (1 - recall) * 4) if item in self.last_met else known
        self.last_met[item] = now

    async def _look(self, pixels: tuple[str, ...], browser: Browser) -> None:
        for pixel in pixels:
            await browser.get(pixel)

    async def _follow(self, address: str, browser: Browser) -> None:
        await browser.get(address)

    async def _answer(self, address: str, browser: Browser) -> None:
        page = await browser.read(address)
        item = next((item for ask, item in self.items.items() if ask in page.words), "")
        now = browser.clock()
        recalled = self.random.random() < self.recall(item, now)
        (answer,) = self.random.choices(ANSWERS, RECALLED if recalled else NOT_RECALLED)
        self.meet(item, now)
        await browser.press(address, page, "answer", answer, after_seconds=self.random.uniform(6, 50))

    async def _check_in(self, address: str, browser: Browser) -> None:
        page = await browser.read(address)
        await browser.press(address, page, "done", "yes", after_seconds=self.random.uniform(30, 200))

    async def _agree(self, address: str, browser: Browser) -> None:
        page = await browser.read(address)
        await browser.press(address, page, "tracking", "on", after_seconds=self.random.uniform(5, 30))
