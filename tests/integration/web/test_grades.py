"""The rules run backwards over the log: grades are kept beside it, the log stays, and what is read follows."""

from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import delete, select, update

from models.database import Database
from models.domain import Credence, Event
from models.events import read_events, record_event
from models.grades import read_crowded
from models.store import get_state, read_enrolments, read_sent_mails
from models.tables import EventRow, GradeRow, LeaderRow, MailItemRow
from reports.leaders import read_leaders
from reports.report import ReportContext
from scheduler.classifying import GRADED, classify, classify_recent
from scheduler.grading import read_evidence
from scheduler.history import read_brief_histories, read_histories
from scheduler.remembering import replay
from scheduler.telltales import EDITION
from tests.builders import build_enrolment, build_leader, keep_enrolment
from tests.integration.web.scene import FIREFOX, PROGRAMME, RESOURCE, SENT_AT, Scene

NAMES = ("ann", "bob", "cat")


def add_reader(scene: Scene, name: str) -> int:
    """One more leader who agreed to tracking, with a tracked mail like that of the scene; gives the mail."""
    leader = build_leader(key=name, email=f"{name}@example.org", name=name)
    with scene.database.sessions.begin() as session:
        enrolment_id = keep_enrolment(session, build_enrolment(leader=leader)).id
    mail_id = scene.add_mail(
        enrolment_id=enrolment_id, ordinal=1, state="sent", ended_at=SENT_AT, tracked=True, local_date=SENT_AT.date()
    )
    with scene.database.sessions.begin() as session:
        session.add(MailItemRow(mail_id=mail_id, position=0, item="short-report", kind="resource", placed="new"))
    return mail_id


def hit(scene: Scene, mail_id: int, *, after: float, kind: Any = "open", **fields: Any) -> None:
    """A hit from one place, so many seconds after the mail was taken."""
    with scene.database.sessions.begin() as session:
        (mail,) = read_sent_mails(session, [mail_id])
        fields = {"agent": FIREFOX, "origin": "one place", **fields}
        at = SENT_AT + timedelta(seconds=after)
        record_event(session, Event(kind=kind, at=at, mail_id=mail_id, enrolment_id=mail.enrolment_id, **fields))


def kept(scene: Scene) -> list[Credence]:
    """The kept grades in the order of the log."""
    with scene.database.reading() as session:
        return cast("list[Credence]", list(session.scalars(select(GradeRow.credence).order_by(GradeRow.event_id))))


def opened(scene: Scene) -> dict[str, int | None]:
    """How many mails each leader opened, by the report."""
    with scene.database.reading() as session:
        context = ReportContext(
            programmes=scene.programmes, tracking={PROGRAMME: "on"}, small_group=5, now=scene.now, problems=()
        )
        return {row.name: row.opened for row in read_leaders(session, context).rows}


def test_a_tick_grades_what_came_in_and_the_log_stays_as_it_was(scene: Scene) -> None:
    hit(scene, scene.mail_id, after=5)
    hit(scene, scene.mail_id, after=60)
    hit(scene, scene.mail_id, after=3600)
    before = scene.tables(without=["grades", "state"])
    done = classify_recent(scene.database, now=scene.now)
    assert kept(scene) == ["machine", "suspect", "human"]
    assert (done.mails, done.events) == (1, 3)
    assert scene.tables(without=["grades", "state"]) == before
    assert classify_recent(scene.database, now=scene.now).events == 0


def test_what_comes_later_changes_the_grade_of_what_came_before(scene: Scene) -> None:
    hit(scene, scene.mail_id, after=3600, kind="click", position=0)
    classify_recent(scene.database, now=SENT_AT + timedelta(seconds=3600))
    assert kept(scene) == ["human"]
    for position in (1, 2):
        hit(scene, scene.mail_id, after=3601, kind="page", position=position)
    done = classify_recent(scene.database, now=scene.now)
    assert kept(scene) == ["machine"] * 3
    assert done.moved == {("human", "machine"): 1, (None, "machine"): 2}


def test_one_reader_at_the_mails_of_three_is_found_backwards_and_no_longer_counts_as_an_open(scene: Scene) -> None:
    mails = [add_reader(scene, name) for name in NAMES]
    for number, mail_id in enumerate(mails[:2]):
        hit(scene, mail_id, after=7200 + 20 * number)
    classify_recent(scene.database, now=SENT_AT + timedelta(seconds=7220))
    assert kept(scene) == ["human", "human"]
    assert [opened(scene)[name] for name in NAMES] == [1, 1, 0]
    hit(scene, mails[2], after=7240)
    classify_recent(scene.database, now=scene.now)
    assert kept(scene) == ["machine"] * 3
    assert [opened(scene)[name] for name in NAMES] == [0, 0, 0]


def test_what_is_kept_is_what_is_read(scene: Scene) -> None:
    mails = [scene.mail_id, *(add_reader(scene, name) for name in NAMES)]
    for number, mail_id in enumerate(mails):
        hit(scene, mail_id, after=4000 + number)
        hit(scene, mail_id, after=20 * number, origin=f"place {number}")
        hit(scene, mail_id, after=9000 * (1 + number), kind="click", position=RESOURCE if number == 0 else 0)
    classify(scene.database, now=scene.now)
    with scene.database.reading() as session:
        evidence = read_evidence(session, read_sent_mails(session, mails))
        read = {hit.event.id or 0: hit.credence for own in evidence.values() for hit in own.hits}
    assert [read[number] for number in sorted(read)] == kept(scene)
    assert len(read) == 12


