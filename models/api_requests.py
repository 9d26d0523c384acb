"""Requests that were fulfilled under a name of the sender's, so that one sent twice is fulfilled once.

Functions take a session and never commit.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.tables import ApiRequestRow

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fulfilled:
    """What a request asked for, as a keyed hash, and the enrolment that came of it."""

    content: str
    enrolment: int


def find_fulfilled(session: Session, api_key_id: int, name: str, *, now: datetime) -> Fulfilled | None:
    """The request of that name, if it was fulfilled within the last day."""
    named = select(ApiRequestRow).where(ApiRequestRow.api_key_id == api_key_id, ApiRequestRow.name == name)
    row = session.scalar(named.where(ApiRequestRow.at > now - KEPT))
    return None if row is None else Fulfilled(content=row.content, enrolment=row.enrolment)


def keep_fulfilled(session: Session, api_key_id: int, name: str, fulfilled: Fulfilled, *, now: datetime) -> None:
    """Note that a request was fulfilled."""
    forget_requests(session, now=now)  # an older one may have had the same name
    session.add(
        ApiRequestRow(
            api_key_id=api_key_id, name=name, content=fulfilled.content, enrolment=fulfilled.enrolment, at=now
        )
    )
    session.flush()


def forget_requests(session: Session, *, now: datetime) -> None:
    """Forget requests that are older than a day."""
    session.execute(delete(ApiRequestRow).where(ApiRequestRow.at <= now - KEPT))
