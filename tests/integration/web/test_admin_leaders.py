"""The admin pages about leaders: whom they show, and what can be done there."""

from datetime import date

import pytest
from sqlalchemy import select

from models.store import read_enrolments
from models.tables import AuditRow, EnrolmentRow, MailRow, PauseRow
from tests.builders import build_enrolment, build_leader, keep_enrolment
from tests.integration.web.admin import Visitor, enter, read_text
from tests.integration.web.scene import Scene

SAM, KIM = "sam.sample@example.org", "kim@example.org"
OWN, OTHER = "Example Hospitals", "Moor & <Dale> Trust"


@pytest.fixture
def kim(scene: Scene) -> int:
    """A leader of another organisation; the number of the enrolment."""
    leader = build_leader(key=KIM, email=KIM, name="Kim <b>Example</b>", organisation=OTHER)
    with scene.database.sessions.begin() as session:
        return keep_enrolment(session, build_enrolment(leader=leader, cohort="spring")).id


def list_names(visitor: Visitor, query: str = "") -> list[str]:
    text = read_text(visitor.get(f"/admin/leaders{query}"))
    return [email for email in (SAM, KIM) if email in text]


# ---------------------------------------------------------------- the list


def test_every_leader_is_listed_with_where_they_stand(scene: Scene, kim: int) -> None:
    page = enter(scene).get("/admin/leaders")
    text = read_text(page)
    assert "2 found" in text
    assert "Sam Sample sam.sample@example.org Director Example Hospitals Active 1 1 0 –" in text
    assert "Kim <b>Example</b> kim@example.org Director Moor & <Dale> Trust Waiting 1 0 0 –" in text
    assert f'href="/admin/leaders/{kim}"' in page.text
    assert "<b>Example</b>" not in page.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=SAMPLE", [SAM]),
        ("?q=kim+example.org", [KIM]),
        ("?q=kim+sample", []),
        ("?status=waiting", [KIM]),
        ("?cohort=spring", [KIM]),
        ("?organisation=Example+Hospitals", [SAM]),
        ("?role=director", [SAM, KIM]),
        ("?role=emperor", []),
        ("?sort=nothing&page=9", [SAM, KIM]),
        ("?q=%25&status=&role=", []),
    ],
)
def test_the_list_is_searched_and_filtered(scene: Scene, kim: int, query: str, expected: list[str]) -> None:
    assert list_names(enter(scene), query) == expected


def test_a_page_holds_fifty_and_leads_to_the_next_with_the_same_search(scene: Scene) -> None:
    with scene.database.sessions.begin() as session:
        for number in range(60):
            leader = build_leader(key=f"p{number}", email=f"p{number:02}@example.org", name=f"Person {number:02}")
            keep_enrolment(session, build_enrolment(leader=leader))
    visitor = enter(scene)
    first = visitor.get("/admin/leaders?q=person&status=waiting")
    assert "60 found, page 1 of 2" in read_text(first)
    assert ("p49@example.org" in first.text, "p50@example.org" in first.text) == (True, False)
    assert 'href="?q=person&amp;status=waiting&amp;page=2"' in first.text
    assert "p50@example.org" in visitor.get("/admin/leaders?q=person&status=waiting&page=2").text


# ---------------------------------------------------------------- whose leaders


def test_an_account_of_an_organisation_sees_its_leaders_alone(scene: Scene, kim: int) -> None:
    visitor = enter(scene, role="hr", organisations=(OWN,))
    assert list_names(visitor) == [SAM]
    assert "Moor" not in visitor.get("/admin/leaders").text
    assert visitor.get(f"/admin/leaders/{scene.enrolment_id}").status_code == 200


