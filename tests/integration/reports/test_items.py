import json
from collections.abc import Iterable
from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from models.database import Database
from models.domain import Answer
from models.tables import EventRow
from reports.items import ItemProgress, read_items
from reports.render import build_document
from reports.report import SUPPRESSED, ReportContext
from reports.suppression import NO_ANSWERS, AnswerFigures, keep_released, tally_answers
from scheduler.classifying import classify
from tests.builders import at, build_programme, build_tip
from tests.integration.reports.stage import (
    NOW,
    build_context,
    enrol,
    hit,
    keep_nudge,
    press,
    prompt,
    resource,
    tip,
)

ANSWERS = st.sampled_from(get_args(Answer))
WEEK = date(2027, 1, 18)
GIVEN = st.lists(st.tuples(st.just(WEEK), st.sampled_from("abcdefghijklmnop"), ANSWERS), max_size=40)


def read_item(database: Database, item: str, context: ReportContext | None = None) -> ItemProgress:
    with database.reading() as session:
        return next(row for row in read_items(session, context or build_context()).rows if row.item == item)


def ask(database: Database, answers: Iterable[str | None]) -> None:
    """Leaders who met `ask-early` on 12 January and were asked a week later; each gave this answer, or none."""
    with database.sessions.begin() as session:
        for number, answer in enumerate(answers):
            enrolment = enrol(session, f"leader.{number}")
            keep_nudge(session, enrolment, "2027-01-12", tip("ask-early"))
            mail = keep_nudge(session, enrolment, "2027-01-19", prompt("ask-early"))
            if answer is not None:
                press(session, mail, "2027-01-19 20:00", answer=answer)


def figures(row: ItemProgress) -> tuple[object, ...]:
    return row.answered, row.using, row.nearly, row.forgot


# ---------------------------------------------------------------- the document


def test_every_tip_and_resource_has_a_row_with_the_keys_of_the_contract(database: Database) -> None:
    with database.sessions.begin() as session:
        for number in range(5):
            keep_nudge(session, enrol(session, f"leader.{number}"), "2027-01-12", tip("ask-early"))
    with database.reading() as session:
        document = build_document(read_items(session, build_context()))
    unseen = {"watched": 0, "opened": 0}
    nothing = {"met_by": 0, "prompts": 0, "answered": 0, "using": 0, "nearly": 0, "forgot": 0}
    assert json.loads(json.dumps(document)) == {
        "as_of": "2027-02-08T12:00:00Z",
        "turned": "2027-02-08T00:00:00Z",
        "rows": [
            {
                "item": "ask-early",
                "kind": "tip",
                "met_by": 5,
                "prompts": 0,
                "answered": 0,
                "using": 0,
                "nearly": 0,
                "forgot": 0,
                "retrievability_now": 0.565,
                **unseen,
            },
            {"item": "be-open", "kind": "tip", **nothing, "retrievability_now": None, **unseen},
            {"item": "case", "kind": "resource", **nothing, "retrievability_now": None, **unseen},
            {"item": "digest", "kind": "resource", **nothing, "retrievability_now": None, **unseen},
        ],
        "answers_removed": 0,
    }


def test_a_suppressed_figure_is_null_and_its_row_says_so(database: Database) -> None:
    ask(database, ["using", "using", "nearly", "forgot"])
    with database.reading() as session:
        row = build_document(read_items(session, build_context()))["rows"][0]
    assert row == {
        "item": "ask-early",
        "kind": "tip",
        "met_by": 4,
        "prompts": 4,
        "answered": None,
        "using": None,
        "nearly": None,
        "forgot": None,
        "retrievability_now": None,
        "watched": 0,
        "opened": 0,
        "suppressed": True,
    }


# ---------------------------------------------------------------- what is opened


def bring(database: Database, people: int, *, opened: int, at_hour: int = 12, agrees: bool = True) -> None:
    """A tracked mail with a tip to each of so many people, of whom some opened it that day."""
    with database.sessions.begin() as session:
        for number in range(people):
            leader = enrol(session, f"reader{number}", agrees=agrees)
            mail = keep_nudge(session, leader, "2027-01-12", tip("ask-early"), tracked=True)
            if number < opened:
                hit(session, mail, "open", f"2027-01-12 {at_hour}:00")
    classify(database, now=NOW)


def read_opens(database: Database, **fields: Any) -> tuple[Any, Any]:
    with database.reading() as session:
        row = next(row for row in read_items(session, build_context(**fields)).rows if row.item == "ask-early")
    return row.watched, row.opened


def test_an_item_tells_how_many_of_its_mails_were_opened(database: Database) -> None:
    bring(database, 12, opened=7)
    assert read_opens(database) == (12, 7)


