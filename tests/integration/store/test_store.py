"""What is kept, read back as values."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date, time
from typing import Any

import pytest
from sqlalchemy import Engine, event

from models.choices import add_consent, choose_days, choose_pace, choose_send_at, leave, pause
from models.database import Database
from models.domain import Span, Tracking
from models.store import SentMailItem, get_state, read_enrolments, read_sent, set_state
from tests.builders import at, build_entry
from tests.integration.store.rows import NOW, PROGRAMME, add_mail, enrol, read_one, sync


@contextmanager
def counting(engine: Engine) -> Generator[list[str]]:
    """The SELECTs that run meanwhile."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_the_leaders_own_choices_win(database: Database) -> None:
    enrolment_id = enrol(database, build_entry(pace="full", working_days=(0, 1, 2), send_at=time(8, 30)))
    with database.sessions.begin() as session:
        choose_pace(session, enrolment_id, "light", now=NOW)
        choose_days(session, enrolment_id, {4, 3}, now=NOW)
        choose_send_at(session, enrolment_id, time(17, 5), now=NOW)

    enrolment = read_one(database, enrolment_id)

    assert enrolment.pace == "light"
    assert enrolment.leader.working_days == (3, 4)
    assert enrolment.leader.send_at == time(17, 5)


@pytest.mark.parametrize(
    ("setting", "words", "tracked"),
    [
        ("off", [True], False),
        ("on", [], True),
        ("on", [False], True),
        ("ask", [], False),
        ("ask", [True], True),
        ("ask", [True, False], False),
        ("ask", [True, False, True], True),
        ("ask", [False], False),
    ],
)
def test_tracking_follows_the_setting_and_the_newest_word(
    database: Database, setting: Tracking, words: list[bool], tracked: bool
) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        for word in words:
            add_consent(session, enrolment_id, tracking=word, how="page", now=NOW)

    assert read_one(database, enrolment_id, tracking=setting).leader.tracking is tracked


def test_nobody_is_tracked_in_a_programme_without_a_setting(database: Database) -> None:
    sync(database, build_entry())
    with database.reading() as session:
        (enrolment,) = read_enrolments(session, tracking={"another": "on"})

    assert enrolment.leader.tracking is False


def test_consent_is_the_leaders_own(database: Database) -> None:
    first, second = sync(database, build_entry("a@example.org"), build_entry("b@example.org"))
    with database.sessions.begin() as session:
        add_consent(session, first.enrolment_id, tracking=True, how="page", now=NOW)

    assert read_one(database, first.enrolment_id, tracking="ask").leader.tracking is True
    assert read_one(database, second.enrolment_id, tracking="ask").leader.tracking is False


def test_leaving_weighs_more_than_a_missing_row(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        leave(session, enrolment_id, now=NOW)
    sync(database)

    assert read_one(database, enrolment_id).stopped == "withdrawn"


def test_overlapping_pauses_are_read_as_one(database: Database) -> None:
    enrolment_id = enrol(database, build_entry(status="paused"), now=at("2027-02-01 09:00"))
    with database.sessions.begin() as session:
        pause(session, enrolment_id, until=date(2027, 2, 20), now=at("2027-02-10 09:00"))
    sync(database, build_entry(), now=at("2027-02-16 09:00"))

    assert read_one(database, enrolment_id).pauses == (Span(first=date(2027, 2, 1), last=date(2027, 2, 20)),)


def test_enrolments_come_in_the_order_of_their_ids(database: Database) -> None:
    ids = [change.enrolment_id for change in sync(database, *(build_entry(f"{n}@example.org") for n in "dbca"))]

    with database.reading() as session:
        assert [row.id for row in read_enrolments(session, tracking={})] == sorted(ids)
        assert [row.id for row in read_enrolments(session, tracking={}, ids=[ids[2], ids[0], 999])] == [ids[0], ids[2]]
        assert read_enrolments(session, tracking={}, ids=[]) == ()


def test_what_was_sent_is_read_with_its_items(database: Database) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        ended = {"ended_at": at("2027-01-11 08:31"), "tracked": True, "subject": "Hello"}
        second = add_mail(session, enrolment_id, state="in_doubt", ordinal=2, message=b"kept")
        first = add_mail(session, enrolment_id, state="sent", ordinal=1, items=["listen-first", "share-early"], **ended)

    with database.reading() as session:
        mails = read_sent(session, [enrolment_id])

    assert [(mail.id, mail.ordinal, mail.state) for mail in mails] == [(first, 1, "sent"), (second, 2, "in_doubt")]
    assert (mails[0].tracked, mails[0].subject, mails[0].day) == (True, "Hello", 0)
    assert (mails[0].slot, mails[0].local_date) == (at("2027-01-11 08:30"), date(2027, 1, 11))
    assert (mails[0].ended_at, mails[1].ended_at) == (at("2027-01-11 08:31"), None)
    assert mails[0].items == (
        SentMailItem(position=0, item="listen-first", kind="tip", placed="new", question="recall", late=False),
        SentMailItem(position=1, item="share-early", kind="tip", placed="new", question="recall", late=False),
    )
    assert mails[1].items == ()


@pytest.mark.parametrize(
    "state", ["planned", "claimed", "sending", "failed", "failed_after_doubt", "expired", "cancelled", "suppressed"]
)
def test_what_did_not_leave_was_not_sent(database: Database, state: str) -> None:
    enrolment_id = enrol(database, build_entry())
    with database.sessions.begin() as session:
        add_mail(session, enrolment_id, state=state)
        add_mail(session, enrolment_id, state="sent", kind="confirmation", ordinal=None)

    with database.reading() as session:
        assert read_sent(session, [enrolment_id]) == ()


def test_the_number_of_queries_does_not_grow(database: Database) -> None:
    def ask(ids: list[int]) -> int:
        with counting(database.engine) as statements, database.reading() as session:
            read_enrolments(session, tracking={PROGRAMME: "ask"}, ids=ids)
            read_sent(session, ids)
        return len(statements)

    ids = [change.enrolment_id for change in sync(database, *(build_entry(f"{n}@example.org") for n in range(30)))]
    with database.sessions.begin() as session:
        for enrolment_id in ids:
            add_mail(session, enrolment_id, state="sent", items=["a", "b"])
            add_consent(session, enrolment_id, tracking=True, how="page", now=NOW)

    assert ask(ids[:1]) == ask(ids) == ask([*ids, *range(1_000, 80_000)]) == 5


def test_a_fact_is_kept_until_it_is_replaced_or_forgotten(database: Database) -> None:
    with database.sessions.begin() as session:
        assert get_state(session, "last_tick_at") is None
        set_state(session, "last_tick_at", "one")
        set_state(session, "last_tick_at", "two")
        set_state(session, "virtual", "yes")
        set_state(session, "virtual", None)
        set_state(session, "virtual", None)

    with database.reading() as session:
        assert get_state(session, "last_tick_at") == "two"
        assert get_state(session, "virtual") is None