def test_somebody_elses_leader_is_as_unknown_as_one_that_there_is_not(scene: Scene, kim: int) -> None:
    visitor = enter(scene, role="admin", organisations=(OWN,))
    before = scene.tables()
    pages = [visitor.get(f"/admin/leaders/{number}") for number in (kim, 9999)]
    assert [page.status_code for page in pages] == [404, 404]
    assert pages[0].text == pages[1].text
    own = f"/admin/leaders/{scene.enrolment_id}"
    for action in ("pause", "resume", "withdraw", "reinstate"):
        for fields in ({}, {"sure": "yes"}):
            answers = [
                visitor.press(own, f"/admin/leaders/{number}/{action}", **fields) for number in (kim, 9999, 2**80)
            ]
            assert {(answer.status_code, answer.text) for answer in answers} == {(404, pages[0].text)}
    assert scene.tables() == before


def test_a_leader_who_changes_the_organisation_is_seen_by_the_new_one_from_then_on(scene: Scene, kim: int) -> None:
    visitor = enter(scene, role="viewer", organisations=(OWN,))
    with scene.database.sessions.begin() as session:
        row = session.get_one(EnrolmentRow, kim)
        session.connection().exec_driver_sql(
            f"UPDATE leaders SET organisation = '{OWN}' WHERE id = {row.leader_id}"  # noqa: S608
        )
    assert list_names(visitor) == [SAM, KIM]


# ---------------------------------------------------------------- one leader


def test_a_leaders_page_tells_what_was_sent_what_comes_and_why(scene: Scene) -> None:
    text = read_text(enter(scene).get(f"/admin/leaders/{scene.enrolment_id}"))
    for words in ("Sam Sample", "Active on day 1", "Tue 12 Jan 2027, 08:30", "a question about “Listen first”", "Why"):
        assert words in text
    assert "To come" in text


def test_how_a_question_was_answered_is_not_told_unless_the_setting_says_so(scene: Scene) -> None:
    scene.press(scene.question(), answer="nearly")
    scene.press(scene.check_in, done="yes", text="my chair is a riddle")
    page = enter(scene).get(f"/admin/leaders/{scene.enrolment_id}")
    assert "nearly" not in page.text
    assert "riddle" not in page.text
    assert "checked in" in page.text


def test_how_a_question_was_answered_is_told_where_the_setting_says_so(scene: Scene) -> None:
    open_one = open_scene_with_answers(scene)
    open_one.press(open_one.question(), answer="nearly")
    page = enter(open_one).get(f"/admin/leaders/{scene.enrolment_id}")
    assert "nearly" in page.text


def open_scene_with_answers(scene: Scene) -> Scene:
    from dataclasses import replace

    from web.app import create_app

    settings = scene.site.settings.model_copy(update={"answers_visible_to_admins": True})
    site = replace(scene.site, settings=settings)
    browser = type(scene.browser)(create_app(site), base_url=settings.public_url, headers={"user-agent": "Firefox/140"})
    return Scene(
        database=scene.database,
        site=site,
        browser=browser,
        programmes=scene.programmes,
        now=scene.now,
        enrolment_id=scene.enrolment_id,
        mail_id=scene.mail_id,
    )


# ---------------------------------------------------------------- what can be done


def test_hr_pauses_and_resumes_a_leader_and_the_audit_names_who(scene: Scene) -> None:
    visitor = enter(scene, "hr@example.org", role="hr")
    page = f"/admin/leaders/{scene.enrolment_id}"
    paused = visitor.press(page, f"{page}/pause", until="2027-01-20")
    assert "Paused. The leader is told by mail." in read_text(visitor.go_on(paused))
    with scene.database.reading() as session:
        (pause,) = session.scalars(select(PauseRow))
        assert (pause.first, pause.last, pause.by) == (date(2027, 1, 12), date(2027, 1, 20), "admin")
    assert "Paused on day" in read_text(visitor.get(page))
    visitor.press(page, f"{page}/resume")
    with scene.database.reading() as session:
        lines = session.scalars(select(AuditRow).where(AuditRow.leader_key == SAM).order_by(AuditRow.id))
        told = [(line.action, line.actor, line.account) for line in lines]
        notices = [notice for notice in session.scalars(select(MailRow.notice)) if notice is not None]
    assert told[-2:] == [("paused", "admin", "hr@example.org"), ("resumed", "admin", "hr@example.org")]
    assert notices[-1] == {"says": "resumed", "values": {"by": "admin"}}