@pytest.mark.parametrize("opened", [1, 8])  # of nine: one who did, or one who did not
def test_few_who_opened_or_did_not_are_not_shown(database: Database, opened: int) -> None:
    bring(database, 9, opened=opened)
    assert read_opens(database) == (SUPPRESSED, SUPPRESSED)


def test_opens_are_told_once_their_seven_days_are_over_and_no_later_one_counts(database: Database) -> None:
    bring(database, 12, opened=7)
    with database.sessions.begin() as session:
        for mail in range(8, 13):
            hit(session, mail, "open", "2027-01-19 12:00")
    classify(database, now=NOW)
    assert read_opens(database, now=at("2027-01-19 12:00")) == (0, 0)
    assert read_opens(database) == (12, 7)


def test_who_does_not_agree_is_not_looked_at(database: Database) -> None:
    bring(database, 12, opened=7, agrees=False)
    assert read_opens(database) == (0, 0)
    assert read_opens(database, tracking={"first-100-days": "on"}) == (12, 7)
    assert read_opens(database, tracking={"first-100-days": "off"}) == (0, 0)


# ---------------------------------------------------------------- what is counted


def test_an_item_is_met_new_or_as_a_rider_once_an_enrolment_and_asked_as_often_as_it_was(database: Database) -> None:
    with database.sessions.begin() as session:
        first, second = enrol(session, "first"), enrol(session, "second")
        keep_nudge(session, first, "2027-01-12", tip("be-open"), resource("digest", "with"))
        keep_nudge(session, first, "2027-01-19", prompt("be-open"), prompt("digest", "resource"))
        keep_nudge(session, first, "2027-01-26", prompt("be-open"), state="in_doubt")
        keep_nudge(session, second, "2027-01-12", tip("be-open"), state="failed")
        keep_nudge(session, second, "2027-01-14", tip("be-open"))
        keep_nudge(session, second, "2027-01-19", resource("digest"))
        keep_nudge(session, second, "2027-01-26", resource("digest"))
    assert (read_item(database, "be-open").met_by, read_item(database, "be-open").prompts) == (2, 1)
    assert (read_item(database, "digest").met_by, read_item(database, "digest").prompts) == (2, 1)


def test_the_last_answer_to_a_prompt_counts(database: Database) -> None:
    with database.sessions.begin() as session:
        mail = keep_nudge(session, enrol(session), "2027-01-19", prompt("ask-early"))
        press(session, mail, "2027-01-19 20:00", answer="forgot")
        press(session, mail, "2027-01-20 07:00", answer="using")
    row = read_item(database, "ask-early", build_context(small_group=1))
    assert figures(row) == (1, 1, 0, 0)


def test_an_item_that_left_config_keeps_its_row(database: Database) -> None:
    with database.sessions.begin() as session:
        keep_nudge(session, enrol(session), "2027-01-12", resource("of-old"))
    row = read_item(database, "of-old")
    assert (row.kind, row.met_by) == ("resource", 1)


def test_an_id_in_two_programmes_is_one_item(database: Database) -> None:
    programmes = {
        "first-100-days": build_programme(items=[build_tip("ask-early")]),
        "second": build_programme(items=[build_tip("ask-early"), build_tip("be-open")], id="second"),
    }
    with database.sessions.begin() as session:
        for programme in programmes:
            keep_nudge(session, enrol(session, programme=programme), "2027-01-12", tip("ask-early"))
    with database.reading() as session:
        rows = read_items(session, build_context(programmes=programmes)).rows
    assert [(row.item, row.met_by) for row in rows] == [("ask-early", 2), ("be-open", 0)]
    assert rows[0].retrievability_now is SUPPRESSED  # of one person


def test_an_answer_raises_what_is_remembered(database: Database) -> None:
    ask(database, ["using"] * 5)
    assert read_item(database, "ask-early").retrievability_now == 0.929


