"""Mails on their way out: one at a time, each on its own, never twice."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select, update

from emails.envelope import Envelope
from models.database import Database
from models.domain import Enrolment, History, Notice, PlannedNudge, Programme
from models.notices import post_notice
from models.outbox import plan_nudges
from models.outcomes import release_expired_leases
from models.tables import AttemptRow, EnrolmentRow, MailRow
from scheduler.dispatch import Dispatch, send_due
from tests.builders import at, build_enrolment, build_leader, build_planned, build_programme, keep_enrolment
from tests.fakes import PlainComposer, RecordingTransport, Stopwatch, Tokens, compose_plain_notice, plan_daily
from tests.integration.sending.stages import read_mail, read_outcomes, read_state

NOW = at("2027-01-12 08:31")
PROGRAMME = build_programme()


def build_dispatch(database: Database, transport: RecordingTransport, **fields: object) -> Dispatch:
    dispatch = Dispatch(
        database=database,
        programmes={PROGRAMME.id: PROGRAMME},
        tracking={PROGRAMME.id: "off"},
        plan=plan_daily,
        compose=PlainComposer(),
        compose_notice=compose_plain_notice,
        transport=transport,
        new_token=Tokens(),
        clock=lambda: NOW,
    )
    return replace(dispatch, **fields)


def plan_for(database: Database, *names: str, slot: str = "2027-01-12 08:30") -> list[Enrolment]:
    """Leaders of these names, each with a nudge planned for the slot."""
    with database.sessions.begin() as session:
        enrolments = [
            keep_enrolment(session, build_enrolment(leader=build_leader(key=name, email=f"{name}@example.org")))
            for name in names
        ]
        for enrolment in enrolments:
            assert plan_nudges(session, [(enrolment, build_planned(slot))], now=at("2027-01-11 12:00")) == 1
    return enrolments


def read_states(database: Database) -> dict[str, str]:
    """The state of each mail by the name of its recipient."""
    with database.reading() as session:
        found = session.execute(select(MailRow.recipient, MailRow.state))
        return {recipient.partition("@")[0]: state for recipient, state in found}


# ---------------------------------------------------------------- one after the other


def test_what_is_due_is_sent_and_the_rest_waits(database: Database) -> None:
    plan_for(database, "ann", "bob")
    plan_for(database, "eve", slot="2027-01-13 08:30")
    transport = RecordingTransport()
    assert send_due(build_dispatch(database, transport)) == Counter({"sent": 2})
    assert transport.recipients == ["ann@example.org", "bob@example.org"]
    assert read_states(database) == {"ann": "sent", "bob": "sent", "eve": "planned"}


def test_a_notice_leaves_at_once_and_to_whom_it_names(database: Database) -> None:
    (enrolment,) = plan_for(database, "ann", slot="2027-01-13 08:30")
    with database.sessions.begin() as session:
        notice = Notice(says="paused")
        post_notice(session, notice, recipient="hr@example.org", enrolment_id=enrolment.id, now=NOW)
    transport = RecordingTransport()
    assert send_due(build_dispatch(database, transport)) == Counter({"sent": 1})
    assert transport.recipients == ["hr@example.org"]
    assert b"Mail 2 for hr@example.org: paused" in transport.accepted[0].message
    assert read_states(database) == {"ann": "planned", "hr": "sent"}


def test_a_notice_put_off_by_the_server_is_sent_again_with_the_same_bytes(database: Database) -> None:
    (enrolment,) = plan_for(database, "ann", slot="2027-01-13 08:30")
    with database.sessions.begin() as session:
        post_notice(session, Notice(says="left"), recipient="ann@example.org", enrolment_id=enrolment.id, now=NOW)
    transport = RecordingTransport({"ann@example.org": ["temporary"]})
    assert send_due(build_dispatch(database, transport)) == Counter({"temporary": 1})
    later = NOW + timedelta(minutes=5)
    broken = build_dispatch(database, transport, clock=lambda: later, compose_notice=None)
    assert send_due(broken) == Counter({"sent": 1})


def test_a_notice_of_a_programme_that_is_gone_is_given_up(database: Database) -> None:
    (enrolment,) = plan_for(database, "ann", slot="2027-01-13 08:30")
    with database.sessions.begin() as session:
        post_notice(session, Notice(says="left"), recipient="ann@example.org", enrolment_id=enrolment.id, now=NOW)
    assert send_due(build_dispatch(database, RecordingTransport(), programmes={})) == Counter({"cancelled": 1})


def test_more_than_one_batch_is_sent_in_one_go(database: Database) -> None:
    plan_for(database, *(f"leader-{number:03}" for number in range(120)))
    transport = RecordingTransport()
    batches: list[int] = []
    outcomes = send_due(build_dispatch(database, transport), after_batch=lambda: batches.append(len(transport.tried)))
    assert outcomes == Counter({"sent": 120})
    assert batches == [50, 100, 120]


def test_a_mail_that_cannot_be_composed_is_put_off_and_the_others_leave(database: Database) -> None:
    plan_for(database, "ann", "bob", "eve")
    transport = RecordingTransport()
    compose = PlainComposer(refused=["bob@example.org"])
    outcomes = send_due(build_dispatch(database, transport, compose=compose))
    assert outcomes == Counter({"sent": 2, "not_composed": 1})
    assert read_states(database) == {"ann": "sent", "bob": "planned", "eve": "sent"}
    with database.reading() as session:
        attempt = session.scalars(select(AttemptRow).where(AttemptRow.outcome == "not_composed")).one()
        assert "the tip has no subject" in attempt.detail
    assert send_due(build_dispatch(database, transport, compose=compose)) == Counter()


def test_a_mail_whose_composing_failed_leaves_once_the_content_is_mended(database: Database) -> None:
    plan_for(database, "bob")
    transport = RecordingTransport()
    send_due(build_dispatch(database, transport, compose=PlainComposer(refused=["bob@example.org"])))
    later = build_dispatch(database, transport, clock=lambda: NOW + timedelta(minutes=1))
    assert send_due(later) == Counter({"sent": 1})


def test_each_failure_has_its_own_end(database: Database) -> None:
    plan_for(database, "ann", "bob", "eve", "joe")
    transport = RecordingTransport(
        {"ann@example.org": ("temporary",), "bob@example.org": ("permanent",), "eve@example.org": ("in_doubt",)}
    )
    outcomes = send_due(build_dispatch(database, transport))
    assert outcomes == Counter({"temporary": 1, "permanent": 1, "in_doubt": 1, "sent": 1})
    assert read_states(database) == {"ann": "planned", "bob": "failed", "eve": "in_doubt", "joe": "sent"}
    assert sorted(read_outcomes(database)) == ["in_doubt", "permanent", "sent", "temporary"]


def test_a_second_attempt_sends_the_same_bytes_and_composes_nothing(database: Database) -> None:
    plan_for(database, "ann")
    transport = RecordingTransport({"ann@example.org": ["temporary"]})
    seen: list[Envelope] = []
    transport.on_deliver = seen.append
    compose = PlainComposer()
    send_due(build_dispatch(database, transport, compose=compose))
    send_due(build_dispatch(database, transport, compose=compose, clock=lambda: NOW + timedelta(minutes=1)))
    first, second = seen
    assert first == second
    assert first.sender == "bounces@example.org"
    assert len(compose.composed) == 1
    assert read_state(database) == "sent"


def test_when_the_server_refuses_five_in_a_row_the_rest_waits_for_the_next_tick(database: Database) -> None:
    names = [f"leader-{number}" for number in range(8)]
    plan_for(database, *names)
    transport = RecordingTransport({f"{name}@example.org": ["temporary"] for name in names})
    assert send_due(build_dispatch(database, transport)) == Counter({"temporary": 5})
    assert len(transport.tried) == 5
    with database.reading() as session:
        waiting = session.scalars(select(MailRow).where(MailRow.tries == 0)).all()
        assert [(mail.state, mail.token, mail.not_before <= NOW) for mail in waiting] == [("planned", None, True)] * 3


def test_a_refused_mail_between_accepted_ones_does_not_stop_the_sending(database: Database) -> None:
    names = [f"leader-{number}" for number in range(10)]
    plan_for(database, *names)
    transport = RecordingTransport({f"{name}@example.org": ["temporary"] for name in names if name != "leader-4"})
    assert send_due(build_dispatch(database, transport)) == Counter({"temporary": 9, "sent": 1})


# ---------------------------------------------------------------- decided again


def test_a_nudge_that_is_to_come_later_by_now_is_moved(database: Database) -> None:
    plan_for(database, "ann")
    evening = at("2027-01-12 17:00")  # the send window has closed
    transport = RecordingTransport()
    assert send_due(build_dispatch(database, transport, clock=lambda: evening)) == Counter({"postponed": 1})
    mail = read_mail(database)
    assert mail is not None
    assert (mail.state, mail.slot, mail.day) == ("planned", at("2027-01-13 08:30"), 2)


def test_a_leader_who_left_gets_nothing_more(database: Database) -> None:
    (ann,) = plan_for(database, "ann")
    with database.sessions.begin() as session:
        session.execute(update(EnrolmentRow).where(EnrolmentRow.id == ann.id).values(left_at=NOW))
    transport = RecordingTransport()
    assert send_due(build_dispatch(database, transport)) == Counter({"cancelled": 1})
    assert transport.tried == []
    assert read_state(database) == "gone"


def test_a_leader_who_left_gets_no_second_attempt_either(database: Database) -> None:
    (ann,) = plan_for(database, "ann")
    transport = RecordingTransport({"ann@example.org": ["temporary"]})
    send_due(build_dispatch(database, transport))
    with database.sessions.begin() as session:
        session.execute(update(EnrolmentRow).where(EnrolmentRow.id == ann.id).values(left_at=NOW))
    later = build_dispatch(database, transport, clock=lambda: NOW + timedelta(minutes=1))
    assert send_due(later) == Counter({"cancelled": 1})
    assert (len(transport.tried), read_state(database)) == (1, "cancelled")


def test_a_programme_that_is_no_longer_in_config_puts_its_mails_off(database: Database) -> None:
    plan_for(database, "ann")
    transport = RecordingTransport()
    assert send_due(build_dispatch(database, transport, programmes={})) == Counter({"not_composed": 1})
    assert transport.tried == []


def test_a_plan_that_fails_for_one_leader_leaves_the_others_alone(database: Database) -> None:
    plan_for(database, "ann", "bob")

    def plan(programme: Programme, enrolment: Enrolment, history: History, now: object) -> PlannedNudge | None:
        if enrolment.leader.key == "ann":
            raise KeyError("Europe/Atlantis")
        return plan_daily(programme, enrolment, history, NOW)

    transport = RecordingTransport()
    outcomes = send_due(build_dispatch(database, transport, plan=plan))
    assert outcomes == Counter({"not_composed": 1, "sent": 1})


def test_a_leader_of_two_programmes_gets_one_mail_a_day(database: Database) -> None:
    other = replace(PROGRAMME, id="another-programme")
    (ann,) = plan_for(database, "ann")
    with database.sessions.begin() as session:
        second = keep_enrolment(session, replace(ann, programme=other.id))
        assert plan_nudges(session, [(second, build_planned())], now=at("2027-01-11 12:00")) == 1

    def plan_blindly(programme: Programme, enrolment: Enrolment, history: History, now: object) -> PlannedNudge:
        return build_planned(ordinal=history.next_ordinal)

    transport = RecordingTransport()
    dispatch = build_dispatch(database, transport, programmes={PROGRAMME.id: PROGRAMME, other.id: other})
    outcomes = send_due(replace(dispatch, plan=plan_blindly))
    assert outcomes == Counter({"sent": 1, "postponed": 1})
    assert len(transport.accepted) == 1


# ---------------------------------------------------------------- leases


def test_with_a_slow_server_the_rest_of_a_batch_is_claimed_and_decided_afresh(database: Database) -> None:
    plan_for(database, "ann", "bob", "eve")
    stopwatch = Stopwatch()
    transport = RecordingTransport()

    def take_half_a_minute(envelope: Envelope) -> None:
        stopwatch.seconds += 30
        with database.sessions.begin() as session:
            eve = select(MailRow.enrolment_id).where(MailRow.recipient == "eve@example.org").scalar_subquery()
            session.execute(update(EnrolmentRow).where(EnrolmentRow.id == eve).values(left_at=NOW))

    transport.on_deliver = take_half_a_minute
    dispatch = build_dispatch(database, transport, clock=lambda: NOW + timedelta(seconds=stopwatch.seconds))
    assert send_due(dispatch) == Counter({"sent": 2, "cancelled": 1})
    assert transport.recipients == ["ann@example.org", "bob@example.org"]


def test_the_answer_of_a_slow_server_settles_the_doubt_that_its_slowness_raised(database: Database) -> None:
    plan_for(database, "ann")
    transport = RecordingTransport()

    def outlast_the_lease(envelope: Envelope) -> None:
        with database.sessions.begin() as session:
            release_expired_leases(session, now=NOW + timedelta(hours=1), lease=timedelta(minutes=10))

    transport.on_deliver = outlast_the_lease
    assert send_due(build_dispatch(database, transport)) == Counter({"sent": 1})
    assert read_state(database) == "sent"


def test_no_transaction_is_open_while_a_mail_is_delivered(database: Database) -> None:
    plan_for(database, "ann")
    transport = RecordingTransport()
    seen: list[str] = []

    def write_meanwhile(envelope: Envelope) -> None:
        with database.sessions.begin() as session:  # would wait for ever behind an open one on SQLite
            session.execute(update(MailRow).values(why="touched"))
        seen.append(read_state(database))

    transport.on_deliver = write_meanwhile
    send_due(build_dispatch(database, transport))
    assert seen == ["sending"]


def test_a_breakdown_gives_back_what_was_not_tried(database: Database) -> None:
    plan_for(database, "ann", "bob", "eve")
    transport = RecordingTransport()

    def break_down(envelope: Envelope) -> None:
        if envelope.recipient.startswith("bob"):
            raise RuntimeError("a fault of the program")

    transport.on_deliver = break_down
    with pytest.raises(RuntimeError, match="a fault of the program"):
        send_due(build_dispatch(database, transport))
    assert read_states(database) == {"ann": "sent", "bob": "sending", "eve": "planned"}


def test_a_stopping_service_gives_back_what_was_not_tried(database: Database) -> None:
    plan_for(database, "ann", "bob", "eve")
    transport = RecordingTransport()
    outcomes = send_due(build_dispatch(database, transport, stopping=lambda: len(transport.tried) >= 1))
    assert outcomes == Counter({"sent": 1})
    assert read_states(database) == {"ann": "sent", "bob": "planned", "eve": "planned"}


def test_two_dispatchers_never_send_a_mail_twice(database: Database) -> None:
    names = [f"leader-{number:03}" for number in range(200)]
    plan_for(database, *names)
    transports = [RecordingTransport(), RecordingTransport()]
    together = Barrier(2)
    totals: Counter[str] = Counter()

    def work(number: int) -> None:
        dispatch = build_dispatch(database, transports[number], new_token=Tokens(f"dispatcher-{number}"))
        together.wait(timeout=10)
        totals.update(send_due(dispatch))

    threads = [Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    sent = [*transports[0].recipients, *transports[1].recipients]
    assert sorted(sent) == [f"{name}@example.org" for name in names]
    assert totals == Counter({"sent": 200})
    assert transports[0].accepted
    assert transports[1].accepted
