"""What each change keeps, binds and takes back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.database import Database
from models.domain import Enrolment, Event
from models.events import record_event
from models.outbox import (
    cancel,
    claim_due,
    drop_outdated,
    drop_planned,
    drop_planned_of,
    expire_overdue,
    intend,
    is_day_taken,
    plan_nudges,
    postpone,
    release,
)
from models.outcomes import (
    prove_accepted,
    prove_by_events,
    record_in_doubt,
    record_not_composed,
    record_permanent,
    record_sent,
    record_temporary,
    release_expired_leases,
    resend_doubts,
)
from models.tables import MailItemRow, MailRow
from models.waiting import (
    read_idle_enrolments,
    read_next_due,
    read_overdue,
    read_refused_dates,
)
from tests.builders import at, build_enrolment, build_planned, keep_enrolment
from tests.integration.sending.stages import (
    LEASE,
    MESSAGE,
    NOW,
    bring_to,
    build_binding,
    claim_one,
    intend_one,
    plan_one,
    read_mail,
    read_outcomes,
    read_state,
)


def _mail(database: Database) -> MailRow:
    mail = read_mail(database)
    assert mail is not None
    return mail


def _doubt(session: Session) -> int:
    mail = intend_one(session)
    assert record_in_doubt(session, mail, now=NOW, detail="no answer")
    return mail.id


# ---------------------------------------------------------------- planning


def test_an_enrolment_has_one_open_nudge_at_most(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = plan_one(session)
        assert plan_nudges(session, [(enrolment, build_planned("2027-01-14 08:30", ordinal=2))], now=NOW) == 0
    assert _mail(database).slot == at("2027-01-12 08:30")


@pytest.mark.parametrize("state", ["claimed", "sending"])
def test_a_nudge_on_its_way_is_open_too(database: Database, state: str) -> None:
    with database.sessions.begin() as session:
        stage = bring_to(session, "claimed" if state == "claimed" else "sending")
        assert plan_nudges(session, [(stage.enrolment, build_planned(ordinal=2))], now=NOW) == 0


def test_a_number_that_went_out_is_never_given_twice(database: Database) -> None:
    with database.sessions.begin() as session:
        stage = bring_to(session, "sent")
        assert plan_nudges(session, [(stage.enrolment, build_planned(ordinal=1))], now=NOW) == 0
        assert plan_nudges(session, [(stage.enrolment, build_planned(ordinal=2))], now=NOW) == 1


def test_a_number_is_free_again_when_the_server_refused_the_mail(database: Database) -> None:
    with database.sessions.begin() as session:
        stage = bring_to(session, "failed")
        assert plan_nudges(session, [(stage.enrolment, build_planned(ordinal=1))], now=NOW) == 1


def test_a_planned_nudge_carries_the_plan(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
    mail = _mail(database)
    assert (mail.kind, mail.recipient, mail.ordinal) == ("nudge", "sam.sample@example.org", 1)
    assert (mail.local_date, mail.day, mail.why) == (date(2027, 1, 12), 1, "In its turn.")
    assert mail.not_before == mail.slot
    assert mail.message is None


def test_dropping_leaves_a_nudge_that_was_tried(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = plan_one(session)
        assert record_temporary(session, intend_one(session), now=NOW, detail="451")
        assert drop_planned(session, enrolment.id) is False
    assert read_state(database) == "planned"


def test_dropping_leaves_a_nudge_whose_composing_failed_so_that_its_attempts_stay(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = plan_one(session)
        assert record_not_composed(session, claim_one(session), now=NOW, detail="no subject")
        assert drop_planned(session, enrolment.id) is False
    assert read_outcomes(database) == ["not_composed"]


def test_dropping_a_programme_leaves_the_other_one(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        assert drop_planned_of(session, "another-programme") == 0
        assert drop_planned_of(session, "first-100-days") == 1


def _hear(session: Session, when: str, *, enrolment: Enrolment | None = None, mail_id: int | None = None) -> None:
    enrolment_id = None if enrolment is None else enrolment.id
    assert record_event(session, Event(at=at(when), kind="answer", enrolment_id=enrolment_id, mail_id=mail_id))


def test_a_plan_is_out_of_date_when_the_leader_was_heard_of_since(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = plan_one(session)  # planned at noon on the 11th
        _hear(session, "2027-01-11 11:59", enrolment=enrolment)
        assert drop_outdated(session) == 0
        _hear(session, "2027-01-11 12:01", enrolment=enrolment)
        assert drop_outdated(session) == 1


def test_a_hit_on_an_earlier_mail_puts_the_plan_out_of_date(database: Database) -> None:
    with database.sessions.begin() as session:
        stage = bring_to(session, "sent")
        plan_one(session, key="another@example.org", slot="2027-01-14 08:30")
        assert plan_nudges(session, [(stage.enrolment, build_planned("2027-01-14 08:30", ordinal=2))], now=NOW) == 1
        _hear(session, "2027-01-12 09:00", mail_id=stage.mail.id)
        assert drop_outdated(session) == 1
        assert session.scalars(select(MailRow.id).where(MailRow.state == "planned")).one()


# ---------------------------------------------------------------- claiming


def test_only_what_is_due_is_claimed_and_the_longest_waiting_first(database: Database) -> None:
    with database.sessions.begin() as session:
        for key, slot in (("c", "08:31"), ("a", "08:29"), ("d", "08:32"), ("b", "08:30")):
            plan_one(session, key=f"{key}@example.org", slot=f"2027-01-12 {slot}")
        claimed = claim_due(session, now=NOW, limit=10, lease=LEASE, token="t")
    assert [mail.recipient[0] for mail in claimed] == ["a", "b", "c"]


def test_a_claim_takes_no_more_than_its_limit(database: Database) -> None:
    with database.sessions.begin() as session:
        for number in range(3):
            plan_one(session, key=f"{number}@example.org")
        assert len(claim_due(session, now=NOW, limit=2, lease=LEASE, token="t")) == 2
        assert len(claim_due(session, now=NOW, limit=2, lease=LEASE, token="u")) == 1


def test_a_released_mail_is_as_it_was(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        assert release(session, claim_one(session))
    mail = _mail(database)
    assert (mail.state, mail.token, mail.lease_until, mail.tries) == ("planned", None, None, 0)
    assert mail.not_before == at("2027-01-12 08:30")


def test_a_postponed_nudge_takes_on_the_new_plan(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        new = build_planned("2027-01-14 08:30", why="A holiday came up.")
        assert postpone(session, claim_one(session), new)
    mail = _mail(database)
    assert (mail.slot, mail.not_before) == (new.slot, new.slot)
    assert (mail.local_date, mail.day, mail.why) == (date(2027, 1, 14), 3, "A holiday came up.")


def test_a_postponed_mail_with_bytes_keeps_them_and_its_slot(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        assert record_temporary(session, intend_one(session), now=NOW, detail="451")
        again = claim_one(session, by="u", now=at("2027-01-12 09:00"))
        assert postpone(session, again, build_planned("2027-01-13 08:30"))
    mail = _mail(database)
    assert (mail.slot, mail.not_before) == (at("2027-01-12 08:30"), at("2027-01-13 08:30"))
    assert mail.message == MESSAGE


def test_a_cancelled_nudge_that_was_tried_stays_on_record(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        assert record_temporary(session, intend_one(session), now=NOW, detail="451")
        again = claim_one(session, by="u", now=at("2027-01-12 09:00"))
        assert cancel(session, again, now=NOW, why="the leader left")
    mail = _mail(database)
    assert (mail.state, mail.why, mail.message, mail.ordinal) == ("cancelled", "the leader left", None, None)


# ---------------------------------------------------------------- intent


def test_the_first_intent_binds_everything(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        intend_one(session)
    mail = _mail(database)
    assert (mail.state, mail.subject, mail.message_id) == ("sending", "One", "<1@example.org>")
    assert (mail.message, mail.envelope_sender, mail.tries) == (MESSAGE, "bounces@example.org", 1)
    with database.reading() as session:
        (item,) = session.scalars(select(MailItemRow))
        assert (item.position, item.item, item.kind, item.placed) == (0, "listen-first", "tip", "new")
        assert (item.question, item.late) == ("recall", False)


def test_an_intent_after_the_lease_ran_out_does_not_happen(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        mail = claim_one(session)
        nudge = build_planned()
        late = NOW + LEASE
        assert not intend(session, mail, now=late, lease=LEASE, nudge=nudge, binding=build_binding(nudge))
        just = late - timedelta(microseconds=1)
        assert intend(session, mail, now=just, lease=LEASE, nudge=nudge, binding=build_binding(nudge))
    assert _mail(database).lease_until == late - timedelta(microseconds=1) + LEASE


def test_a_second_intent_sends_the_bytes_of_the_first(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        assert record_temporary(session, intend_one(session), now=NOW, detail="451")
        later = at("2027-01-12 09:00")
        again = claim_one(session, by="u", now=later)
        assert (again.message, again.envelope_sender, again.tries) == (MESSAGE, "bounces@example.org", 1)
        nudge = build_planned()
        other = build_binding(nudge, message=b"something else")
        assert not intend(session, again, now=later, lease=LEASE, nudge=nudge, binding=other)
        assert intend(session, again, now=later, lease=LEASE, nudge=nudge)
    mail = _mail(database)
    assert (mail.message, mail.message_id, mail.tries) == (MESSAGE, "<1@example.org>", 2)


def test_a_mail_without_bytes_is_not_sent(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        assert not intend(session, claim_one(session), now=NOW, lease=LEASE)


def test_a_mail_that_leaves_a_day_later_has_that_date(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        assert record_temporary(session, intend_one(session), now=NOW, detail="451")
        later = at("2027-01-13 08:31")
        nudge = build_planned("2027-01-13 08:30")
        assert intend(session, claim_one(session, by="u", now=later), now=later, lease=LEASE, nudge=nudge)
    mail = _mail(database)
    assert (mail.local_date, mail.day, mail.slot) == (date(2027, 1, 13), 2, at("2027-01-12 08:30"))


@pytest.mark.parametrize(("state", "taken"), [("sent", True), ("in_doubt", True), ("sending", True), ("failed", False)])
def test_a_leaders_day_is_taken_by_a_nudge_of_another_programme(database: Database, state: str, taken: bool) -> None:
    with database.sessions.begin() as session:
        bring_to(session, "sent")
        session.execute(update(MailRow).values(state=state))
        other = keep_enrolment(session, build_enrolment(programme="another-programme"))
        assert plan_nudges(session, [(other, build_planned("2027-01-12 08:31"))], now=NOW) == 1
        mail = claim_one(session, by="u")
        assert is_day_taken(session, mail, date(2027, 1, 12)) is taken
        assert is_day_taken(session, mail, date(2027, 1, 13)) is False


def test_another_leaders_nudge_takes_no_day(database: Database) -> None:
    with database.sessions.begin() as session:
        bring_to(session, "sent")
        plan_one(session, key="another@example.org")
        assert is_day_taken(session, claim_one(session, by="u"), date(2027, 1, 12)) is False


# ---------------------------------------------------------------- what came of it


def test_the_bytes_go_when_a_mail_is_sent(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        assert record_sent(session, intend_one(session), now=NOW, detail="250 queued as 7")
    mail = _mail(database)
    assert (mail.state, mail.message, mail.message_id, mail.ended_at) == ("sent", None, "<1@example.org>", NOW)
    assert read_outcomes(database) == ["sent"]


def test_tries_come_after_1_5_15_60_and_240_minutes_with_the_same_bytes(database: Database) -> None:
    waits: list[float] = []
    now = NOW
    with database.sessions.begin() as session:
        plan_one(session, slot="2027-01-12 08:30")
        for number in range(6):
            mail = intend_one(session, by=f"t{number}", now=now)
            assert record_temporary(session, mail, now=now, detail="451 later")
            due = read_next_due(session)
            assert due is not None
            waits.append((due - now) / timedelta(minutes=1))
            assert claim_due(session, now=due - timedelta(seconds=1), limit=1, lease=LEASE, token="early") == ()
            now = due
    assert waits == [1, 5, 15, 60, 240, 240]
    assert _mail(database).message == MESSAGE
    assert read_outcomes(database) == ["temporary"] * 6


def test_a_mail_in_doubt_keeps_its_bytes_and_frees_the_enrolment(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = plan_one(session)
        _doubt(session)
        assert plan_nudges(session, [(enrolment, build_planned("2027-01-14 08:30", ordinal=2))], now=NOW) == 1
        doubted = session.scalars(select(MailRow).where(MailRow.state == "in_doubt")).one()
        assert (doubted.message, doubted.ordinal, doubted.ended_at) == (MESSAGE, 1, NOW)


def test_a_lease_lost_in_mid_sending_dates_the_doubt_from_the_intent(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        intend_one(session)
        release_expired_leases(session, now=at("2027-01-14 10:00"), lease=LEASE)
    mail = _mail(database)
    assert (mail.state, mail.ended_at) == ("in_doubt", NOW)


def test_a_lease_that_still_holds_is_left_alone(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        claim_one(session)
        plan_one(session, key="another@example.org")
        intend_one(session)
        returned = release_expired_leases(session, now=NOW + LEASE - timedelta(seconds=1), lease=LEASE)
        assert (returned.planned, returned.in_doubt) == (0, 0)
        returned = release_expired_leases(session, now=NOW + LEASE, lease=LEASE)
        assert (returned.planned, returned.in_doubt) == (1, 1)


# ---------------------------------------------------------------- doubts


def test_evidence_makes_a_doubt_count_as_sent_from_when_it_arose(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        mail_id = _doubt(session)
        assert prove_accepted(session, mail_id, now=at("2027-01-13 10:00"))
        assert not prove_accepted(session, mail_id, now=at("2027-01-13 10:00"))
    mail = _mail(database)
    assert (mail.state, mail.message, mail.ended_at) == ("sent", None, NOW)


def test_a_hit_that_came_before_the_doubt_was_found_is_evidence_too(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        mail = intend_one(session)
        _hear(session, "2027-01-12 08:32", mail_id=mail.id)
        release_expired_leases(session, now=at("2027-01-12 09:00"), lease=LEASE)
        assert prove_by_events(session, now=at("2027-01-12 09:00")) == 1
    assert read_state(database) == "sent"


def test_a_doubt_without_any_hit_stays(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        _doubt(session)
        assert prove_by_events(session, now=NOW) == 0
    assert read_state(database) == "in_doubt"


def test_a_doubt_is_resent_once_with_the_same_bytes_and_closed_the_second_time(database: Database) -> None:
    patience = timedelta(minutes=15)
    with database.sessions.begin() as session:
        plan_one(session)
        _doubt(session)
        assert resend_doubts(session, now=NOW + timedelta(minutes=14), patience=patience) == 0
        later = NOW + patience
        assert resend_doubts(session, now=later, patience=patience) == 1
        again = intend_one(session, by="u", now=later)
        assert again.message == MESSAGE
        assert record_in_doubt(session, again, now=later, detail="no answer")
        assert resend_doubts(session, now=later + patience, patience=patience) == 0
    mail = _mail(database)
    assert (mail.state, mail.message, mail.ordinal) == ("failed_after_doubt", None, 1)
    assert read_outcomes(database) == ["in_doubt", "in_doubt"]


def test_a_resend_takes_the_place_of_a_planned_nudge(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = plan_one(session)
        _doubt(session)
        assert plan_nudges(session, [(enrolment, build_planned("2027-01-14 08:30", ordinal=2))], now=NOW) == 1
        assert resend_doubts(session, now=NOW, patience=timedelta()) == 1
        assert session.scalars(select(MailRow.id).where(MailRow.state == "planned")).one()
    assert _mail(database).message == MESSAGE


def test_a_resend_waits_for_a_nudge_that_is_on_its_way(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = plan_one(session)
        _doubt(session)
        assert plan_nudges(session, [(enrolment, build_planned("2027-01-12 08:30", ordinal=2))], now=NOW) == 1
        mail = claim_one(session, by="u")
        assert resend_doubts(session, now=NOW, patience=timedelta()) == 0
        assert cancel(session, mail, now=NOW, why="left")
        assert resend_doubts(session, now=NOW, patience=timedelta()) == 1


def test_evidence_stops_a_resend_that_is_planned_or_claimed(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        mail_id = _doubt(session)
        assert resend_doubts(session, now=NOW, patience=timedelta()) == 1
        again = claim_one(session, by="u")
        assert prove_accepted(session, mail_id, now=NOW)
        assert not intend(session, again, now=NOW, lease=LEASE, nudge=build_planned())
    assert read_state(database) == "sent"


def test_a_mail_once_in_doubt_never_ends_as_if_it_had_not_been_sent(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        _doubt(session)
        assert resend_doubts(session, now=NOW, patience=timedelta()) == 1
        assert record_permanent(session, intend_one(session, by="u"), now=NOW, detail="550")
    mail = _mail(database)
    assert (mail.state, mail.ordinal) == ("failed_after_doubt", 1)


# ---------------------------------------------------------------- reading


def test_the_next_due_is_the_earliest_planned(database: Database) -> None:
    with database.sessions.begin() as session:
        assert read_next_due(session) is None
        plan_one(session, key="b@example.org", slot="2027-01-14 08:30")
        plan_one(session, key="a@example.org", slot="2027-01-13 08:30")
        assert read_next_due(session) == at("2027-01-13 08:30")


def test_an_enrolment_without_an_open_nudge_is_idle(database: Database) -> None:
    with database.sessions.begin() as session:
        idle = keep_enrolment(session, build_enrolment())
        plan_one(session, key="another@example.org")
        assert read_idle_enrolments(session) == (idle.id,)


def test_a_refused_nudge_takes_its_date(database: Database) -> None:
    with database.sessions.begin() as session:
        stage = bring_to(session, "failed")
        other = plan_one(session, key="another@example.org")
        ids = [stage.enrolment.id, other.id]
        assert read_refused_dates(session, ids) == {stage.enrolment.id: frozenset({date(2027, 1, 12)})}


def test_an_expired_nudge_says_why_and_gives_its_number_back(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        (overdue,) = read_overdue(session, before=at("2027-01-20 08:30"))
        assert expire_overdue(session, overdue, now=at("2027-01-20 08:30"), why="more than two working days late")
    mail = _mail(database)
    assert (mail.state, mail.why, mail.ordinal) == ("expired", "more than two working days late", None)


def test_a_nudge_that_was_moved_meanwhile_does_not_expire(database: Database) -> None:
    with database.sessions.begin() as session:
        plan_one(session)
        (overdue,) = read_overdue(session, before=at("2027-01-20 08:30"))
        assert postpone(session, claim_one(session), build_planned("2027-01-20 08:30"))
        assert not expire_overdue(session, overdue, now=at("2027-01-20 08:30"), why="late")
    assert read_state(database) == "planned"