def test_a_question_of_yesterday_is_not_taken_as_left_unanswered(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = enrol(session)
        keep_nudge(session, enrolment, "2027-01-12", tip("ask-early"))
        keep_nudge(session, enrolment, "2027-02-07", prompt("ask-early"))
    assert read_item(database, "ask-early", build_context(small_group=1)).retrievability_now == 0.818


def test_a_mail_in_doubt_makes_nobody_remember(database: Database) -> None:
    with database.sessions.begin() as session:
        keep_nudge(session, enrol(session), "2027-01-12", tip("ask-early"), state="in_doubt")
    row = read_item(database, "ask-early", build_context(small_group=1))
    assert (row.met_by, row.retrievability_now) == (0, None)


# ---------------------------------------------------------------- weeks


def test_an_answer_counts_from_the_turn_of_its_week_on(database: Database) -> None:
    ask(database, ["using"] * 5)  # on Tuesday 19 January
    looks = [
        read_item(database, "ask-early", build_context(now=at(day))) for day in ("2027-01-24 23:59", "2027-01-25 00:00")
    ]
    assert [look.answered for look in looks] == [0, 5]


def test_an_answer_of_few_waits_until_others_join_it(database: Database) -> None:
    ask(database, ["using"] * 5)
    with database.sessions.begin() as session:
        for number in range(5, 10):
            mail = keep_nudge(session, enrol(session, f"leader.{number}"), "2027-01-26", prompt("ask-early"))
            press(session, mail, f"2027-{'01-27' if number == 5 else '02-03'} 20:00", answer="using")
    looks = [
        read_item(database, "ask-early", build_context(now=at(day))) for day in ("2027-02-01 09:00", "2027-02-08 09:00")
    ]
    assert [look.answered for look in looks] == [5, 10]


def test_a_change_of_mind_in_a_later_week_does_not_show(database: Database) -> None:
    ask(database, ["using"] * 5)
    with database.sessions.begin() as session:
        mail = session.scalars(select(EventRow.mail_id)).first()
        press(session, mail or 0, "2027-01-26 09:00", answer="forgot")
    assert figures(read_item(database, "ask-early", build_context(small_group=1))) == (5, 5, 0, 0)


def test_not_read_yet_is_no_answer(database: Database) -> None:
    with database.sessions.begin() as session:
        mail = keep_nudge(session, enrol(session), "2027-01-19", prompt("ask-early"))
        press(session, mail, "2027-01-19 20:00", answer="using")
        press(session, mail, "2027-01-20 20:00", kind="unread")
    assert figures(read_item(database, "ask-early", build_context(small_group=1))) == (0, 0, 0, 0)


# ---------------------------------------------------------------- small groups


@pytest.mark.parametrize(
    ("answers", "shown"),
    [
        (["using"] * 4, None),
        (["using"] * 5, (5, 5, 0, 0)),
        (["using"] * 5 + [None] * 3, (5, 5, 0, 0)),
        (["using"] * 5 + ["forgot"], None),  # one hidden would be the sum less the others
        (["using"] * 5 + ["nearly"] * 4 + ["forgot"] * 4, None),
        (["using"] * 6 + ["nearly"] * 5 + ["forgot"] * 5, (16, 6, 5, 5)),
        ([None] * 3, (0, 0, 0, 0)),
    ],
)
def test_answers_are_shown_where_enough_people_stand_behind_each_figure(
    database: Database, answers: list[str | None], shown: tuple[int, ...] | None
) -> None:
    ask(database, answers)
    assert figures(read_item(database, "ask-early")) == (shown or (SUPPRESSED,) * 4)


def test_many_answers_of_few_people_are_those_of_few(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = enrol(session)
        for day in range(11, 17):
            mail = keep_nudge(session, enrolment, f"2027-01-{day}", prompt("ask-early"))
            press(session, mail, f"2027-01-{day} 20:00", answer="using")
    assert figures(read_item(database, "ask-early")) == (SUPPRESSED,) * 4


def test_one_person_in_two_programmes_is_one_person(database: Database) -> None:
    with database.sessions.begin() as session:
        for programme in ("first-100-days", "second", "third", "fourth", "fifth"):
            mail = keep_nudge(session, enrol(session, programme=programme), "2027-01-19", prompt("ask-early"))
            press(session, mail, "2027-01-19 20:00", answer="using")
    assert figures(read_item(database, "ask-early")) == (SUPPRESSED,) * 4


@given(given=GIVEN, small_group=st.integers(0, 8))
def test_no_figure_of_a_small_group_is_shown_nor_can_be_worked_out(given: list[Any], small_group: int) -> None:
    tallies = tally_answers((("item", *one) for one in given), small_group=small_group)
    shown = tallies["item"].figures if given else NO_ANSWERS
    people = {answer: {person for _, person, said in given if said == answer} for answer in get_args(Answer)}
    is_few = any(0 < len(behind) < small_group for behind in people.values())
    parts = (shown.answered, shown.using, shown.nearly, shown.forgot)
    if is_few:
        assert parts == (SUPPRESSED,) * 4
    else:
        counts = {answer: sum(said == answer for _, _, said in given) for answer in get_args(Answer)}
        assert shown == AnswerFigures(answered=len(given), **counts)


@given(known=st.lists(st.tuples(st.sampled_from("abcdefg"), st.floats(0, 1)), max_size=20))
def test_a_mean_over_a_small_group_is_not_shown(known: list[tuple[str, float]]) -> None:
    people = {person for person, _ in known}
    assert bool(keep_released([(WEEK, *one) for one in known], small_group=5)) == (len(people) >= 5)
