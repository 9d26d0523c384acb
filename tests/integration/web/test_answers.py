"""A question's page: shown, pressed, pressed twice, pressed again."""

import re
from dataclasses import replace
from datetime import date

from models.database import Database
from models.domain import History
from models.store import read_enrolments
from models.tables import MailItemRow
from scheduler.history import read_histories
from tests.builders import at
from tests.integration.web.scene import (
    APPLICATION,
    PLAIN_TIP,
    PROGRAMME,
    RECALL,
    REFLECTION,
    RESOURCE,
    Scene,
    open_scene,
)

BUTTONS = {
    RECALL: [("using", "Knew it"), ("nearly", "Nearly"), ("forgot", "Forgot")],
    APPLICATION: [("using", "Have a plan"), ("nearly", "Partly"), ("forgot", "Not yet")],
    REFLECTION: [("using", "Thought it through"), ("nearly", "Partly"), ("forgot", "Not yet")],
}


def test_each_kind_of_question_has_its_own_three_buttons(scene: Scene) -> None:
    for position, buttons in BUTTONS.items():
        page = scene.get(scene.question(position)).text
        found = re.findall(r'<button [^>]*name="answer" [^>]*value="(.+)">\s*(.+?)\s*</button>', page)
        assert found == buttons


def test_the_page_asks_first_and_folds_the_answer_away(scene: Scene) -> None:
    page = scene.get(scene.question()).text
    assert "What is the recall of listen-first?</h1>" in page
    assert page.index("<h1") < page.index("<details") < page.index("The recall.") < page.index("</details>")
    assert "Listen first" not in page  # the tip's headline would give the answer away


def test_a_pressed_answer_is_kept_and_the_tip_is_told_again(scene: Scene) -> None:
    page = scene.press(scene.question(), answer="nearly")
    assert page.status_code == 200
    assert "<strong>Nearly</strong>" in page.text
    assert "Thank you" in page.text
    assert "Ring one partner and ask what is hardest." in page.text
    assert "The recall." in page.text
    assert scene.answers() == ["nearly"]


def test_the_same_press_twice_is_one_answer(scene: Scene) -> None:
    nonce = scene.nonce(scene.question())
    scene.wait(seconds=5)
    pages = [scene.press(scene.question(), nonce=nonce, answer="using") for _ in range(2)]
    assert [page.status_code for page in pages] == [200, 200]
    assert scene.answers() == ["using"]


def test_two_pages_that_were_shown_in_one_instant_are_two_pages(scene: Scene) -> None:
    question = scene.question(RECALL)
    marks = [scene.nonce(question), scene.nonce(question)]
    for mark in marks:
        scene.press(question, nonce=mark, answer="using")
    assert scene.answers() == ["using", "using"]


def test_who_thinks_again_presses_on_the_page_of_thanks_and_the_last_answer_counts(scene: Scene) -> None:
    thanks = scene.press(scene.question(), answer="using")
    nonce = thanks.text.split('name="nonce" value="')[1].split('"')[0]
    second = scene.press(scene.question(), nonce=nonce, answer="forgot")
    assert "<strong>Forgot</strong>" in second.text
    third = scene.press(scene.question(), answer="using")
    assert "<strong>Knew it</strong>" in third.text
    assert scene.answers() == ["using", "forgot", "using"]


def test_who_goes_back_and_presses_another_button_has_changed_his_mind(scene: Scene) -> None:
    nonce = scene.nonce(scene.question())
    scene.press(scene.question(), nonce=nonce, answer="forgot")
    scene.press(scene.question(), nonce=nonce, answer="nearly")
    assert scene.answers() == ["forgot", "nearly"]


def test_a_press_that_is_sent_again_later_does_not_undo_the_newer_answer(scene: Scene) -> None:
    old = scene.nonce(scene.question())
    scene.press(scene.question(), nonce=old, answer="forgot")
    scene.press(scene.question(), answer="using")
    again = scene.press(scene.question(), nonce=old, answer="forgot")
    assert "<strong>Knew it</strong>" in again.text
    assert scene.answers() == ["forgot", "using"]


def test_an_answered_question_says_so_and_not_what_was_answered(scene: Scene) -> None:
    assert "has been answered" not in scene.get(scene.question()).text
    scene.press(scene.question(), answer="forgot")
    page = scene.get(scene.question()).text
    assert "This question has been answered." in page
    assert "kept" not in page
    assert "has been answered" not in scene.get(scene.question(APPLICATION)).text


def test_a_page_that_is_not_ours_keeps_nothing_and_says_so(scene: Scene) -> None:
    for nonce in ("", "x", "0" * 200, "\0", "ä.1.0", "a" * 24 + ".1800000000000.0"):
        page = scene.press(scene.question(), nonce=nonce, answer="using")
        assert page.status_code == 400
        assert "nothing was kept" in page.text
        assert 'role="alert"' in page.text
        assert "<button" in page.text
    assert scene.events() == ()


def test_the_mark_of_one_page_does_not_serve_another(scene: Scene) -> None:
    for other in (scene.question(APPLICATION), scene.preferences, scene.check_in):
        page = scene.press(scene.question(), nonce=scene.nonce(other), answer="using")
        assert page.status_code == 400
    assert scene.answers() == []


