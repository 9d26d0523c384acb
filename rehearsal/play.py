"""A virtual clock, the real planner, composer, outbox, mailbox and web app, and readers who react to their mail."""

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import httpx2
from fastapi import FastAPI

from rehearsal.clock import VirtualClock
from rehearsal.mailbox import ReceivedMail, read_mailbox
from rehearsal.readers import Browser, Deed, Reader
from scheduler.tick import Installation, run_tick

SETTLING = timedelta(hours=6)  # presses of so long are taken together; the running service would tick in between


@dataclass(slots=True)
class Play:
    """One run of the days. `readers` by address; addresses without one are never opened."""

    installation: Installation
    app: FastAPI
    clock: VirtualClock
    mailbox: Path
    base: str  # the public address that links begin with
    readers: Mapping[str, Reader]
    mails: list[ReceivedMail] = field(default_factory=list[ReceivedMail])
    _deeds: list[tuple[datetime, int, Deed]] = field(default_factory=list[tuple[datetime, int, Deed]])
    _order: Iterator[int] = field(default_factory=count)

    async def run(self, *, until: datetime, on_move: Callable[[datetime], None] = lambda _: None) -> None:
        """Plays until the instant, or until nothing more is to come."""
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.app), base_url=self.base) as client:
            browser = Browser(client, self.clock)
            due: datetime | None = self.clock()
            while due is not None and due <= until:
                self.clock.move_to(due)
                report = run_tick(self.installation, now=self.clock())
                if report.sent:
                    self._collect()
                next_due = max(report.next_due, self.clock() + timedelta(minutes=1)) if report.next_due else None
                pressed = await self._live_until(next_due or until, browser)
                due = pressed + SETTLING if pressed else next_due
                due = min(due, next_due) if due and next_due else due
                on_move(self.clock())

    def _collect(self) -> None:
        """Reads the new mails and lets their readers decide what to do about them."""
        for mail in read_mailbox(self.mailbox, known=[mail.file for mail in self.mails]):
            self.mails.append(mail)
            reader = self.readers.get(mail.recipient)
            for deed in reader.react(mail, base=self.base) if reader else ():
                heapq.heappush(self._deeds, (deed.at, next(self._order), deed))

    async def _live_until(self, instant: datetime, browser: Browser) -> datetime | None:
        """Lets readers act up to the instant, or for a while after the first has; gives when that one did."""
        began: datetime | None = None
        while self._deeds:
            at, _, deed = self._deeds[0]
            if at >= (min(instant, began + SETTLING) if began else instant):
                break
            heapq.heappop(self._deeds)
            began = began or at
            self.clock.move_to(at)
            await deed.do(browser)
        return began
