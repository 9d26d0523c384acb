import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from models.database import Database
from models.tables import EnrolmentRow, PauseRow
from reports.leaders import read_leaders
from reports.progress import LeaderProgress
from reports.render import build_document
from reports.report import ReportContext
from tests.builders import at
from tests.integration.reports.stage import (
    PRIVACY_PROXY,
    agree,
    build_context,
    check_in,
    enrol,
    hit,
    keep_nudge,
    message,
    press,
    prompt,
    resource,
    tip,
)

DEAD = [("permanent", "550 no such mailbox")]
DATES = ("2027-01-12", "2027-01-14", "2027-01-19", "2027-01-21", "2027-01-26", "2027-01-28")


def read_one(database: Database, context: ReportContext | None = None) -> LeaderProgress:
    with database.reading() as session:
        (row,) = read_leaders(session, context or build_context()).rows
        return row


def change_enrolments(session: Session, **fields: Any) -> None:
    session.execute(update(EnrolmentRow).values(**fields))


# ---------------------------------------------------------------- the document


def test_a_leader_before_the_first_mail_has_a_row_with_every_key_of_the_contract(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = enrol(session)
        keep_nudge(session, enrolment, "2027-02-09", state="planned")
    with database.reading() as session:
        document = build_document(read_leaders(session, build_context()))
    assert json.loads(json.dumps(document)) == {
        "as_of": "2027-02-08T12:00:00Z",
        "rows": [
            {
                "email": "sam.sample@example.org",
                "name": "Sam Sample",
                "role": "director",
                "organisation": "Example Hospitals",
                "cohort": "2027-01",
                "programme": "first-100-days",
                "start_date": "2027-01-11",
                "day": 28,
                "status": "waiting",
                "sent": 0,
                "opened": None,
                "engaged": 0,
                "items_met": 0,
                "items_total": 4,
                "check_ins_done": 0,
                "last_activity": None,
                "next_slot": "2027-02-09T08:30:00Z",
                "problems": [],
            }
        ],
    }
    assert list(document["rows"][0])[-3:] == ["last_activity", "next_slot", "problems"]


def test_what_came_back_from_a_leader_who_agreed_to_tracking(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = enrol(session, agrees=True)
        keep_nudge(session, enrolment, "2026-12-21", message("welcome"))
        opened = keep_nudge(session, enrolment, "2027-01-12", tip("ask-early"), tracked=True)
        hit(session, opened, "open", "2027-01-12 09:15")
        followed = keep_nudge(session, enrolment, "2027-01-19", resource("case"), prompt("ask-early"), tracked=True)
        hit(session, followed, "click", "2027-01-19 17:40", position=0)
        answered = keep_nudge(
            session, enrolment, "2027-01-26", tip("be-open"), resource("digest", "with"), prompt("case", "resource")
        )
        press(session, answered, "2027-01-27 07:00", position=2, answer="using")
        done = keep_nudge(session, enrolment, "2027-02-02", check_in(30), tracked=True)
        press(session, done, "2027-02-03 18:05", kind="check_in", done="yes")
        keep_nudge(session, enrolment, "2027-02-04", prompt("be-open"), tracked=True)
    row = read_one(database)
    assert (row.status, row.sent, row.opened, row.engaged) == ("active", 6, 3, 3)
    assert (row.items_met, row.items_total, row.check_ins_done) == (4, 4, 1)
    assert row.last_activity == at("2027-02-03 18:05")
    assert (row.next_slot, row.problems) == (None, ())


def test_rows_stand_in_the_order_of_names(database: Database) -> None:
    with database.sessions.begin() as session:
        for name in ("zoe.last", "anna.first", "mia.middle"):
            enrol(session, name)
    with database.reading() as session:
        rows = read_leaders(session, build_context()).rows
    assert [row.name for row in rows] == ["Anna First", "Mia Middle", "Zoe Last"]


# ---------------------------------------------------------------- opens and engagement


def test_without_agreement_only_pressed_buttons_count(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = enrol(session)
        first = keep_nudge(session, enrolment, "2027-01-12", tip("ask-early"))
        hit(session, first, "open", "2027-01-12 10:00")
        second = keep_nudge(session, enrolment, "2027-01-19", prompt("ask-early"))
        press(session, second, "2027-01-19 11:00", answer="nearly")
        third = keep_nudge(session, enrolment, "2027-01-21", prompt("ask-early"))
        hit(session, third, "page", "2027-01-21 11:00", position=0)
    row = read_one(database)
    assert (row.opened, row.engaged, row.last_activity) == (None, 1, at("2027-01-19 11:00"))


def test_an_agreement_taken_back_hides_what_was_seen_before(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = enrol(session, agrees=True)
        mail = keep_nudge(session, enrolment, "2027-01-12", resource("case"), tracked=True)
        hit(session, mail, "click", "2027-01-12 10:00", position=0)
    assert (read_one(database).opened, read_one(database).engaged) == (1, 1)
    with database.sessions.begin() as session:
        agree(session, enrolment, tracking=False)
    row = read_one(database)
    assert (row.opened, row.engaged, row.last_activity) == (None, 0, None)


def test_an_agreement_after_the_last_mail_makes_no_zero_of_what_was_never_seen(database: Database) -> None:
    with database.sessions.begin() as session:
        keep_nudge(session, enrol(session, agrees=True), "2027-01-12", tip("ask-early"))
    assert read_one(database).opened is None


def test_a_tracked_leader_who_opened_nothing_has_a_zero(database: Database) -> None:
    with database.sessions.begin() as session:
        keep_nudge(session, enrol(session, agrees=True), "2027-01-12", tip("ask-early"), tracked=True)
    assert read_one(database).opened == 0


def test_what_an_assistant_opens_and_follows_is_no_evidence(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = enrol(session, agrees=True, assistant_reads=True)
        mail = keep_nudge(session, enrolment, "2027-01-12", resource("case"), tracked=True)
        hit(session, mail, "click", "2027-01-12 10:00", position=0)
    row = read_one(database)
    assert (row.opened, row.engaged, row.last_activity) == (None, 0, None)


def test_machines_neither_open_nor_engage(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = enrol(session, agrees=True)
        mail = keep_nudge(session, enrolment, "2027-01-12", resource("case"), tracked=True)
        hit(session, mail, "open", "2027-01-12 12:00", agent=PRIVACY_PROXY)
        hit(session, mail, "click", "2027-01-12 08:30:04", position=0)
        hit(session, mail, "click", "2027-01-12 12:00", position=0, method="HEAD")
    row = read_one(database)
    assert (row.opened, row.engaged, row.last_activity) == (0, 0, None)


def test_an_open_through_an_image_proxy_is_a_real_one(database: Database) -> None:
    with database.sessions.begin() as session:
        mail = keep_nudge(session, enrol(session, agrees=True), "2027-01-12", tip("ask-early"), tracked=True)
        hit(session, mail, "open", "2027-01-12 12:00", agent="Mozilla/5.0 (via ggpht.com GoogleImageProxy)")
    row = read_one(database)
    assert (row.opened, row.engaged, row.last_activity) == (1, 0, at("2027-01-12 12:00"))


# ---------------------------------------------------------------- what was met


@pytest.mark.parametrize("state", ["in_doubt", "failed", "failed_after_doubt", "expired", "cancelled"])
def test_only_a_mail_that_was_sent_counts_as_sent_and_met(database: Database, state: str) -> None:
    with database.sessions.begin() as session:
        keep_nudge(session, enrol(session), "2027-01-12", tip("ask-early"), state=state)
    row = read_one(database)
    assert (row.sent, row.items_met) == (0, 0)


def test_a_mail_that_is_no_nudge_does_not_count(database: Database) -> None:
    with database.sessions.begin() as session:
        keep_nudge(session, enrol(session), "2027-01-12", kind="confirmation")
    assert (read_one(database).sent, read_one(database).status) == (0, "waiting")


def test_an_item_that_went_out_twice_is_met_once_and_a_prompt_alone_meets_nothing(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = enrol(session)
        keep_nudge(session, enrolment, "2027-01-12", tip("ask-early"))
        keep_nudge(session, enrolment, "2027-01-19", tip("ask-early"), prompt("be-open"))
    assert read_one(database).items_met == 1


def test_a_skipped_item_is_left_out_of_the_total(database: Database) -> None:
    with database.sessions.begin() as session:
        enrol(session, skip=("digest",))
    assert read_one(database).items_total == 3


def test_what_was_met_in_an_earlier_role_belongs_to_the_total(database: Database) -> None:
    with database.sessions.begin() as session:
        keep_nudge(session, enrol(session), "2027-01-12", tip("of-an-earlier-role"), tip("ask-early"))
    row = read_one(database)
    assert (row.items_met, row.items_total) == (2, 5)


# ---------------------------------------------------------------- day and status


def test_the_day_is_that_of_the_leaders_own_calendar(database: Database) -> None:
    with database.sessions.begin() as session:
        enrol(session, time_zone="Pacific/Auckland")
    assert read_one(database, build_context(now=at("2027-02-08 10:59"))).day == 28
    assert read_one(database, build_context(now=at("2027-02-08 11:00"))).day == 29


def test_paused_days_are_not_counted_and_the_status_says_paused_until_the_last_of_them(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = enrol(session)
        first, last = date(2027, 2, 1), date(2027, 2, 8)
        pause = PauseRow(
            enrolment_id=enrolment.id, first=first, last=last, by="leader", created_at=at("2027-02-01 09:00")
        )
        session.add(pause)
    assert (read_one(database).day, read_one(database).status) == (20, "paused")
    tomorrow = read_one(database, build_context(now=at("2027-02-09 12:00")))
    assert (tomorrow.day, tomorrow.status) == (21, "waiting")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"held_at": at("2027-02-01 09:00")}, "held"),
        ({"config_status": "withdrawn"}, "withdrawn"),
        ({"left_at": at("2027-02-01 09:00"), "held_at": at("2027-02-01 09:00")}, "withdrawn"),
        ({"config_status": "active"}, "active"),
    ],
)
def test_who_is_stopped_has_the_status_that_says_why(database: Database, fields: dict[str, Any], status: str) -> None:
    with database.sessions.begin() as session:
        keep_nudge(session, enrol(session), "2027-01-12", tip("ask-early"))
        change_enrolments(session, **fields)
    assert read_one(database).status == status


@pytest.mark.parametrize(("state", "status"), [("sent", "completed"), ("in_doubt", "completed"), ("failed", "waiting")])
def test_the_closing_summary_completes(database: Database, state: str, status: str) -> None:
    with database.sessions.begin() as session:
        keep_nudge(session, enrol(session), "2027-04-21", message("closing-summary"), state=state)
    assert read_one(database, build_context(now=at("2027-04-22 12:00"))).status == status


def test_a_row_that_disappears_after_the_closing_summary_leaves_the_leader_completed(database: Database) -> None:
    with database.sessions.begin() as session:
        keep_nudge(session, enrol(session), "2027-04-21", message("closing-summary"))
        change_enrolments(session, held_at=at("2027-04-30 09:00"))
    row = read_one(database, build_context(now=at("2027-05-03 12:00")))
    assert (row.status, row.problems) == ("completed", ())


@pytest.mark.parametrize(
    ("states", "status"),
    [
        (["sent", "failed", "failed", "failed"], "suppressed"),
        (["failed", "failed"], "waiting"),
        (["failed", "failed", "sent", "failed"], "active"),
        (["failed", "failed", "expired", "failed"], "suppressed"),
        (["failed", "failed", "failed_after_doubt"], "waiting"),
        (["failed", "failed", "failed", "sent"], "active"),
    ],
)
def test_three_refusals_in_a_row_suppress(database: Database, states: list[str], status: str) -> None:
    with database.sessions.begin() as session:
        enrolment = enrol(session)
        for on, state in zip(DATES, states, strict=False):
            keep_nudge(session, enrolment, on, state=state)
    assert read_one(database).status == status


def test_a_corrected_address_starts_afresh(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = enrol(session)
        for on in DATES[:3]:
            keep_nudge(session, enrolment, on, state="failed", recipient="mistyped@example.org")
    assert read_one(database).status == "waiting"


# ---------------------------------------------------------------- problems


def test_mails_in_doubt_and_refused_ones_are_named_with_the_servers_word(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = enrol(session)
        keep_nudge(session, enrolment, "2027-01-12", state="in_doubt", attempts=[("in_doubt", "no answer")])
        soft = ("temporary", "451 later")
        keep_nudge(session, enrolment, "2027-01-19", state="failed", attempts=[soft, ("permanent", "552 too big")])
        keep_nudge(session, enrolment, "2027-01-26", state="failed", attempts=[("permanent", "550 no such\n mailbox")])
        keep_nudge(session, enrolment, "2027-01-28", state="failed_after_doubt")
    assert read_one(database).problems == (
        "2 mails refused for good, the last on 2027-01-26: 550 no such mailbox",
        "1 mail in doubt, the last of 2027-01-12: the server may or may not have it",
        "1 mail given up after a doubt, the last on 2027-01-28: it may have arrived",
    )


def test_a_dead_address_is_the_first_problem(database: Database) -> None:
    with database.sessions.begin() as session:
        enrolment = enrol(session)
        for on in DATES[:3]:
            keep_nudge(session, enrolment, on, state="failed", attempts=DEAD)
    assert read_one(database).problems == (
        "the last 3 mails were refused for good, check the address",
        "3 mails refused for good, the last on 2027-01-19: 550 no such mailbox",
    )


@pytest.mark.parametrize(
    ("tries", "attempt", "problems"),
    [
        (1, ("not_composed", "no tip ask-early"), ("the next mail cannot be composed: no tip ask-early",)),
        (2, ("temporary", "451 greylisted"), ()),
        (3, ("temporary", "451 greylisted"), ("the next mail was put off 3 times: 451 greylisted",)),
    ],
)
def test_a_mail_that_does_not_get_on_its_way_is_a_problem(
    database: Database, tries: int, attempt: tuple[str, str], problems: tuple[str, ...]
) -> None:
    with database.sessions.begin() as session:
        keep_nudge(session, enrol(session), "2027-02-08", state="planned", tries=tries, attempts=[attempt])
    assert read_one(database).problems == problems


def test_a_held_row_an_unknown_role_and_an_unknown_programme_are_problems(database: Database) -> None:
    with database.sessions.begin() as session:
        enrol(session, role="astronaut")
        change_enrolments(session, held_at=at("2027-02-01 09:00"))
    row = read_one(database)
    assert row.items_total is None
    assert row.problems == (
        "held: the row is missing from config, put it back",
        "the programme first-100-days has no role astronaut any more, give another",
    )
    assert read_one(database, build_context(programmes={})).problems == (
        "held: the row is missing from config, put it back",
        "the programme first-100-days is not in config any more, put it back",
    )


def test_what_the_api_holds_is_put_right_there(database: Database) -> None:
    with database.sessions.begin() as session:
        enrol(session)
        change_enrolments(session, held_at=at("2027-02-01 09:00"), source="api")
    assert read_one(database).problems == ("held by the API, change it there or enrol the leader there again",)


@pytest.mark.parametrize(
    ("tracked", "problem"),
    [(True, "nothing opened or answered in 5 mails"), (False, "nothing answered in 5 mails, opens are not tracked")],
)
def test_silence_after_five_mails_is_a_problem(database: Database, tracked: bool, problem: str) -> None:
    with database.sessions.begin() as session:
        enrolment = enrol(session, agrees=tracked)
        for on in DATES[:4]:
            keep_nudge(session, enrolment, on, prompt("ask-early"), tracked=tracked)
    assert read_one(database).problems == ()
    with database.sessions.begin() as session:
        mail = keep_nudge(session, enrolment, DATES[4], prompt("ask-early"), tracked=tracked)
    assert read_one(database).problems == (problem,)
    with database.sessions.begin() as session:
        press(session, mail, "2027-01-26 18:00", answer="forgot")
    assert read_one(database).problems == ()


def test_an_end_without_a_closing_summary_is_a_problem(database: Database) -> None:
    with database.sessions.begin() as session:
        keep_nudge(session, enrol(session), "2027-01-12", tip("ask-early"))
    assert read_one(database, build_context(now=at("2027-04-24 12:00"))).problems == ()  # day 103
    late = read_one(database, build_context(now=at("2027-04-25 12:00")))
    assert late.problems == ("the programme ended on day 103 without a closing summary",)


def test_nobody_need_look_at_who_has_left(database: Database) -> None:
    with database.sessions.begin() as session:
        keep_nudge(session, enrol(session, role="astronaut"), "2027-01-12", state="failed", attempts=DEAD)
        change_enrolments(session, left_at=at("2027-02-01 09:00"))
    assert read_one(database).problems == ()
