"""A check-in's page: marked as done in one press; what is written is its writer's alone."""

import re

from sqlalchemy import select

from models.own import read_notes
from models.tables import EnrolmentRow
from tests.integration.web.scene import RECALL, Scene


def chosen_pace(scene: Scene) -> str | None:
    with scene.database.reading() as session:
        return session.scalar(select(EnrolmentRow.chosen_pace))


def notes(scene: Scene) -> list[tuple[str, str]]:
    with scene.database.reading() as session:
        return [(note.about, note.text) for note in read_notes(session, scene.enrolment_id)]


def test_the_page_asks_its_three_questions(scene: Scene) -> None:
    page = scene.get(scene.check_in).text
    assert "Day 30</h1>" in page
    assert all(f"<li>{ask}</li>" in page for ask in ("Whom do you know now?", "What surprised you?", "What next?"))


def test_what_is_written_is_kept_for_its_writer_and_shown_by_no_link_of_the_mail(scene: Scene) -> None:
    page = scene.press(scene.check_in, done="yes", text="I listen\r\ntoo little.\0  ")
    assert "What you wrote is kept for you alone." in page.text
    assert notes(scene) == [("check-in-30", "I listen\ntoo little.")]
    assert all("too little" not in str(event.value) for event in scene.events())
    for path in (scene.check_in, scene.my_days, scene.preferences):
        assert "too little" not in scene.get(path).text


def test_nothing_written_is_no_note(scene: Scene) -> None:
    scene.press(scene.check_in, done="yes", text=" \r\n ")
    assert notes(scene) == []


def test_other_words_are_another_press_and_the_same_words_are_not(scene: Scene) -> None:
    nonce = scene.nonce(scene.check_in)
    for text in ("One.", "One.", "Two."):
        scene.press(scene.check_in, nonce=nonce, done="yes", text=text)
    assert notes(scene) == [("check-in-30", "Two."), ("check-in-30", "One.")]


def test_too_many_words_are_given_back_and_not_lost(scene: Scene) -> None:
    text = "ä" * 1501
    page = scene.press(scene.check_in, done="yes", text=text)
    assert page.status_code == 400
    assert "Nothing was kept: that is 1501 characters long, and there is room for 1500." in page.text
    assert f">{text}</textarea>" in page.text
    assert notes(scene) == []
    assert scene.press(scene.check_in, done="yes", text="ä" * 1500).status_code == 200


def test_too_much_is_one_press_to_fewer_mails_and_leaves_the_check_in_open(scene: Scene) -> None:
    page = scene.get(scene.check_in).text
    assert re.search(r'<button [^>]*name="pace" [^>]*value="light">\s*Too much: send me fewer', page)
    page = scene.press(scene.check_in, pace="light").text
    assert "From now on: At most 2 in any seven days, at least 3 days apart." in page
    assert chosen_pace(scene) == "light"
    assert "marked as done" not in page
    (event,) = [event for event in scene.events() if event.kind == "check_in"]
    assert event.value == {"pace": "light"}


def test_where_no_pace_is_slower_a_pause_is_offered(scene: Scene) -> None:
    scene.press(scene.preferences, action="pace", pace="light")
    page = scene.get(scene.check_in).text
    assert 'name="pace"' not in page
    assert "There is no slower pace." in page


def test_one_press_marks_it_as_done_and_leaves_the_pace_alone(scene: Scene) -> None:
    page = scene.press(scene.check_in, done="yes", pace="")
    assert (page.status_code, "Day 30 is marked as done." in page.text) == (200, True)
    (event,) = [event for event in scene.events() if event.kind == "check_in"]
    assert (event.position, event.value) == (4, {"done": "yes"})
    assert chosen_pace(scene) is None


def test_the_same_press_twice_is_one_check_in(scene: Scene) -> None:
    nonce = scene.nonce(scene.check_in)
    for _ in range(2):
        assert scene.press(scene.check_in, nonce=nonce, done="yes").status_code == 200
    assert [event.kind for event in scene.events()].count("check_in") == 1


def test_a_pace_chosen_beside_it_holds_from_now_on(scene: Scene) -> None:
    planned = scene.add_mail()
    page = scene.press(scene.check_in, done="yes", pace="light")
    assert "From now on: At most 2 in any seven days, at least 3 days apart." in page.text
    assert chosen_pace(scene) == "light"
    assert planned not in [row[0] for row in scene.tables()["mails"]]


def test_what_makes_no_sense_keeps_nothing_and_says_so(scene: Scene) -> None:
    before = scene.tables(without=["events"])
    for fields in ({}, {"done": ""}, {"done": "yes", "pace": "hasty"}, {"done": "yes", "nonce": "x"}):
        page = scene.press(scene.check_in, **fields)
        assert page.status_code == 400
        assert 'role="alert"' in page.text
    assert scene.tables(without=["events"]) == before
    assert all(event.kind == "page" for event in scene.events())


def test_what_is_no_check_in_has_no_such_page(scene: Scene) -> None:
    assert scene.get(scene.path("c", scene.mail_id, RECALL)).status_code == 404


def test_a_check_in_that_config_no_longer_has_is_gone(scene: Scene) -> None:
    scene.programmes.clear()
    assert scene.get(scene.check_in).status_code == 410
