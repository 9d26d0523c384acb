"""A check-in's page: marked as done in one press, and no words taken that would be lost."""

from sqlalchemy import select

from models.tables import EnrolmentRow
from tests.integration.web.scene import RECALL, Scene


def chosen_pace(scene: Scene) -> str | None:
    with scene.database.reading() as session:
        return session.scalar(select(EnrolmentRow.chosen_pace))


def test_the_page_asks_its_three_questions_and_takes_no_words(scene: Scene) -> None:
    page = scene.get(scene.check_in).text
    assert "Day 30</h1>" in page
    assert all(f"<li>{ask}</li>" in page for ask in ("Whom do you know now?", "What surprised you?", "What next?"))
    assert "<textarea" not in page
    assert 'type="text"' not in page


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


def test_the_pace_that_holds_is_not_offered_twice(scene: Scene) -> None:
    page = scene.get(scene.check_in).text
    assert 'value="light"' in page
    assert 'value="full"' in page
    assert 'value="standard"' not in page


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
