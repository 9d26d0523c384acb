"""A leader in a database, webhooks that are told of them, and a clock that a test moves."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from models.database import Database
from models.deliveries import Delivery, list_deliveries
from models.domain import Event
from models.events import record_event
from models.happenings import Happening, HappeningKind, note_happenings
from models.tables import WebhookRow
from models.webhooks import KINDS, Webhook, add_webhook, find_webhook
from scheduler.webhooks.courier import Courier
from scheduler.webhooks.posting import Outlet, trust
from scheduler.webhooks.signing import HookSecrets
from tests.builders import at, build_entry
from tests.integration.store.rows import enrol

SECRET = b"a secret for tests, and no other"
LOOPBACK = (ip_network("127.0.0.0/8"),)
SECRETS = HookSecrets([SECRET])


@dataclass
class Stage:
    """The tests' courier, and what it works on."""

    database: Database
    enrolment: int = 0
    now: datetime = field(default_factory=lambda: at("2027-01-12 09:00"))
    _tokens: Any = field(default_factory=count)

    def add(self, url: str, *, events: tuple[HappeningKind, ...] = KINDS, **options: Any) -> Webhook:
        with self.database.sessions.begin() as session:
            seal = SECRETS.seal(bytes([next(self._tokens)]) * 32)
            return add_webhook(session, url, events=events, seal=seal, now=self.now, **options)

    def happen(self, *kinds: HappeningKind, enrolment: int | None = None, **more: Any) -> None:
        with self.database.sessions.begin() as session:
            own = self.enrolment if enrolment is None else enrolment
            note_happenings(session, [Happening(kind=kind, at=self.now, enrolment_id=own, **more) for kind in kinds])

    def answer(self, word: str = "forgot") -> None:
        with self.database.sessions.begin() as session:
            record_event(
                session,
                Event(kind="answer", at=self.now, enrolment_id=self.enrolment, method="POST", value={"answer": word}),
            )

    def courier(self, *, ca: Path | None = None, seconds: float = 15.0, **options: Any) -> Courier:
        outlet = Outlet(trusted=trust(ca), allowed=LOOPBACK, answer_seconds=seconds, **options.pop("outlet", {}))
        courier = Courier(
            database=self.database,
            secrets=SECRETS,
            outlet=outlet,
            new_token=lambda: f"token-{next(self._tokens)}",
            clock=lambda: self.now,
        )
        return replace(courier, **options)

    def wait(self, **by: float) -> None:
        self.now += timedelta(**by)

    def wake(self) -> None:
        """Let no webhook rest any longer."""
        with self.database.sessions.begin() as session:
            session.execute(update(WebhookRow).values(rest_until=None))

    def webhook(self, number: int) -> Webhook:
        with self.database.reading() as session:
            return find_webhook(session, number)

    def rest_until(self, number: int) -> datetime | None:
        with self.database.reading() as session:
            return session.scalar(select(WebhookRow.rest_until).where(WebhookRow.id == number))

    def deliveries(self, number: int) -> list[Delivery]:
        """The oldest first."""
        with self.database.reading() as session:
            return list(reversed(list_deliveries(session, number, limit=100)))

    def states(self, number: int) -> list[str]:
        return [delivery.state for delivery in self.deliveries(number)]


def set_stage(database: Database, **leader: Any) -> Stage:
    """Sam Sample of Example Hospitals, enrolled before there was any webhook."""
    return Stage(database, enrol(database, build_entry(**leader)))
