"""What a leader changes alone: each press works, says what holds, and is undone as easily."""

import dataclasses
import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.database import Database
from models.domain import Enrolment
from models.store import read_enrolments
from models.tables import AuditRow, ConsentRow, EnrolmentRow, MailRow
from reports.leader import Hold, MailStory, NextMail, SaidItem
from reports.leaders import read_leaders
from reports.progress import LeaderProgress
from reports.report import ReportContext
from tests.builders import at
from tests.integration.web.scene import PROGRAMME, READ_AT, Scene, find_nonce, open_scene
from web.sight import tell_what_hr_sees


def read_enrolment(scene: Scene) -> Enrolment:
    with scene.database.reading() as session:
        (enrolment,) = read_enrolments(session, tracking=scene.site.tracking(), ids=[scene.enrolment_id])
        return enrolment


def wish(scene: Scene, action: str, **fields: Any) -> str:
    """The page after a press that made sense."""
    page = scene.press(scene.preferences, action=action, **fields)
    assert page.status_code == 200, page.text
    return page.text


def facts(page: str) -> dict[str, str]:
    """What the page says holds now."""
    return dict(re.findall(r"<dt[^>]*>(.+?)</dt>\s*<dd[^>]*>(.+?)</dd>", page))


def test_the_page_says_exactly_what_holds_now(scene: Scene) -> None:
    assert facts(scene.get(scene.preferences).text) == {
        "E-mails": "On",
        "How many": "Standard: at most 2 in any seven days, never on two days running.",
        "Days and time": "Monday to Friday, at 08:30 (London time), never on a public holiday",
        "Form": "Designed, with the same as plain text",
        "Your role": "Director",
        "Day 0, your start": "11 January 2027",
        "Opens and clicks": "Recorded since you agreed on 12 January 2027",
    }


def test_agreeing_and_taking_it_back_are_dated_and_equally_easy(database: Database) -> None:
    scene = open_scene(database, agreed=False)
    assert facts(scene.get(scene.preferences).text)["Opens and clicks"] == "Not recorded"
    agreed = wish(scene, "tracking", tracking="on")
    assert read_enrolment(scene).leader.tracking is True
    assert facts(agreed)["Opens and clicks"] == "Recorded since you agreed on 12 January 2027"
    scene.wait(days=2)
    taken_back = scene.press(scene.preferences, nonce=find_nonce(agreed), action="tracking", tracking="off").text
    assert read_enrolment(scene).leader.tracking is False
    expected = "Not recorded since you took your agreement back on 14 January 2027"
    assert facts(taken_back)["Opens and clicks"] == expected
    with database.reading() as session:
        rows = session.scalars(select(ConsentRow).order_by(ConsentRow.id)).all()
    assert [(row.tracking, row.at, row.how) for row in rows] == [
        (True, READ_AT + timedelta(seconds=5), "preferences page"),
        (False, READ_AT + timedelta(days=2, seconds=5), "preferences page"),
    ]


def test_agreeing_changes_nothing_else(database: Database) -> None:
    scene = open_scene(database, agreed=False)
    scene.add_mail()
    before = scene.tables(without=["events", "memories", "consents", "audit"])
    wish(scene, "tracking", tracking="on")
    after = scene.tables(without=["events", "memories", "consents", "audit"])
    confirmation = after["mails"].pop()
    assert confirmation[1] == "confirmation"
    assert after == before


@pytest.mark.parametrize(
    ("setting", "says"), [("off", "Not recorded"), ("on", "Recorded, as your organisation has decided")]
)
def test_where_there_is_nothing_to_agree_to_nothing_is_offered(database: Database, setting: str, says: str) -> None:
    scene = open_scene(database, agreed=False, open_tracking=setting)
    page = scene.get(scene.preferences).text
    assert facts(page)["Opens and clicks"] == says
    assert 'name="tracking"' not in page
    assert scene.press(scene.preferences, action="tracking", tracking="on").status_code == 400


def test_a_pause_without_end_lasts_until_it_is_ended(scene: Scene) -> None:
    assert facts(wish(scene, "pause"))["E-mails"] == "Paused until you end the pause"
    assert [(span.first, span.last) for span in read_enrolment(scene).pauses] == [(READ_AT.date(), None)]
    scene.wait(days=30)
    page = wish(scene, "resume")
    assert facts(page)["E-mails"] == "On"
    assert "your days count on from today" in page


def test_a_pause_with_a_last_day_ends_by_itself(scene: Scene) -> None:
    page = wish(scene, "pause", until="2027-01-20")
    assert facts(page)["E-mails"] == "Paused up to and including 20 January 2027"
    scene.wait(days=8)
    assert facts(scene.get(scene.preferences).text)["E-mails"] == "Paused up to and including 20 January 2027"
    scene.wait(days=1)
    assert facts(scene.get(scene.preferences).text)["E-mails"] == "On"