def test_an_answer_that_is_none_keeps_nothing_and_says_so(scene: Scene) -> None:
    for answer in ("", "perhaps", "USING", "using\0", "using " * 100):
        page = scene.press(scene.question(), answer=answer)
        assert page.status_code == 400
        assert "Please press one of the buttons." in page.text
    assert scene.answers() == []


def test_an_answer_lets_the_next_nudge_be_planned_afresh_once(scene: Scene) -> None:
    nonce = scene.nonce(scene.question())
    planned = scene.add_mail()
    scene.press(scene.question(), nonce=nonce, answer="using")
    assert planned not in [row[0] for row in scene.tables()["mails"]]
    again = scene.add_mail()
    scene.press(scene.question(), nonce=nonce, answer="using")
    assert again in [row[0] for row in scene.tables()["mails"]]


def test_a_nudge_that_was_tried_already_stays(scene: Scene) -> None:
    tried = scene.add_mail(tries=1, message=b"bytes")
    scene.press(scene.question(), answer="using")
    assert tried in [row[0] for row in scene.tables()["mails"]]


def test_a_tip_that_was_not_asked_about_has_no_page(scene: Scene) -> None:
    assert scene.get(scene.question(PLAIN_TIP)).status_code == 404
    assert scene.get(scene.question(99)).status_code == 404


def test_a_question_that_config_no_longer_has_is_gone_and_a_press_on_it_still_counts(scene: Scene) -> None:
    nonce = scene.nonce(scene.question())
    scene.programmes.clear()
    page = scene.get(scene.question())
    assert page.status_code == 410
    assert "no longer part of the programme" in page.text
    assert scene.press(scene.question(), nonce=nonce, answer="using").status_code == 200
    assert scene.answers() == ["using"]


def test_an_answer_is_kept_of_a_leader_who_left(scene: Scene) -> None:
    scene.browser.post(scene.leaving, data={"List-Unsubscribe": "One-Click"})
    scene.press(scene.question(), answer="nearly")
    assert scene.answers() == ["nearly"]


def test_after_the_answer_it_says_when_the_next_mail_comes_and_what_it_brings(scene: Scene) -> None:
    page = scene.press(scene.question(), answer="using").text
    assert "Your next e-mail is planned for <strong>Thursday 14 January 2027, about 08:30</strong>." in page
    assert "<li>The welcome</li>" in page  # which always comes first, and has not come here
    assert scene.my_days in page


def test_where_no_more_mail_is_to_come_it_says_so(scene: Scene) -> None:
    scene.press(scene.preferences, action="leave")
    assert "No more e-mails are planned for you as things stand." in scene.press(scene.question(), answer="using").text


# ---------------------------------------------------------------- something to read, not read yet


def ask_about_reading(scene: Scene) -> str:
    """The path of a question about the resource, in a later mail."""
    mail = scene.add_mail(state="sent", slot=at("2027-01-19 08:30"), local_date=date(2027, 1, 19), ended_at=scene.now)
    with scene.database.sessions.begin() as session:
        line = {"item": "short-report", "kind": "resource", "placed": "prompt", "question": "application"}
        session.add(MailItemRow(mail_id=mail, position=0, **line))
    return scene.path("a", mail, 0)


def test_a_question_about_something_to_read_can_be_put_off_without_counting_as_forgotten(scene: Scene) -> None:
    question = ask_about_reading(scene)
    assert "Not read yet" in scene.get(question).text
    page = scene.press(question, answer="unread").text
    assert "<strong>Not read yet</strong>. So it does not count as forgotten." in page
    assert 'href="https://example.org/report"' in page
    history = read_history(scene)
    assert [(item.unread, item.answer) for item in history.nudges[-1].items] == [(True, None)]


def test_who_reads_it_after_all_changes_the_answer_and_the_last_word_counts(scene: Scene) -> None:
    question = ask_about_reading(scene)
    for press, expected in (("unread", (True, None)), ("nearly", (False, "nearly")), ("unread", (True, None))):
        scene.press(question, answer=press)
        (item,) = read_history(scene).nudges[-1].items
        assert (item.unread, item.answer) == expected


def test_what_was_followed_or_answered_in_another_mail_cannot_be_unread(scene: Scene) -> None:
    question = ask_about_reading(scene)
    scene.wait(hours=1)
    scene.get(scene.path("l", scene.mail_id, RESOURCE))
    assert "Not read yet" not in scene.get(question).text


def test_a_tip_came_in_the_mail_itself_and_is_never_unread(scene: Scene) -> None:
    assert "Not read yet" not in scene.get(scene.question()).text
    assert scene.press(scene.question(), answer="unread").status_code == 400
    assert scene.answers() == []


def read_history(scene: Scene) -> History:
    with scene.database.reading() as session:
        enrolments = read_enrolments(session, tracking=scene.site.tracking(), ids=[scene.enrolment_id])
        return read_histories(session, enrolments)[scene.enrolment_id]


def test_the_texts_of_authors_cannot_become_markup(database: Database) -> None:
    scene = open_scene(database)
    programme = scene.programmes[PROGRAMME]
    tip = programme.items["listen-first"]
    assert tip.questions
    hostile = '<script>alert("x")</script>'

    question = replace(tip.questions[0], ask=hostile, answer=hostile)
    items = {**programme.items, tip.id: replace(tip, title=hostile, questions=(question,))}
    scene.programmes[PROGRAMME] = replace(programme, items=items)
    page = scene.get(scene.question()).text
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 3
    thanks = scene.press(scene.question(), answer="using").text
    assert "<script" not in thanks
