"""One pass of everything due, at chosen instants."""

import logging
import random
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from models.database import Database
from models.domain import Enrolment, Event, History, PlannedNudge, Programme, RosterEntry
from models.events import record_event
from models.standing_problems import CONFIG_PROBLEMS
from models.store import get_state, set_state
from models.tables import EnrolmentRow, MailRow
from scheduler.agenda import count_late_working_days
from scheduler.clock_guard import VIRTUAL
from scheduler.planning import next_nudge
from scheduler.tick import LAST_TICK, Installation, run_tick
from tests.builders import at, build_enrolment, build_leader, build_planned, build_programme, keep_enrolment
from tests.fakes import PlainComposer, RecordingTransport, Tokens, compose_plain_notice, plan_daily, read_as

PROGRAMME = build_programme()
MONDAY = at("2027-01-11 08:31")


def build_installation(
    database: Database, transport: RecordingTransport, *, programme: Programme = PROGRAMME, **fields: object
) -> Installation:
    installation = Installation(
        database=database,
        read_config=read_as(programme),
        plan=plan_daily,
        compose=PlainComposer(),
        compose_notice=compose_plain_notice,
        transport=transport,
        new_token=Tokens(),
    )
    return replace(installation, **fields)


def build_entry(name: str, **fields: object) -> RosterEntry:
    entry = RosterEntry(
        leader=build_leader(key=name, email=f"{name}@example.org", name=name.capitalize()),
        role="director",
        start_date=date(2027, 1, 11),
        programmes=(PROGRAMME.id,),
    )
    return replace(entry, **fields)


def enrol(database: Database, *names: str, **fields: object) -> list[Enrolment]:
    with database.sessions.begin() as session:
        return [
            keep_enrolment(
                session,
                replace(build_enrolment(leader=build_leader(key=name, email=f"{name}@example.org")), **fields),
            )
            for name in names
        ]


def read_sent_dates(database: Database) -> dict[str, list[date]]:
    """The local dates on which each leader's mails were sent."""
    with database.reading() as session:
        rows = session.execute(
            select(MailRow.recipient, MailRow.local_date).where(MailRow.state == "sent").order_by(MailRow.ended_at)
        )
        dates: dict[str, list[date]] = {}
        for recipient, local_date in rows:
            assert local_date is not None
            dates.setdefault(recipient.partition("@")[0], []).append(local_date)
        return dates


def read_text(database: Database, key: str) -> str | None:
    with database.reading() as session:
        return get_state(session, key)


def make_virtual(database: Database) -> None:
    with database.sessions.begin() as session:
        set_state(session, VIRTUAL, "yes")


# ---------------------------------------------------------------- the pass


def test_a_tick_enrols_plans_and_sends_and_says_so(database: Database) -> None:
    transport = RecordingTransport()
    roster = {"leaders.yaml": (build_entry("ann"), build_entry("bob"))}
    installation = build_installation(database, transport, read_config=read_as(PROGRAMME, roster=roster))
    report = run_tick(installation, now=MONDAY)
    assert report.as_json() == {
        "now": "2027-01-11T08:31:00Z",
        "enrolled": 2,
        "planned": 4,
        "sent": 2,
        "deferred": 0,
        "failed": 0,
        "in_doubt": 0,
        "expired": 0,
        "next_due": "2027-01-12T08:30:00Z",
    }
    assert transport.recipients == ["ann@example.org", "bob@example.org"]
    assert read_text(database, LAST_TICK) == "2027-01-11T08:31:00Z"


def test_the_second_tick_does_nothing(database: Database) -> None:
    transport = RecordingTransport()
    roster = {"leaders.yaml": (build_entry("ann"), build_entry("bob"))}
    installation = build_installation(database, transport, read_config=read_as(PROGRAMME, roster=roster))
    run_tick(installation, now=MONDAY)
    report = run_tick(installation, now=MONDAY)
    assert (report.enrolled, report.planned, report.sent, report.deferred) == (0, 0, 0, 0)
    assert len(transport.accepted) == 2


def test_the_outcomes_are_counted(database: Database) -> None:
    enrol(database, "ann", "bob", "eve", "joe", "kim")
    transport = RecordingTransport(
        {"ann@example.org": ("temporary",), "bob@example.org": ("permanent",), "eve@example.org": ("in_doubt",)}
    )
    compose = PlainComposer(refused=["joe@example.org"])
    report = run_tick(build_installation(database, transport, compose=compose), now=MONDAY)
    assert (report.sent, report.deferred, report.failed, report.in_doubt) == (1, 2, 1, 1)


