"""Notices: a choice is confirmed by mail, once, and not after it has been undone."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from models.choices import add_consent, choose_format, leave, pause, resume, return_
from models.database import Database
from models.domain import Notice
from models.notices import post_notice, read_notice, take_back_notices
from models.outbox import claim_due
from models.tables import MailRow
from tests.builders import build_entry
from tests.integration.store.rows import NOW, enrol, read_one

LEASE = timedelta(minutes=10)


def read_notices(database: Database) -> list[Notice | None]:
    """What waits in the outbox that is no nudge, oldest first."""
    with database.reading() as session:
        waiting = select(MailRow.notice).where(MailRow.kind != "nudge").order_by(MailRow.id)
        return [read_notice(kept) for kept in session.scalars(waiting)]


def test_a_pause_is_confirmed_to_the_leader_at_once(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        pause(session, enrolment_id, until=date(2027, 1, 29), now=NOW)

    assert read_notices(database) == [Notice(says="paused", values={"until": "2027-01-29"})]
    with database.sessions.begin() as session:
        (mail,) = claim_due(session, now=NOW, limit=5, lease=LEASE, token="a-claim")
    assert (mail.recipient, mail.notice) == (
        "sam.sample@example.org",
        Notice(says="paused", values={"until": "2027-01-29"}),
    )


def test_a_pause_without_an_end_says_no_date(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        pause(session, enrolment_id, now=NOW)

    assert read_notices(database) == [Notice(says="paused")]


def test_only_the_newest_pause_is_confirmed(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        pause(session, enrolment_id, now=NOW)
        pause(session, enrolment_id, until=date(2027, 1, 29), now=NOW)

    assert read_notices(database) == [Notice(says="paused", values={"until": "2027-01-29"})]


def test_what_was_undone_before_the_mail_left_is_not_confirmed(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        pause(session, enrolment_id, now=NOW)
        resume(session, enrolment_id, now=NOW)
        leave(session, enrolment_id, now=NOW)
        return_(session, enrolment_id, now=NOW)

    assert read_notices(database) == []


@pytest.mark.parametrize(("tracking", "says"), [(True, "consent_given"), (False, "consent_withdrawn")])
def test_the_newest_word_on_tracking_is_confirmed_with_its_local_date(
    database: Database, tracking: bool, says: str
) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        add_consent(session, enrolment_id, tracking=not tracking, how="page", now=NOW)
        add_consent(session, enrolment_id, tracking=tracking, how="page", now=NOW)

    (notice,) = read_notices(database)
    assert notice is not None
    assert (notice.says, notice.values) == (says, {"on": f"{NOW:%Y-%m-%d}"})


def test_leaving_is_confirmed_once(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    for _ in range(2):
        with database.sessions.begin() as session:
            leave(session, enrolment_id, now=NOW)

    assert read_notices(database) == [Notice(says="left")]


def test_a_notice_that_is_on_its_way_is_not_taken_back(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        post_notice(session, Notice(says="left"), recipient="sam@example.org", enrolment_id=enrolment_id, now=NOW)
        claim_due(session, now=NOW, limit=5, lease=LEASE, token="a-claim")
        assert take_back_notices(session, enrolment_id, "left") == 0

    assert read_notices(database) == [Notice(says="left")]


def test_the_form_of_mail_is_the_leaders_in_every_programme(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        choose_format(session, enrolment_id, plain=True, now=NOW)
    assert read_one(database, enrolment_id).leader.plain

    with database.sessions.begin() as session:
        choose_format(session, enrolment_id, plain=False, now=NOW)
    assert not read_one(database, enrolment_id).leader.plain
