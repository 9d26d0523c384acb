"""Stand-ins at our own boundaries: a planner, a composer and transports that do what a test wants."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from emails.compose import Composed
from emails.envelope import Envelope, FailureKind, TransportError
from emails.problems import ComposeError
from models.domain import Enrolment, History, Notice, PlannedItem, PlannedNudge, Programme, RosterEntry
from scheduler.calendar import closed_because, day_number, first_sendable_date, slot_on
from scheduler.live_config import ConfigReading
from tests.builders import build_letter


def plan_daily(programme: Programme, enrolment: Enrolment, history: History, now: datetime) -> PlannedNudge | None:
    """A planner without caps: the next tip on the next working day that has no nudge yet."""
    taken = {nudge.local_date for nudge in history.nudges} | history.elsewhere
    day = max(first_sendable_date(enrolment.leader, now), enrolment.start_date)
    while day in taken or closed_because(enrolment.leader, day):
        day += timedelta(days=1)
    number = day_number(enrolment.start_date, enrolment.pauses, day)
    slot = slot_on(enrolment.leader, day)
    if number > programme.last_day or slot is None:
        return None
    return PlannedNudge(
        ordinal=history.next_ordinal,
        day=number,
        local_date=day,
        slot=slot,
        items=(PlannedItem(item=f"tip-{len(history.nudges) + 1}", kind="tip", placed="new", question="recall"),),
        why="The next working day.",
    )


class PlainComposer:
    """Composes a line of text that names mail and items; refuses the addresses it is told to."""

    def __init__(self, *, refused: Sequence[str] = ()) -> None:
        self.refused = set(refused)
        self.composed: list[int] = []

    def __call__(
        self,
        nudge: PlannedNudge,
        *,
        mail_id: int,
        enrolment: Enrolment,
        programme: Programme,
        history: History,
        now: datetime,
    ) -> Composed:
        if enrolment.leader.email in self.refused:
            raise ComposeError("the tip has no subject", "tips/listen-first.md")
        self.composed.append(mail_id)
        text = f"Mail {mail_id} for {enrolment.leader.email}: {', '.join(item.item for item in nudge.items)}"
        return Composed(
            subject=f"Nudge {nudge.ordinal}",
            message_id=f"<{mail_id}@example.org>",
            message=f"Message-ID: <{mail_id}@example.org>\r\n\r\n{text} ({now:%d %B})\r\n".encode(),
            text=text,
            html=text,
            letter=build_letter(f"Nudge {nudge.ordinal}"),
            envelope_sender="bounces@example.org",
        )


def compose_plain_notice(
    notice: Notice,
    *,
    recipient: str,
    mail_id: int,
    enrolment: Enrolment,
    programme: Programme,
    posted_at: datetime,
    now: datetime,
) -> Composed:
    """A line of text that names the notice."""
    text = f"Mail {mail_id} for {recipient}: {notice.says}"
    return Composed(
        subject=notice.says,
        message_id=f"<{mail_id}@example.org>",
        message=f"Message-ID: <{mail_id}@example.org>\r\n\r\n{text}\r\n".encode(),
        text=text,
        html=text,
        letter=build_letter(notice.says),
        envelope_sender="bounces@example.org",
    )


class RecordingTransport:
    """Accepts every mail and remembers it, except where a failure is waiting for the recipient."""

    def __init__(self, failures: Mapping[str, Sequence[FailureKind]] | None = None) -> None:
        self.accepted: list[Envelope] = []
        self.tried: list[str] = []
        self.on_deliver: Callable[[Envelope], Any] = lambda envelope: None
        self._failures = {recipient: list(kinds) for recipient, kinds in (failures or {}).items()}

    @property
    def recipients(self) -> list[str]:
        return [envelope.recipient for envelope in self.accepted]

    def deliver(self, envelope: Envelope) -> str:
        self.tried.append(envelope.recipient)
        self.on_deliver(envelope)
        waiting = self._failures.get(envelope.recipient)
        if waiting:
            kind = waiting.pop(0)
            raise TransportError(kind, f"the server was told to fail: {kind}")
        self.accepted.append(envelope)
        return f"250 queued as {len(self.accepted)}"

    def close(self) -> None: ...


class Tokens:
    """Claim tokens, each given once."""

    def __init__(self, name: str = "claim") -> None:
        self._name = name
        self._given = 0

    def __call__(self) -> str:
        self._given += 1
        return f"{self._name}-{self._given}"


class Stopwatch:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def read_as(
    *programmes: Programme,
    roster: Mapping[str, tuple[RosterEntry, ...]] | None = None,
    problems: tuple[str, ...] = (),
) -> Callable[[], ConfigReading]:
    """A config that reads the same every time, without any tracking."""
    reading = ConfigReading(
        programmes={programme.id: programme for programme in programmes},
        tracking={programme.id: "off" for programme in programmes},
        roster=roster or {},
        roster_digest=repr(roster),
        programme_digests={programme.id: repr(programme) for programme in programmes},
        problems=problems,
    )
    return lambda: reading