def test_the_plan_sees_a_crowd_whatever_was_kept_of_remembering_before(scene: Scene) -> None:
    mails = [add_reader(scene, name) for name in NAMES]
    for mail_id in mails:
        hit(scene, mail_id, after=7200, kind="click", position=0)

    def read_clicks(*, brief: bool) -> list[tuple[bool, int]]:
        with scene.database.reading() as session:
            enrolments = read_enrolments(session, tracking={PROGRAMME: "on"})[1:]
            later = scene.now + timedelta(days=9)
            read = (
                read_brief_histories(session, enrolments, now=later) if brief else read_histories(session, enrolments)
            )
            nudges = [read[enrolment.id].nudges[0] for enrolment in enrolments]
            settled = [read[enrolment.id].settled for enrolment in enrolments]
            return [
                (nudge.items[0].clicked, 0 if s is None else s.through)
                for nudge, s in zip(nudges, settled, strict=True)
            ]

    replay(scene.database)
    assert read_clicks(brief=False) == [(True, 0)] * 3
    assert [through for _, through in read_clicks(brief=True)] == [1, 1, 1]
    classify_recent(scene.database, now=scene.now)
    assert read_clicks(brief=False) == [(False, 0)] * 3
    assert read_clicks(brief=True) == [(False, 0)] * 3  # what was kept of it is not trusted any more


def test_once_found_a_crowd_stays_one_though_others_of_it_are_erased(scene: Scene) -> None:
    mails = [add_reader(scene, name) for name in NAMES]
    for mail_id in mails:
        hit(scene, mail_id, after=7200)
    classify_recent(scene.database, now=scene.now)
    with scene.database.sessions.begin() as session:
        session.execute(delete(LeaderRow).where(LeaderRow.name == "ann"))
    assert kept(scene) == ["machine"] * 2
    classify(scene.database, now=scene.now)
    assert kept(scene) == ["machine"] * 2


def test_grades_of_other_rules_are_given_anew_by_the_next_tick(scene: Scene) -> None:
    hit(scene, scene.mail_id, after=3600)
    classify_recent(scene.database, now=scene.now)
    with scene.database.sessions.begin() as session:
        session.execute(update(GradeRow).values(credence="machine", edition="older", crowd=True))
        session.execute(update(EventRow).values(value={"answer": "none"}))
    assert kept(scene) == ["machine"]
    assert opened(scene)["Sam Sample"] == 0  # the crowd is taken on trust until the log is gone over
    scene.keep_state(GRADED, f"older {scene.now.isoformat()}")
    done = classify_recent(scene.database, now=scene.now)
    assert (kept(scene), done.moved) == (["human"], {("machine", "human"): 1})
    assert opened(scene)["Sam Sample"] == 1
    with scene.database.reading() as session:
        assert (get_state(session, GRADED) or "").partition(" ")[0] == EDITION


def test_only_mails_that_were_hit_since_a_day_are_graded_when_so_asked(scene: Scene) -> None:
    other = add_reader(scene, "ann")
    hit(scene, scene.mail_id, after=3600)
    hit(scene, other, after=90_000)
    done = classify(scene.database, since=SENT_AT + timedelta(days=1), now=scene.now)
    assert (done.mails, done.events, done.grades) == (1, 1, {"human": 1})


def test_what_is_hit_while_its_mail_is_on_its_way_is_graded_once_it_is_sent(database: Database, scene: Scene) -> None:
    mail_id = scene.add_mail(state="sending", tracked=True)
    with scene.database.sessions.begin() as session:
        at = SENT_AT + timedelta(seconds=2)
        record_event(
            session,
            Event(kind="open", at=at, mail_id=mail_id, enrolment_id=scene.enrolment_id, agent=FIREFOX, origin="x"),
        )
    classify_recent(scene.database, now=SENT_AT + timedelta(seconds=3))
    assert kept(scene) == []
    scene.mark_sent(mail_id, at=SENT_AT + timedelta(seconds=1))
    classify_recent(scene.database, now=SENT_AT + timedelta(minutes=1))
    assert kept(scene) == ["machine"]


def test_a_grade_goes_with_its_event(scene: Scene) -> None:
    hit(scene, scene.mail_id, after=3600)
    classify_recent(scene.database, now=scene.now)
    with scene.database.sessions.begin() as session:
        session.execute(delete(EventRow))
    assert kept(scene) == []


def test_crowds_are_found_by_an_index_of_the_few(scene: Scene) -> None:
    with scene.database.reading() as session:
        assert read_crowded(session, range(25_000)) == {}
        assert read_events(session, []) == {}
    if scene.database.engine.dialect.name == "sqlite":
        query = "EXPLAIN QUERY PLAN SELECT mail_id FROM grades WHERE crowd IS true AND grades.mail_id IN (1, 2)"
        with scene.database.engine.connect() as connection:
            assert "ix_grades_crowd" in str(connection.exec_driver_sql(query).all())


@pytest.mark.parametrize(("assistant", "expected"), [(False, (True, True)), (True, (None, False))])
def test_where_an_assistant_reads_opens_and_clicks_are_no_evidence(
    scene: Scene, assistant: bool, expected: tuple[bool | None, bool]
) -> None:
    hit(scene, scene.mail_id, after=7200, kind="click", position=RESOURCE)
    with scene.database.sessions.begin() as session:
        session.execute(update(LeaderRow).values(assistant_reads=assistant))
    with scene.database.reading() as session:
        enrolments = read_enrolments(session, tracking={PROGRAMME: "ask"})
        (nudge,) = read_histories(session, enrolments)[scene.enrolment_id].nudges
    assert (nudge.opened, nudge.items[RESOURCE].clicked) == expected