def test_a_dead_mailbox_is_not_tried_again_the_same_day(database: Database) -> None:
    enrol(database, "ann")
    transport = RecordingTransport({"ann@example.org": ("permanent", "permanent")})
    installation = build_installation(database, transport)
    assert run_tick(installation, now=MONDAY).failed == 1
    report = run_tick(installation, now=MONDAY + timedelta(minutes=1))
    assert (report.failed, report.next_due) == (0, at("2027-01-12 08:30"))
    assert len(transport.tried) == 1


def test_everybody_stopped_or_over_is_left_alone(database: Database) -> None:
    (ann, bob) = enrol(database, "ann", "bob")
    enrol(database, "eve", start_date=date(2026, 9, 1))
    with database.sessions.begin() as session:
        session.get_one(EnrolmentRow, ann.id).held_at = MONDAY
        session.get_one(EnrolmentRow, bob.id).left_at = MONDAY
    report = run_tick(build_installation(database, RecordingTransport()), now=MONDAY)
    assert (report.planned, report.sent, report.next_due) == (0, 0, None)


def test_a_crashed_senders_mails_are_taken_back(database: Database) -> None:
    enrol(database, "ann", "bob")
    transport = RecordingTransport()

    def die(envelope: object) -> None:
        raise RuntimeError("the machine went away")

    transport.on_deliver = die
    installation = build_installation(database, transport)
    with pytest.raises(RuntimeError):
        run_tick(installation, now=MONDAY)
    transport.on_deliver = lambda envelope: None
    report = run_tick(installation, now=MONDAY + timedelta(minutes=9))
    assert (report.sent, report.in_doubt) == (1, 0)
    report = run_tick(installation, now=MONDAY + timedelta(minutes=10))
    assert (report.sent, report.in_doubt) == (0, 1)
    assert transport.recipients == ["bob@example.org"]


def test_a_mail_in_doubt_is_held_unless_the_policy_says_otherwise(database: Database) -> None:
    enrol(database, "ann")
    transport = RecordingTransport({"ann@example.org": ["in_doubt"]})
    held = build_installation(database, transport)
    run_tick(held, now=MONDAY)
    run_tick(held, now=MONDAY + timedelta(hours=1))
    assert len(transport.tried) == 1
    resending = replace(held, in_doubt_policy="resend_once")
    assert run_tick(resending, now=MONDAY + timedelta(hours=1)).sent == 1
    assert read_sent_dates(database) == {"ann": [date(2027, 1, 11)]}


# ---------------------------------------------------------------- the clock


