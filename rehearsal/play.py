"""A virtual clock, the real planner, composer, outbox, mailbox and web app, and readers who react to their mail."""

import heapq
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import httpx2
from fastapi import FastAPI

from rehearsal.clock import VirtualClock
from rehearsal.mailbox import ReceivedMail, read_mailbox
from rehearsal.readers import Browser, Deed, Reacting
from scheduler.tick import Installation, run_tick

SETTLING = timedelta(hours=6)  # presses of so long are taken together; the running service would tick in between


@dataclass(slots=True)
class Play:
    """One run of the days. `readers` by e-mail address, each at a network address of its own; without one, no mail of
    that address is ever opened."""

    installation: Installation
    app: FastAPI
    clock: VirtualClock
    mailbox: Path
    base: str  # the public address that links begin with
    readers: Mapping[str, Reacting]
    mails: list[ReceivedMail] = field(default_factory=list[ReceivedMail])
    _deeds: list[tuple[datetime, int, Deed, Browser]] = field(default_factory=list[tuple[datetime, int, Deed, Browser]])
    _order: Iterator[int] = field(default_factory=count)

    async def run(self, *, until: datetime, on_move: Callable[[datetime], None] = lambda _: None) -> None:
        """Plays until the instant, or until nothing more is to come."""
        async with AsyncExitStack() as stack:
            browsers = {
                reader: Browser(await stack.enter_async_context(self._connect(number)), self.clock)
                for number, reader in enumerate(self.readers)
            }
            due: datetime | None = self.clock()
            while due is not None and due <= until:
                self.clock.move_to(due)
                report = run_tick(self.installation, now=self.clock())
                if report.sent:
                    self._collect(browsers)
                next_due = max(report.next_due, self.clock() + timedelta(minutes=1)) if report.next_due else None
                pressed = await self._live_until(next_due or until)
                due = pressed + SETTLING if pressed else next_due
                due = min(due, next_due) if due and next_due else due
                on_move(self.clock())

    def _connect(self, number: int) -> httpx2.AsyncClient:
        """A client at an address of its own; of those that stand for no network (RFC 5737)."""
        transport = httpx2.ASGITransport(app=self.app, client=(f"192.0.2.{number % 255}", 40_000 + number))
        return httpx2.AsyncClient(transport=transport, base_url=self.base)

    def _collect(self, browsers: Mapping[str, Browser]) -> None:
        """Reads the new mails and lets their readers decide what to do about them."""
        for mail in read_mailbox(self.mailbox, known=[mail.file for mail in self.mails]):
            self.mails.append(mail)
            reader = self.readers.get(mail.recipient)
            for deed in reader.react(mail, base=self.base) if reader else ():
                heapq.heappush(self._deeds, (deed.at, next(self._order), deed, browsers[mail.recipient]))

    async def _live_until(self, instant: datetime) -> datetime | None:
        """Lets readers act up to the instant, or for a while after the first has; gives when that one did."""
        began: datetime | None = None
        while self._deeds:
            at, _, deed, browser = self._deeds[0]
            if at >= (min(instant, began + SETTLING) if began else instant):
                break
            heapq.heappop(self._deeds)
            began = began or at
            self.clock.move_to(at)
            await deed.do(browser)
        return began
