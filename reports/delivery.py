"""The report `delivery`: what became of all mails, what servers refused, and to whom nothing gets through."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.domain import MailState
from models.standings import count_mails
from models.tables import StandingRow
from reports.kept import work_out_stale
from reports.report import Cell, Chart, Column, Report, ReportContext, Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounces:
    """How often a mail was refused as it was handed over, for good (hard) or for now (soft).

    Refusals that come later, as reports by mail, are not received yet. Nor are complaints: there are always 0.
    """

    hard: int
    soft: int
    complaint: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """`mails`: all kinds, every state. `suppressed`: addresses of leaders in that status."""

    as_of: datetime
    mails: Mapping[MailState, int]
    bounces: Bounces
    suppressed: tuple[str, ...]


def read_delivery(session: Session, context: ReportContext) -> DeliveryReport:
    """The whole outbox, counted: what has ended, by the kept rows of its enrolments; what moves, by the outbox."""
    stale, fresh = work_out_stale(session, context)
    mails, refused = count_mails(session, stale)
    addresses = select(StandingRow.email).where(
        StandingRow.status == "suppressed", StandingRow.enrolment_id.not_in(stale)
    )
    suppressed = {row.email for row in fresh.values() if row.status == "suppressed"}.union(session.scalars(addresses))
    return DeliveryReport(
        as_of=context.now,
        mails=mails,
        bounces=Bounces(hard=refused["refused_hard"], soft=refused["refused_soft"]),
        suppressed=tuple(sorted(suppressed)),
    )


def lay_out_delivery(report: DeliveryReport) -> Sheet:
    """The states, then the refusals; whom nothing reaches stands below."""
    rows: tuple[tuple[Cell, ...], ...] = (
        *((f"mails {state.replace('_', ' ')}", count) for state, count in report.mails.items()),
        ("refusals for good (hard bounces)", report.bounces.hard),
        ("refusals for now (soft bounces)", report.bounces.soft),
        ("complaints", report.bounces.complaint),
    )
    return Sheet(
        title=f"Delivery on {report.as_of:%d %B %Y, %H:%M} UTC",
        columns=(Column("What"), Column("Number", numeric=True)),
        rows=rows,
        chart=Chart("bars", "What", ("Number",)),
        notes=tuple(f"{email}: nothing gets through, check the address" for email in report.suppressed),
    )


DELIVERY = Report(
    name="delivery",
    summary="What became of all mails, and to whom nothing gets through.",
    read=read_delivery,
    lay_out=lay_out_delivery,
)
