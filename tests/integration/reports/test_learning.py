import json
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from models.database import Database
from reports.cohorts import CohortProgress, read_cohorts
from reports.learning import Learned, read_learning
from reports.render import build_document
from reports.report import SUPPRESSED, ReportContext, Suppressed
from tests.builders import at
from tests.integration.reports.stage import build_context, enrol, keep_nudge, press, prompt, tip

SMALL = 3


def ask(session: Session, name: str, answer: str | None, *, cohort: str = "spring", item: str = "ask-early") -> None:
    """Somebody who met a tip on 12 January and was asked a week later."""
    enrolment = enrol(session, name, cohort=cohort)
    keep_nudge(session, enrolment, "2027-01-12", tip(item))
    mail = keep_nudge(session, enrolment, "2027-01-19", prompt(item))
    if answer is not None:
        press(session, mail, "2027-01-19 20:00", answer=answer)


def learn(database: Database, context: ReportContext | None = None) -> tuple[Learned, ...]:
    with database.reading() as session:
        return read_learning(session, context or build_context()).rows


def cohorts(database: Database, context: ReportContext | None = None) -> dict[str, CohortProgress]:
    with database.reading() as session:
        return {row.cohort: row for row in read_cohorts(session, context or build_context()).rows}


# ---------------------------------------------------------------- learning


def test_recall_is_told_for_every_turn_of_a_week_beside_that_of_a_plain_drip(database: Database) -> None:
    with database.sessions.begin() as session:
        for number, answer in enumerate(["using", "using", "using", "nearly", None]):
            ask(session, f"leader.{number}", answer)
    whole = [row for row in learn(database) if row.scope == "all"]
    assert [(row.week, row.people) for row in whole] == [
        (date(2027, 1, 18), 5),
        (date(2027, 1, 25), 5),
        (date(2027, 2, 1), 5),
        (date(2027, 2, 8), 5),
    ]
    assert (whole[0].recall, whole[0].low, whole[0].high) == (whole[0].plain,) * 3  # before the first question
    last = whole[-1]
    assert isinstance(last.recall, float) and isinstance(last.plain, float)
    assert isinstance(last.low, float) and isinstance(last.high, float)
    assert last.plain < last.low < last.recall < last.high


def test_a_week_tells_the_same_whatever_came_back_later(database: Database) -> None:
    with database.sessions.begin() as session:
        for number in range(5):
            ask(session, f"leader.{number}", None)
    before = learn(database, build_context(now=at("2027-01-26 09:00")))
    with database.sessions.begin() as session:
        for mail in range(2, 11, 2):
            press(session, mail, "2027-01-27 20:00", answer="using")
    after = learn(database, build_context(now=at("2027-02-09 09:00")))
    assert after[: len(before)] == before
    assert after[-1].recall != before[-1].recall


def test_a_tip_of_few_people_is_hidden_and_in_no_other_figure(database: Database) -> None:
    with database.sessions.begin() as session:
        for number in range(5):
            ask(session, f"leader.{number}", None)
    alone = [row for row in learn(database) if row.scope == "all"]
    with database.sessions.begin() as session:
        ask(session, "one.more", "using", item="be-open")
    rows = learn(database)
    assert [row for row in rows if row.scope == "all"] == alone
    (hidden, *_) = [row for row in rows if row.name == "be-open"]
    assert (hidden.people, hidden.recall, hidden.plain) == (SUPPRESSED,) * 3
    assert json.loads(json.dumps(build_document(hidden)))["suppressed"] is True


def test_before_anything_was_sent_there_is_nothing_to_learn(database: Database) -> None:
    assert learn(database) == ()


# ---------------------------------------------------------------- cohorts


def test_a_cohort_tells_who_stands_where_and_hides_what_few_gave(database: Database) -> None:
    with database.sessions.begin() as session:
        for number in range(10):
            ask(session, f"leader.{number}", "using" if number < 5 else None)
        ask(session, "late.comer", "using", cohort="autumn")
        enrol(session, "not.yet", cohort="autumn")
    found = cohorts(database)
    assert (found["spring"].people, found["spring"].responded, found["spring"].sent) == (10, 5, 20)
    assert found["autumn"].statuses["active"] == found["autumn"].statuses["waiting"] == 1
    assert (found["autumn"].responded, found["autumn"].remembered) == (SUPPRESSED, SUPPRESSED)


def test_all_but_few_who_responded_would_give_the_few_away(database: Database) -> None:
    with database.sessions.begin() as session:
        for number in range(10):
            ask(session, f"leader.{number}", "using" if number < 9 else None)
    assert cohorts(database)["spring"].responded is SUPPRESSED


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["using", "forgot", None])), max_size=12))
def test_all_less_the_cohorts_that_are_shown_are_nobody_or_enough(
    database: Database, people: list[tuple[str, str | None]]
) -> None:
    context = build_context(small_group=SMALL)
    with database.sessions() as session, session.begin() as transaction:
        for number, (cohort, answer) in enumerate(people):
            ask(session, f"leader.{number}", answer, cohort=cohort)
        rows = read_cohorts(session, context).rows
        whole = [row for row in read_learning(session, context).rows if row.scope == "all"]
        transaction.rollback()
    told = [row for row in rows if row.remembered is not None and not isinstance(row.remembered, Suppressed)]
    everybody = whole[-1].people if whole else 0
    assert isinstance(everybody, int)
    missing = everybody - sum(row.people for row in told)
    assert missing == 0 or missing >= SMALL
    assert all(row.people >= SMALL for row in told)