@pytest.mark.parametrize(("until", "says"), [("2020-01-01", "is past"), ("soon", "Write the last day")])
def test_a_pause_that_makes_no_sense_is_said_and_changes_nothing(scene: Scene, until: str, says: str) -> None:
    visitor, page = enter(scene), f"/admin/leaders/{scene.enrolment_id}"
    before = scene.tables()
    answer = visitor.press(page, f"{page}/pause", until=until)
    assert (answer.status_code, says in read_text(answer)) == (400, True)
    assert scene.tables() == before


def test_a_leader_is_withdrawn_after_one_more_question(scene: Scene) -> None:
    visitor, page = enter(scene), f"/admin/leaders/{scene.enrolment_id}"
    before = scene.tables()
    asked = visitor.press(page, f"{page}/withdraw")
    assert "take it back on their page for 30 days" in read_text(asked)
    assert scene.tables() == before
    visitor.press(page, f"{page}/withdraw", sure="yes", why="took another post")
    with scene.database.reading() as session:
        (enrolment,) = read_enrolments(session, tracking={}, ids=(scene.enrolment_id,))
    assert enrolment.stopped == "withdrawn"
    with scene.database.reading() as session:  # no mail that says they asked for it
        notices = [notice for notice in session.scalars(select(MailRow.notice)) if notice is not None]
    assert "left" not in {notice["says"] for notice in notices}
    text = read_text(visitor.get(page))
    assert "There is nothing left to pause" in text
    assert "Withdrawn since 12 January 2027; by HR" in text
    assert "That can be taken back until 11 February 2027" in text
    assert "comes back only by their own link" not in text


def test_hr_takes_its_own_withdrawal_back_and_no_leaving_of_the_leaders(scene: Scene) -> None:
    visitor, page = enter(scene), f"/admin/leaders/{scene.enrolment_id}"
    visitor.press(page, f"{page}/withdraw", sure="yes")
    scene.browser.post(scene.leaving, data={"List-Unsubscribe": "One-Click"})
    answer = visitor.press(page, f"{page}/reinstate")
    assert "The withdrawal is taken back." in read_text(visitor.go_on(answer))
    text = read_text(visitor.get(page))
    assert ("comes back only by their own link" in text, "Take the withdrawal back" in text) == (True, False)
    again = visitor.press(page, f"{page}/reinstate")
    assert "nothing has changed" in read_text(visitor.go_on(again))
    with scene.database.reading() as session:
        (enrolment,) = read_enrolments(session, tracking={}, ids=(scene.enrolment_id,))
    assert enrolment.stopped == "withdrawn"


def test_a_withdrawal_in_the_leaders_file_is_taken_back_there(scene: Scene) -> None:
    visitor, page = enter(scene), f"/admin/leaders/{scene.enrolment_id}"
    with scene.database.sessions.begin() as session:
        row = session.get_one(EnrolmentRow, scene.enrolment_id)
        row.config_status, row.withdrawn_at = "withdrawn", scene.now
    text = read_text(visitor.get(page))
    assert ("The leaders’ file says withdrawn" in text, "Take the withdrawal back" in text) == (True, False)
    before = scene.tables()
    answer = visitor.press(page, f"{page}/reinstate")
    assert (answer.status_code, "says withdrawn; change that there" in read_text(answer)) == (400, True)
    assert scene.tables() == before


def test_a_viewer_is_offered_no_button_and_pressing_one_does_nothing(scene: Scene) -> None:
    visitor, page = enter(scene, role="viewer"), f"/admin/leaders/{scene.enrolment_id}"
    assert "/pause" not in visitor.get(page).text
    before = scene.tables()
    for action in ("pause", "resume", "withdraw", "reinstate"):
        assert visitor.press(page, f"{page}/{action}", sure="yes").status_code == 403
    assert scene.tables() == before