def test_a_last_day_that_makes_no_sense_pauses_nothing_and_says_so(scene: Scene) -> None:
    before = scene.tables(without=["events", "memories"])
    for until, says in {
        "2027-01-11": "2027-01-11 is past; choose today or a later day.",
        "2028-01-14": "Choose a last day within the next year, or none.",
        "20 January": "Write the last day like 2027-02-26, or leave it empty.",
        "2027-02-30": "Write the last day like 2027-02-26, or leave it empty.",
        "20270120": "Write the last day like 2027-02-26, or leave it empty.",
    }.items():
        nonce = scene.nonce(scene.preferences)
        page = scene.press(scene.preferences, nonce=nonce, action="pause", until=until)
        assert page.status_code == 400
        assert says in page.text
    assert scene.tables(without=["events", "memories"]) == before


def test_a_pace_is_chosen_from_those_there_are(scene: Scene) -> None:
    planned = scene.add_mail()
    assert facts(wish(scene, "pace", pace="full"))["How many"].startswith("Full: at most 3")
    assert read_enrolment(scene).pace == "full"
    assert planned not in [row[0] for row in scene.tables()["mails"]]
    assert scene.press(scene.preferences, action="pace", pace="hasty").status_code == 400
    assert read_enrolment(scene).pace == "full"


def test_days_and_hour_are_chosen_together(scene: Scene) -> None:
    page = wish(scene, "days", days=["0", "2"], send_at="16:05")
    assert facts(page)["Days and time"] == "Monday and Wednesday, at 16:05 (London time), never on a public holiday"
    leader = read_enrolment(scene).leader
    assert (leader.working_days, f"{leader.send_at:%H:%M}") == ((0, 2), "16:05")


def test_days_or_an_hour_that_make_no_sense_change_neither(scene: Scene) -> None:
    for days, send_at in (([], "16:05"), (["7"], "16:05"), (["0", "x"], "16:05"), (["0"], "25:00"), (["0"], "noon")):
        assert scene.press(scene.preferences, action="days", days=days, send_at=send_at).status_code == 400
    leader = read_enrolment(scene).leader
    assert (leader.working_days, f"{leader.send_at:%H:%M}") == ((0, 1, 2, 3, 4), "08:30")


def test_leaving_stops_everything_and_coming_back_undoes_it(scene: Scene) -> None:
    scene.add_mail()
    page = wish(scene, "leave")
    assert facts(page)["E-mails"] == "Off: you left on 12 January 2027"
    assert read_enrolment(scene).stopped == "withdrawn"
    assert [row[1] for row in scene.tables()["mails"]].count("nudge") == 1  # what was planned is gone
    assert "Leave the programme" not in page
    back = wish(scene, "return")
    assert facts(back)["E-mails"] == "On"
    assert read_enrolment(scene).stopped is None


def test_one_click_leaves_at_once_as_often_as_it_comes(scene: Scene) -> None:
    scene.browser.cookies.clear()
    after: list[object] = []
    for _ in range(3):
        page = scene.browser.post(scene.leaving, data={"List-Unsubscribe": "One-Click"})
        assert (page.status_code, "You have left First 100 days" in page.text) == (200, True)
        after.append(scene.tables(without=["events", "memories"]))
        scene.wait(minutes=1)
    assert after[0] == after[1] == after[2]
    assert read_enrolment(scene).stopped == "withdrawn"
    wish(scene, "return")
    assert read_enrolment(scene).stopped is None
    scene.browser.post(scene.leaving, files={"List-Unsubscribe": (None, "One-Click")})  # multipart, as RFC 8058 has it
    assert read_enrolment(scene).stopped == "withdrawn"


