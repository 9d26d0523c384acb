"""What others are told of is kept in the transaction in which it happens, once, and in its order."""

from collections.abc import Sequence
from importlib import import_module

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from models.database import Database
from models.domain import Event
from models.events import record_event
from models.happenings import Happening, is_settled, note_happenings
from models.outcomes import prove_accepted, record_in_doubt, record_permanent, record_sent
from models.roster import sync_roster
from models.tables import DeliveryRow, EnrolmentRow, HappeningRow, MailItemRow, MailRow
from tests.builders import at, build_entry
from tests.integration.sending.stages import NOW, bring_to
from tests.integration.store.rows import sync
from tests.integration.webhooks.stage import Stage, set_stage


def read_kinds(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(HappeningRow.kind).order_by(HappeningRow.id)))


def count_deliveries(database: Database) -> int:
    with database.reading() as session:
        return len(session.scalars(select(DeliveryRow.id)).all())


def test_a_mail_becomes_sent_and_others_are_told_in_one_transaction(database: Database) -> None:
    hook = Stage(database).add("https://hr.example.org/")
    with database.sessions.begin() as session:
        stage = bring_to(session, "sending")
    with database.sessions() as session, session.begin() as broken_off:
        assert record_sent(session, stage.mail, now=NOW, detail="250 ok")
        broken_off.rollback()
    assert (read_kinds(database), count_deliveries(database)) == ([], 0)

    with database.sessions.begin() as session:
        assert record_sent(session, stage.mail, now=NOW, detail="250 ok")
        assert not record_sent(session, stage.mail, now=NOW, detail="250 ok")
    with database.reading() as session:
        (happening,) = session.scalars(select(HappeningRow))
        (delivery,) = session.scalars(select(DeliveryRow))
    assert (happening.kind, happening.at, happening.enrolment_id) == ("sent", NOW, stage.enrolment.id)
    assert happening.mail == stage.mail.id
    assert (delivery.webhook_id, delivery.happening_id, delivery.state) == (hook.id, happening.id, "waiting")


def test_the_closing_summary_completes_the_programme(database: Database) -> None:
    with database.sessions.begin() as session:
        stage = bring_to(session, "sending")
        session.execute(update(MailItemRow).values(item="closing-summary"))
        record_sent(session, stage.mail, now=NOW, detail="250 ok")

    assert read_kinds(database) == ["sent", "completed"]


def test_a_mail_in_doubt_is_told_of_when_it_is_proved_and_not_before(database: Database) -> None:
    with database.sessions.begin() as session:
        stage = bring_to(session, "sending")
        record_in_doubt(session, stage.mail, now=NOW, detail="no answer")
    assert read_kinds(database) == []

    with database.sessions.begin() as session:
        assert prove_accepted(session, stage.mail.id, now=NOW)
        assert not prove_accepted(session, stage.mail.id, now=NOW)
    assert read_kinds(database) == ["sent"]


def test_a_mail_that_is_refused_for_good_is_told_of_once(database: Database) -> None:
    with database.sessions.begin() as session:
        stage = bring_to(session, "sending")
        assert record_permanent(session, stage.mail, now=NOW, detail="550 no such mailbox")
        assert not record_permanent(session, stage.mail, now=NOW, detail="550 no such mailbox")

    assert read_kinds(database) == ["bounced"]


def test_nobody_is_told_of_a_mail_that_is_no_nudge(database: Database) -> None:
    with database.sessions.begin() as session:
        stage = bring_to(session, "sending")
        session.execute(update(MailRow).values(kind="confirmation"))
        session.execute(update(MailRow).values(state="in_doubt"))
        record_in_doubt(session, stage.mail, now=NOW, detail="no answer")
        prove_accepted(session, stage.mail.id, now=NOW)

    assert read_kinds(database) == []


def test_a_sync_tells_of_those_who_are_new_and_of_nobody_a_second_time(database: Database) -> None:
    Stage(database).add("https://hr.example.org/", organisations=("Example Trust",))
    entries = (build_entry("ann@example.org"), build_entry("bob@example.org", organisation="Example Trust"))
    with database.sessions() as session, session.begin() as dry_run:
        sync_roster(session, entries, source="leaders.yaml", now=NOW)
        dry_run.rollback()
    assert read_kinds(database) == []

    sync(database, *entries)
    sync(database, *entries)
    sync(database, entries[0])  # Bob is held
    sync(database, *entries)

    assert read_kinds(database) == ["enrolled", "enrolled"]
    assert count_deliveries(database) == 1


def test_a_press_that_comes_twice_is_told_of_once(database: Database) -> None:
    stage = set_stage(database)
    with database.sessions.begin() as session:
        mail = MailRow(
            kind="nudge",
            enrolment_id=stage.enrolment,
            recipient="sam.sample@example.org",
            state="sent",
            slot=NOW,
            not_before=NOW,
            created_at=NOW,
        )
        session.add(mail)
        session.flush()
        press = Event(
            kind="answer", at=NOW, mail_id=mail.id, enrolment_id=stage.enrolment, method="POST", nonce="n", value={}
        )
        assert record_event(session, press)
        assert not record_event(session, press)

    assert read_kinds(database) == ["enrolled", "answered"]


def read_happenings(session: Session) -> list[tuple[object, ...]]:
    rows = session.scalars(select(HappeningRow).order_by(HappeningRow.id))
    return [(row.at, row.kind, row.enrolment_id, row.mail, row.event) for row in rows]


def test_a_database_from_before_has_all_its_happenings_in_their_order(database: Database) -> None:
    enrolled = at("2026-12-07 09:00")
    with database.sessions.begin() as session:
        sending = bring_to(session, "sending")
        own = sending.enrolment.id
        session.execute(update(MailItemRow).values(item="closing-summary"))
        session.execute(update(EnrolmentRow).values(created_at=enrolled))
        record_sent(session, sending.mail, now=at("2027-01-12 08:31"), detail="250 ok")
    Stage(database, own).answer()
    with database.sessions.begin() as session:
        noted = read_happenings(session)
        session.execute(delete(HappeningRow))
        session.execute(text(import_module("models.migrations.versions.0013_webhooks").UNTIL_NOW))
        session.expire_all()
        found = read_happenings(session)

    assert [kind for _, kind, *_ in noted] == ["sent", "completed", "answered"]
    assert found == [(enrolled, "enrolled", own, None, None), *noted]


def read_settled(database: Database) -> Sequence[int]:
    with database.reading() as session:
        return session.scalars(select(HappeningRow.id).where(is_settled(session)).order_by(HappeningRow.id)).all()


def test_nothing_is_shown_behind_a_happening_that_is_not_committed_yet(database: Database) -> None:
    stage = set_stage(database)
    with database.sessions.begin() as session:
        (own,) = session.scalars(select(EnrolmentRow.id))
    first = list(read_settled(database))
    with database.sessions.begin() as slow:
        note_happenings(slow, [Happening(kind="sent", at=at("2027-01-12 09:00"), enrolment_id=own)])
        if database.engine.dialect.name == "postgresql":  # on SQLite writers take turns
            stage.happen("answered")  # by another process, which is quicker
        assert list(read_settled(database)) == first
    if database.engine.dialect.name == "sqlite":
        stage.happen("answered")
    assert len(read_settled(database)) == len(first) + 2