def test_a_clock_that_went_back_holds_everything(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    enrol(database, "ann")
    transport = RecordingTransport()
    installation = build_installation(database, transport)
    run_tick(installation, now=MONDAY)
    tuesday, back = at("2027-01-12 08:31"), at("2027-01-11 08:29:59")
    with caplog.at_level(logging.CRITICAL):
        report = run_tick(installation, now=back)
    assert report.problems == (
        "the clock went back: it says 2027-01-11 08:29:59 UTC, but the service has already seen 2027-01-11 08:31:00 "
        "UTC; nothing is sent until the clock is right",
    )
    assert caplog.messages == list(report.problems)
    assert read_text(database, "clock_problem") == report.problems[0]
    assert run_tick(installation, now=tuesday).sent == 1
    assert read_text(database, "clock_problem") is None


def test_a_clock_that_is_a_minute_behind_is_nothing_to_stop_for(database: Database) -> None:
    installation = build_installation(database, RecordingTransport())
    run_tick(installation, now=MONDAY)
    assert run_tick(installation, now=MONDAY - timedelta(seconds=60)).problems == ()
    # the latest instant seen stays what it was
    assert run_tick(installation, now=MONDAY - timedelta(seconds=61)).problems != ()


def test_a_virtual_clock_may_go_back(database: Database) -> None:
    make_virtual(database)
    enrol(database, "ann")
    installation = build_installation(database, RecordingTransport())
    assert run_tick(installation, now=at("2027-01-12 08:31")).sent == 1
    assert run_tick(installation, now=at("2027-01-11 08:31")).problems == ()


# ---------------------------------------------------------------- after downtime


def test_after_ten_days_down_each_leader_gets_one_mail_that_day(database: Database) -> None:
    enrol(database, "ann", "bob")
    transport = RecordingTransport()
    installation = build_installation(database, transport, plan=next_nudge)
    run_tick(installation, now=at("2027-01-08 17:00"))  # planned for Monday; then the machine is down
    back = at("2027-01-19 08:45")
    reports = [run_tick(installation, now=back + timedelta(minutes=number)) for number in range(0, 600, 60)]
    assert (reports[0].expired, reports[0].sent) == (2, 2)
    assert sum(report.sent for report in reports) == 2
    assert read_sent_dates(database) == {"ann": [date(2027, 1, 19)], "bob": [date(2027, 1, 19)]}


def test_a_nudge_two_working_days_late_is_still_sent(database: Database) -> None:
    enrol(database, "ann")
    installation = build_installation(database, RecordingTransport())
    run_tick(installation, now=at("2027-01-10 12:00"))  # planned for Monday the 11th
    report = run_tick(installation, now=at("2027-01-13 08:31"))
    assert (report.expired, report.sent) == (0, 1)


def test_a_nudge_three_working_days_late_expires_and_one_is_planned_afresh(database: Database) -> None:
    enrol(database, "ann")
    installation = build_installation(database, RecordingTransport())
    run_tick(installation, now=at("2027-01-10 12:00"))  # planned for Monday the 11th
    report = run_tick(installation, now=at("2027-01-14 08:00"))
    assert (report.expired, report.planned, report.sent) == (1, 1, 0)
    assert report.next_due == at("2027-01-14 08:30")


@pytest.mark.parametrize(
    ("slot", "instant", "days"),
    [
        ("2027-01-11 08:30", "2027-01-11 23:00", 0),
        ("2027-01-11 08:30", "2027-01-12 00:00", 1),
        ("2027-01-14 08:30", "2027-01-18 08:00", 2),  # Friday and Monday, the weekend not
        ("2026-12-24 08:30", "2026-12-29 08:00", 1),  # the 25th and 28th are bank holidays
        ("2027-01-11 08:30", "2027-09-11 08:30", 3),  # counted no further than needed
    ],
)
def test_lateness_counts_the_days_on_which_mail_may_leave(slot: str, instant: str, days: int) -> None:
    assert count_late_working_days(build_leader(), at(slot), at(instant)) == days


# ---------------------------------------------------------------- order of things


def test_ticks_that_come_more_often_or_at_odd_times_send_the_same_on_the_same_days(database: Database) -> None:
    make_virtual(database)
    days = [at("2027-01-11 08:31") + timedelta(days=number) for number in range(14)]
    dates: list[dict[str, list[date]]] = []
    for seed in range(3):
        chance = random.Random(seed)
        names = [f"{name}-{seed}" for name in ("ann", "bob")]
        enrol(database, *names)
        extra = [days[0] + timedelta(minutes=chance.randrange(14 * 24 * 60)) for _ in range(20 * seed)]
        installation = build_installation(database, RecordingTransport(), plan=next_nudge)
        for instant in sorted([*days, *extra]):
            run_tick(installation, now=instant)
        found = read_sent_dates(database)
        dates.append({name.partition("-")[0]: found[name] for name in names})
    assert dates[0] == dates[1] == dates[2]
    assert len(dates[0]["ann"]) >= 3


def plan_sooner_after_an_answer(
    programme: Programme, enrolment: Enrolment, history: History, now: datetime
) -> PlannedNudge | None:
    """Whoever answered gets the next nudge on the next day, the others wait until a date far ahead."""
    nudge = plan_daily(programme, enrolment, history, now)
    answered = any(item.answer for sent in history.nudges for item in sent.items)
    if nudge is None or answered or not history.nudges:
        return nudge
    return build_planned("2027-02-01 08:30", ordinal=nudge.ordinal)


def answer(database: Database, enrolment: Enrolment, *, at: datetime) -> None:
    """The leader answers the first question of the mail that was sent."""
    with database.sessions.begin() as session:
        sent = select(MailRow.id).where(MailRow.enrolment_id == enrolment.id, MailRow.state == "sent")
        event = Event(
            at=at,
            kind="answer",
            mail_id=session.scalars(sent).one(),
            enrolment_id=enrolment.id,
            position=0,
            method="POST",
            nonce="pressed-once",
            shown_at=at - timedelta(seconds=30),
            value={"answer": "forgot"},
        )
        assert record_event(session, event)


@pytest.mark.parametrize("tick_first", [True, False])
def test_an_answer_brings_the_next_nudge_forward_whether_a_tick_comes_before_it_or_not(
    database: Database, tick_first: bool
) -> None:
    (ann,) = enrol(database, "ann")
    installation = build_installation(database, RecordingTransport(), plan=plan_sooner_after_an_answer)
    evening = at("2027-01-11 18:00")
    assert run_tick(installation, now=MONDAY).next_due == at("2027-02-01 08:30")
    if tick_first:
        assert run_tick(installation, now=evening).next_due == at("2027-02-01 08:30")
    answer(database, ann, at=evening)
    assert run_tick(installation, now=evening).next_due == at("2027-01-12 08:30")


def test_a_hit_on_its_link_settles_a_mail_in_doubt(database: Database) -> None:
    (ann,) = enrol(database, "ann")
    installation = build_installation(database, RecordingTransport({"ann@example.org": ["in_doubt"]}))
    run_tick(installation, now=MONDAY)
    with database.sessions.begin() as session:
        mail_id = session.scalars(select(MailRow.id).where(MailRow.state == "in_doubt")).one()
        assert record_event(session, Event(at=MONDAY, kind="page", mail_id=mail_id, enrolment_id=ann.id))
    run_tick(installation, now=MONDAY + timedelta(minutes=1))
    assert read_sent_dates(database) == {"ann": [date(2027, 1, 11)]}


# ---------------------------------------------------------------- config


def test_a_changed_roster_is_brought_in_and_an_unchanged_one_costs_nothing(database: Database) -> None:
    roster = {"leaders.yaml": (build_entry("ann"),)}
    installation = build_installation(database, RecordingTransport(), read_config=read_as(PROGRAMME, roster=roster))
    assert run_tick(installation, now=MONDAY).enrolled == 1
    with database.sessions.begin() as session:
        session.execute(update(EnrolmentRow).values(cohort="by hand"))
    run_tick(installation, now=MONDAY + timedelta(minutes=1))
    with database.reading() as session:
        assert session.scalar(select(EnrolmentRow.cohort)) == "by hand"  # nobody looked
    roster = {"leaders.yaml": (build_entry("ann"), build_entry("bob"))}
    installation = replace(installation, read_config=read_as(PROGRAMME, roster=roster))
    assert run_tick(installation, now=MONDAY + timedelta(minutes=2)).enrolled == 1


def test_broken_config_is_shown_and_stops_no_mail(database: Database) -> None:
    enrol(database, "ann")
    transport = RecordingTransport()
    problem = "config/leaders.yaml:3:5: rol is not a key known here"
    installation = build_installation(database, transport, read_config=read_as(PROGRAMME, problems=(problem,)))
    report = run_tick(installation, now=MONDAY)
    assert (report.sent, report.problems) == (1, (problem,))
    assert read_text(database, CONFIG_PROBLEMS) == problem
    run_tick(replace(installation, read_config=read_as(PROGRAMME)), now=MONDAY + timedelta(minutes=1))
    assert read_text(database, CONFIG_PROBLEMS) is None


def test_a_roster_that_contradicts_itself_changes_nothing_and_stops_no_mail(database: Database) -> None:
    enrol(database, "ann")
    roster = {"leaders.yaml": (build_entry("bob"),), "leaders.csv": (build_entry("bob"),)}
    installation = build_installation(database, RecordingTransport(), read_config=read_as(PROGRAMME, roster=roster))
    report = run_tick(installation, now=MONDAY)
    assert (report.enrolled, report.sent) == (0, 1)
    assert any("bob" in problem for problem in report.problems)


def test_a_programme_that_vanished_is_reported_once_and_the_others_get_their_mail(database: Database) -> None:
    enrol(database, "ann")
    enrol(database, "bob", "eve", programme="gone-by")
    transport = RecordingTransport()
    report = run_tick(build_installation(database, transport), now=MONDAY)
    assert transport.recipients == ["ann@example.org"]
    assert report.problems == ("the programme gone-by is no longer in config; put it back (leaders: 2)",)
    assert read_text(database, CONFIG_PROBLEMS) == report.problems[0]


def test_a_role_that_vanished_is_reported_too(database: Database) -> None:
    enrol(database, "ann", role="astronaut")
    report = run_tick(build_installation(database, RecordingTransport()), now=MONDAY)
    assert report.problems == (
        "the programme first-100-days no longer has the role astronaut; give another (leaders: 1)",
    )


def test_changed_content_is_planned_afresh(database: Database) -> None:
    enrol(database, "ann")
    installation = build_installation(database, RecordingTransport())
    assert run_tick(installation, now=at("2027-01-10 12:00")).planned == 1
    changed = replace(PROGRAMME, name="First 100 days, second edition")
    again = replace(installation, read_config=read_as(changed))
    assert run_tick(again, now=at("2027-01-10 12:01")).planned == 1
    assert run_tick(again, now=at("2027-01-10 12:02")).planned == 0


def test_many_leaders_get_one_mail_each(database: Database) -> None:
    names = [f"leader-{number:03}" for number in range(230)]
    enrol(database, *names)
    transport = RecordingTransport()
    report = run_tick(build_installation(database, transport), now=MONDAY)
    assert (report.planned, report.sent) == (460, 230)
    assert Counter(transport.recipients) == Counter({f"{name}@example.org": 1 for name in names})
