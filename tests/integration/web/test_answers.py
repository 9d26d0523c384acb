"""A question's page: shown, pressed, pressed twice, pressed again."""

import re
from dataclasses import replace

from models.database import Database
from tests.integration.web.scene import APPLICATION, PLAIN_TIP, PROGRAMME, RECALL, REFLECTION, Scene, open_scene

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
        assert "Please press one of the three buttons." in page.text
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