def test_leaving_is_honoured_when_the_programme_is_gone_from_config_or_the_mail_from_the_store(scene: Scene) -> None:
    scene.programmes.clear()
    unkept = scene.path("u", scene.enrolment_id, 4711)
    assert scene.browser.post(unkept, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert read_enrolment(scene).stopped == "withdrawn"
    assert scene.get(scene.path("p", scene.enrolment_id, 4711)).status_code == 200
    assert wish(scene, "return")


def test_looking_at_the_page_of_leaving_leaves_nothing(scene: Scene) -> None:
    before = scene.tables(without=["events", "memories"])
    page = scene.get(scene.leaving).text
    assert '<input type="hidden" name="List-Unsubscribe" value="One-Click">' in page
    for data in ({}, {"List-Unsubscribe": "yes"}):
        assert scene.browser.post(scene.leaving, data=data).status_code == 400
    assert scene.tables(without=["events", "memories"]) == before


def test_the_same_press_twice_is_one_choice(scene: Scene) -> None:
    nonce = scene.nonce(scene.preferences)
    scene.press(scene.preferences, nonce=nonce, action="pause")
    resumed = scene.press(scene.preferences, action="resume")
    assert facts(resumed.text)["E-mails"] == "On"
    again = scene.press(scene.preferences, nonce=nonce, action="pause")
    assert (again.status_code, facts(again.text)["E-mails"]) == (200, "On")
    assert "This was saved before." in again.text


def test_two_buttons_of_one_page_are_two_choices(scene: Scene) -> None:
    nonce = scene.nonce(scene.preferences)
    scene.press(scene.preferences, nonce=nonce, action="pace", pace="full")
    scene.press(scene.preferences, nonce=nonce, action="pace", pace="light")
    assert read_enrolment(scene).pace == "light"


def test_an_unknown_wish_or_a_page_that_is_not_ours_changes_nothing(scene: Scene) -> None:
    before = scene.tables(without=["events", "memories"])
    for fields in ({}, {"action": "erase"}, {"action": "leave", "nonce": "x"}, {"action": "tracking", "tracking": "?"}):
        page = scene.press(scene.preferences, **fields)
        assert (page.status_code, 'role="alert"' in page.text) == (400, True)
    assert scene.tables(without=["events", "memories"]) == before
    assert all(event.kind == "page" for event in scene.events())


def test_each_choice_is_on_record_with_its_leader(scene: Scene) -> None:
    for fields in ({"action": "pause"}, {"action": "resume"}, {"action": "leave"}, {"action": "return"}):
        scene.press(scene.preferences, **fields)
    with scene.database.reading() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
    assert [row.action for row in rows if row.actor == "leader"][1:] == ["paused", "resumed", "left", "returned"]


def test_after_the_programmes_end_the_page_says_so(scene: Scene) -> None:
    scene.now = at("2027-04-24 12:00")
    assert facts(scene.get(scene.preferences).text)["E-mails"] == "On"
    scene.now = at("2027-04-25 12:00")
    page = scene.get(scene.preferences).text
    assert facts(page)["E-mails"] == "Off: the programme has come to its end"
    assert PROGRAMME not in page


def test_consent_can_be_taken_back_after_the_programmes_end_and_not_given(database: Database) -> None:
    scene = open_scene(database)
    scene.now = at("2027-04-25 12:00")
    assert "Stop recording" in scene.get(scene.preferences).text
    assert scene.press(scene.preferences, action="tracking", tracking="off").status_code == 200
    page = scene.get(scene.preferences).text
    assert facts(page)["Opens and clicks"].startswith("Not recorded since you took your agreement back")
    assert "Yes, record opens and clicks" not in page


def test_mail_comes_as_text_alone_for_who_wants_it_so_and_as_usual_again(scene: Scene) -> None:
    assert facts(wish(scene, "format", format="plain"))["Form"] == "Text alone"
    assert read_enrolment(scene).leader.plain is True
    assert facts(wish(scene, "format", format="both"))["Form"].startswith("Designed")
    assert read_enrolment(scene).leader.plain is False
    assert scene.press(scene.preferences, action="format", format="fancy").status_code == 400


def test_a_reason_for_leaving_is_one_of_a_list_and_on_record(scene: Scene) -> None:
    refused = scene.press(scene.preferences, action="leave", why="because I say so")
    assert (refused.status_code, read_enrolment(scene).stopped) == (400, None)
    wish(scene, "leave", why="too-much")
    assert read_enrolment(scene).stopped == "withdrawn"
    with scene.database.reading() as session:
        change = session.scalar(select(AuditRow.change).where(AuditRow.action == "left"))
    assert change and change["after"]["value"].endswith(": too-much")


# ---------------------------------------------------------------- what HR is asked


def notices(scene: Scene) -> list[tuple[str, dict[str, str]]]:
    """Mail to HR that waits, by recipient."""
    with scene.database.reading() as session:
        rows = session.execute(select(MailRow.recipient, MailRow.notice).where(MailRow.kind != "nudge")).all()
    return [(to, notice["values"]) for to, notice in rows if notice and notice["says"] == "correction"]


def test_a_correction_is_asked_of_hr_by_mail_and_changes_nothing(database: Database) -> None:
    scene = open_scene(database, hr_contact="hr@example.org")
    page = wish(scene, "correct", role="director", start_date="2027-02-01")
    assert "HR is asked by e-mail. Nothing changes until they have looked at it." in page
    assert "You asked on 12 January 2027" in page
    line = "Start date: 1 February 2027 (now 11 January 2027)"
    assert f"<li>{line}</li>" in page
    assert notices(scene) == [("hr@example.org", {"on": "2027-01-12", "asks": line})]
    assert facts(page)["Day 0, your start"] == "11 January 2027"
    wish(scene, "correct", role="director", start_date="2027-02-01")
    assert len(notices(scene)) == 1


def test_without_an_address_of_hrs_the_request_stands_in_the_report(scene: Scene) -> None:
    page = wish(scene, "correct", role="director", start_date="2027-02-01")
    assert "Your request is kept where HR sees it." in page
    assert notices(scene) == []
    assert "asks for a correction: start date 2027-02-01; change the row, if it is right" in report(scene).problems


def test_a_request_that_hr_has_met_is_shown_no_more(scene: Scene) -> None:
    wish(scene, "correct", role="director", start_date="2027-02-01")
    with scene.database.sessions.begin() as session:
        session.get_one(EnrolmentRow, scene.enrolment_id).start_date = date(2027, 2, 1)
    assert "You asked on" not in scene.get(scene.preferences).text
    assert not any("correction" in problem for problem in report(scene).problems)


def test_nobody_fills_hrs_mailbox_by_a_leaders_link(database: Database) -> None:
    scene = open_scene(database, hr_contact="hr@example.org")
    for day in (1, 2, 3):
        wish(scene, "correct", role="director", start_date=f"2027-02-0{day}")
    page = scene.press(scene.preferences, action="correct", role="director", start_date="2027-02-04")
    assert (page.status_code, "please wait for an answer" in page.text) == (400, True)
    assert [values["asks"] for _, values in notices(scene)] == ["Start date: 3 February 2027 (now 11 January 2027)"]
    scene.wait(days=1)
    wish(scene, "correct", role="director", start_date="2027-02-04")


def test_a_request_that_makes_no_sense_is_kept_nowhere(scene: Scene) -> None:
    for role, start, says in (
        ("director", "2027-01-11", "That is what HR has already"),
        ("director", "", "That is what HR has already"),
        ("emperor", "2027-01-11", "Choose your role from the list."),
        ("director", "2037-01-11", "Choose a start date within a year of today."),
        ("director", "soon", "Write the start date like 2027-01-11."),
    ):
        page = scene.press(scene.preferences, action="correct", role=role, start_date=start)
        assert (page.status_code, says in page.text) == (400, True), (role, start)
    assert report(scene).problems == ()


# ---------------------------------------------------------------- what HR sees


def report(scene: Scene) -> LeaderProgress:
    """The leader's row of the report that HR reads."""
    context = ReportContext(programmes=scene.programmes, tracking=scene.site.tracking(), small_group=5, now=scene.now)
    with scene.database.reading() as session:
        (row,) = read_leaders(session, context).rows
        return row


@pytest.mark.parametrize("tracking", [True, False])
def test_the_page_tells_of_every_field_that_the_report_shows_of_this_leader(scene: Scene, tracking: bool) -> None:
    scene.agree(tracking)
    shown = {
        field.name for field in dataclasses.fields(LeaderProgress) if getattr(report(scene), field.name) is not None
    }
    sight = tell_what_hr_sees(scene.site.settings, watched=read_enrolment(scene).leader.tracking)
    told = {field for line in sight.seen for field in line.fields}
    of_one = {field.name for row in (MailStory, SaidItem, Hold, NextMail) for field in dataclasses.fields(row)}
    nothing_by_itself = {"item", "kind", "placed"}  # they stand in "items"
    shown |= of_one - nothing_by_itself - {"answer"} - (set() if tracking else {"opened"})
    assert told - {"last_activity", "next_slot", "items_total"} <= shown <= told
    page = scene.get(scene.preferences).text
    assert all(line.says in page for line in sight.seen)


def test_the_page_tells_of_answers_where_the_report_on_one_leader_may_show_them(database: Database) -> None:
    settings = open_scene(database, answers_visible_to_admins=True).site.settings
    hidden = settings.model_copy(update={"answers_visible_to_admins": False})
    assert not any("answer" in line.fields for line in tell_what_hr_sees(hidden, watched=True).seen)
    told = tell_what_hr_sees(settings, watched=True)
    assert any("answer" in line.fields for line in told.seen)


def test_the_page_tells_what_hr_sees(database: Database) -> None:
    scene = open_scene(database)
    page = scene.get(scene.preferences).text
    seen, unseen = page.split('id="hr"')[1].split("And what not")
    assert "Which e-mails you opened" in seen
    assert "how likely it is thought that you still remember a tip" in seen  # as `plan` and `why` say
    assert "What you write at a check-in or as a note, and which tips you keep as habits" in unseen
    assert "How you answered each question: that is only counted, over groups of 5 or more" in unseen
    scene.agree(False)
    unseen = scene.get(scene.preferences).text.split("And what not")[1]
    assert "Whether you open e-mails or follow links: that is not recorded" in unseen


def test_where_answers_are_shown_to_hr_the_page_says_so(database: Database) -> None:
    scene = open_scene(database, answers_visible_to_admins=True)
    seen = scene.get(scene.preferences).text.split('id="hr"')[1].split("And what not")[0]
    assert "How you answered each question</li>" in seen
